"""The output folder of a run (OUT): locking it, its working files, and removing old results.

A run owns ``OUT/.eemt``, and the maps listed in ``run.json`` or in the record in ``OUT/.eemt``.
Nothing else in the folder is ever removed.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from ..errors import ArgumentError, EemtError, InputError
from ..errors.system import explain
from ..files import read_json, write_json
from ..journal import JOURNAL_FILE, Journal
from ..journal.job_notes import JOBS_FOLDER
from ..numerals import whole

RUN_FILE = "run.json"
MANAGER_FILE = "manager.json"
STATE_FOLDER = ".eemt"
STATE_FILE = "state.json"
_LOCK_FILE = "lock"
_LONGEST_HOLDER = 300
LONGEST_BYTES = 480
"""Longest path of OUT: SQLite opens the journal there, whose path may have up to 511 bytes."""

_LOCK_PATIENCE_S = 0.5
"""How long to wait for the lock: a command that asks whether a run is alive takes it briefly."""


class OutFolder:
    """Exclusive use of an output folder, from `open` to `close`."""

    def __init__(self, path: Path) -> None:
        self.path = path = path.absolute()
        self.state = path / STATE_FOLDER
        self.tiles = self.state / "tiles"
        self.kept = self.state / "kept"
        self.attempts = self.state / "attempts"
        self.logs = self.state / "logs"
        self.work = self.state / "work"
        self._lock: IO[str] | None = None
        self._created: list[Path] = []
        self._is_over = False

    @property
    def is_finished(self) -> bool:
        """Whether the folder holds the maps and the record of a finished run."""
        return (self.path / RUN_FILE).is_file()

    def open(self, *, overwrite: bool, resume: bool) -> None:
        """Lock the folder for this run, or raise if it must not be used.

        Raises
        ------
        ArgumentError
            If the folder holds a finished or unfinished run and neither `overwrite` nor `resume` is
            set, if another run uses it, or if it holds files that are not of a run.
        """
        length = len(os.fsencode(self.path))
        if length > LONGEST_BYTES:
            raise ArgumentError(
                f"the name of the folder for the maps has {length} bytes from the root on, and its "
                f"journal can be opened with {LONGEST_BYTES} at most",
                remedy="give a shorter one with <<out>>",
                field="out",
                value=self.path,
            )
        if self.path.exists() and not self.path.is_dir():
            raise ArgumentError(
                f"{self.path} is a file",
                remedy="give a folder for the maps with <<out>>",
                field="out",
                value=self.path,
            )
        for name in (RUN_FILE, JOURNAL_FILE, MANAGER_FILE):
            if (self.path / name).is_dir():
                raise ArgumentError(
                    f"{self.path / name} is a folder where a run writes a file",
                    remedy="remove it, or give another folder with <<out>>",
                    field="out",
                    value=self.path,
                )
        finished, unfinished = self.is_finished, self.state.is_dir()
        if not (finished or unfinished) and self._holds_other_files():
            raise ArgumentError(
                f"{self.path} is not empty and was not written by eemt-run",
                remedy="give another folder",
                field="out",
                value=self.path,
            )
        if finished and not (overwrite or resume):
            raise ArgumentError(
                f"{self.path} holds the maps of a run",
                remedy="add <<overwrite>> or <<resume>>",
                field="out",
                value=self.path,
            )
        self._create()
        self._take_lock()
        if unfinished and not finished and not (overwrite or resume) and self._has_tiles():
            self.close()
            raise ArgumentError(
                f"{self.path} holds a run that was not finished",
                remedy="add <<resume>> to go on with it or <<overwrite>> to start again",
                field="out",
                value=self.path,
            )

    @classmethod
    @contextmanager
    def opened(cls, path: Path, *, overwrite: bool, resume: bool) -> Iterator[OutFolder]:
        """Open a folder for a run as `open` does, with its folders made, and leave it in order."""
        folder = cls(path)
        folder.open(overwrite=overwrite, resume=resume)
        try:
            folder.make_folders()
            yield folder
        except Exception:
            # a folder that was removed is the cause, whatever failed first for lack of it
            folder.require_own()
            raise
        finally:
            folder.abandon()

    def clear(self) -> None:
        """Remove the results of an earlier run: the maps in its record, and its tiles."""
        self._remove_listed(self.path / RUN_FILE)
        self.remove_maps()
        (self.path / RUN_FILE).unlink(missing_ok=True)
        for folder in (self.tiles, self.kept):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def remove_maps(self) -> None:
        """Remove the maps that this run has written before it was interrupted."""
        self._remove_listed(self.state / STATE_FILE)

    def note_begun(self, maps: list[str], instruction_set: str) -> None:
        """Record which maps a run will write, and what its tiles are computed with."""
        begun = {"maps": maps, "instruction_set": instruction_set}
        write_json(self.state / STATE_FILE, begun)

    def begun_with(self) -> str | None:
        """Return the instruction set of the run whose tiles or maps are here, if it says one."""
        for record, *way in ((self.state / STATE_FILE,), (self.path / RUN_FILE, "parameters")):
            with suppress(EemtError, AttributeError):
                found: Any = read_json(record)
                for key in way:
                    found = found.get(key)
                if isinstance(met := found.get("instruction_set"), str):
                    return met
        return None

    def make_folders(self) -> None:
        """Create the folders of working files; what is of use to a next run stays in two of them.

        Results of tiles are in ``tiles``, and in ``kept`` what else has been computed.
        """
        for folder in (self.work, self.attempts, self.logs):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (self.tiles, self.kept, self.work, self.attempts):
            folder.mkdir(exist_ok=True)  # without OUT, should it have been removed

    def open_journal(self, *, anew: bool) -> Journal:
        """Open the run's journal for writing; with `anew` it starts empty."""
        path = self.path / JOURNAL_FILE
        return Journal.create(path) if anew else Journal.open(path)

    def make_room(self, name: str) -> None:
        """Create the folders of a map within OUT, but not OUT itself if it has been removed."""
        for folder in reversed(Path(name).parents):
            if folder.name:
                (self.path / folder).mkdir(exist_ok=True)

    def require_own(self) -> None:
        """Raise `InputError` if OUT is no longer the folder that this run locked."""
        if self._lock is None or self._is_over:
            return
        try:
            here = os.stat(f"{self.state}/{_LOCK_FILE}")  # a hundred times a second, maybe
            is_ours = os.path.samestat(here, os.fstat(self._lock.fileno()))
        except OSError:
            is_ours = False
        if not is_ours:
            raise InputError(
                f"{self.path} was removed or replaced while the run was writing there",
                remedy="start it again, and leave its folder alone until it has ended",
                field="out",
                value=self.path,
            )

    def finish(self) -> None:
        """Remove the working files, once all maps are written."""
        self._is_over = True
        shutil.rmtree(self.state, ignore_errors=True)
        self._created.clear()

    def abandon(self) -> None:
        """Remove what `open` created, unless tiles or logs have been written since.

        Logs of a failure are kept, and then also everything that the next run can use.
        """
        try:
            self.require_own()
        except InputError:  # another run or user has replaced the folder
            self._created.clear()
        self.close()
        if self._created and not self._has_tiles() and not _holds_anything(self.logs):
            shutil.rmtree(self.state, ignore_errors=True)
            if not self.is_finished:  # else it is that of the maps, which are still there
                Journal.remove(self.path / JOURNAL_FILE)
            for folder in reversed(self._created):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()

    def close(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _remove_listed(self, record: Path) -> None:
        for name in _listed_maps(record):
            (self.path / name).unlink(missing_ok=True)

    def _create(self) -> None:
        missing = [self.state]
        while not missing[-1].parent.exists():
            missing.append(missing[-1].parent)
        try:
            self.state.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why, _ = explain(error) or (error.strerror, 0)
            raise InputError(
                f"{self.path} cannot be made: {why}", field="out", value=self.path
            ) from None
        self._created = list(reversed(missing))

    def _take_lock(self) -> None:
        # the kernel releases this lock when the process ends, even if it is killed
        lock = (self.state / _LOCK_FILE).open("a+", encoding="ascii", errors="replace")
        deadline = time.monotonic() + _LOCK_PATIENCE_S
        while not _locked(lock):
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            lock.seek(0)
            holder = _told_holder(lock.read(_LONGEST_HOLDER))
            lock.close()
            raise ArgumentError(
                f"{self.path} is in use by another run (process {holder})",
                remedy="wait for it to end",
                field="out",
                value=self.path,
            )
        lock.truncate(0)
        lock.write(f"{os.getpid()} {platform.node()}"[:_LONGEST_HOLDER])
        lock.flush()
        self._lock = lock

    def _holds_other_files(self) -> bool:
        """Return whether OUT holds anything except our own records and empty folders."""
        own = {JOURNAL_FILE, f"{JOURNAL_FILE}-journal", MANAGER_FILE, JOBS_FOLDER}
        return self.path.is_dir() and any(
            path.name not in own and not _is_empty_below(path) for path in self.path.iterdir()
        )

    def _has_tiles(self) -> bool:
        """Return whether a run has begun at least one tile."""
        return any(map(_holds_anything, (self.tiles, self.attempts)))


def _holds_anything(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _is_empty_below(path: Path) -> bool:
    """Whether a folder holds only empty folders, as remain when maps are removed."""
    if path.is_symlink() or not path.is_dir():
        return False
    return all(_is_empty_below(below) for below in path.iterdir())


def _told_holder(content: str) -> str:
    """Return the number of the process that has written a lock, with its machine if not this."""
    number, _, host = content.partition(" ")
    elsewhere = host not in ("", platform.node()) and host.isprintable()
    return f"{whole(number) or '?'}{f' on {host}' if elsewhere else ''}"


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _listed_maps(record: Path) -> list[str]:
    """Return the maps and pictures in a run's record, without paths that lead outside OUT."""
    try:
        content: dict[str, Any] = read_json(record)
    except EemtError:
        return []
    listed = [content.get(kind) for kind in ("maps", "pictures")]
    names = [n for names in listed if isinstance(names, list | dict) for n in names]
    return [name for name in names if isinstance(name, str) and _stays_within(name)]


def _stays_within(name: str) -> bool:
    path = Path(name)
    return "\0" not in name and not path.is_absolute() and ".." not in path.parts
