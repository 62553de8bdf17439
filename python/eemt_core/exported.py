"""Tiles that plain processes compute without a manager: the folder they lie in, and one of them.

======================  ====================================================================
``tiles.txt``           names of all tiles, one in a line
``export.json``         of which run they are
``tiles/NAME/``         a task's folder as `tiles.contract` has it, which nobody changes, and the
                        checksum of its ``task.json`` in ``task.sha256``
``results/NAME/``       what a process left of it: ``results.blocks`` and ``result.json``
``wetness/``            the wetness index of the whole DEM, where the run has it computed
``missing.txt``         names of the tiles that had no valid result when they were collected last
======================  ====================================================================

The folder may be moved, copied in part, and used by any number of processes on any machines that
see it. A process works under a name of its own and renames what it left once it has verified it:
under a tile's name lie complete results only, whoever is killed at whatever time.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import platform
import re
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

from .code_identity import tile_code
from .errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from .files import read_file, read_json, sha256_file, xxh3_file
from .numerals import whole
from .tiles.compute import carry_out
from .tiles.contract import (
    ARRAYS_FILE,
    BLOCKS_FILE,
    RESULT_FILE,
    TASK_FILE,
    check_inputs,
    read_result,
    read_task,
    write_result,
)
from .tiles.result import InvalidResultError, TaskResult
from .tiles.task import Task

NAMES_FILE, ABOUT_FILE, MISSING_FILE = "tiles.txt", "export.json", "missing.txt"
CHECKSUM_FILE = "task.sha256"
TASKS, RESULTS, WETNESS = "tiles", "results", "wetness"

WETNESS_FILES = (RESULT_FILE, ARRAYS_FILE, BLOCKS_FILE)
"""Of the task that has computed the wetness index."""

_NAME = re.compile(r"tile-\d{6,12}", re.ASCII)
_LOCK_FILE, _SURELY_LOCKED_S = "running", 60.0
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
_FULL = (errno.ENOSPC, errno.EDQUOT)


def task_folder(exported: Path, name: str) -> Path:
    """Return where the inputs of a tile lie."""
    return exported / TASKS / name


def result_folder(exported: Path, name: str) -> Path:
    """Return where the result of a tile lies once it is complete."""
    return exported / RESULTS / name


def seal(exported: Path, name: str) -> None:
    """Write the checksum of a tile's description, which has those of its other files."""
    folder = task_folder(exported, name)
    (folder / CHECKSUM_FILE).write_text(sha256_file(folder / TASK_FILE) + "\n", encoding="ascii")


def tile_names(exported: Path) -> list[str]:
    """Return the names of all tiles in a folder, in their order.

    Raises
    ------
    InputError
        If it holds no list of tiles.
    """
    path = exported / NAMES_FILE
    try:
        names = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        names = []
    if not names or not all(map(_NAME.fullmatch, names)):
        raise InputError(
            f"{path} is no list of tiles",
            remedy="give the folder that <<export_tiles>> wrote, or a tile by its name",
            field="folder",
            value=exported,
        )
    return names


def exported_with(exported: Path) -> str | None:
    """Return the instruction set of exported tiles, None where the folder does not say it."""
    try:
        parameters = read_json(exported / ABOUT_FILE).get("parameters")
    except EemtError:
        return None
    met = parameters.get("instruction_set") if isinstance(parameters, dict) else None
    return met if isinstance(met, str) else None


def chosen_tiles(exported: Path, words: Iterable[str]) -> list[str]:
    """Return the names of tiles that are given by name, or by lines of ``tiles.txt`` from 1 on.

    Lines are given as ``5``, or as ``5-8`` for the fifth to the eighth.

    A name needs its own folder alone, so that a job may have no more than that.

    Raises
    ------
    ArgumentError
        If there is no such tile.
    """
    chosen: list[str] = []
    for word in words:
        first, dash, last = word.partition("-")
        numbers = [whole(first), whole(last if dash else first)]
        if numbers[0] is not None and numbers[1] is not None:
            names = tile_names(exported)
            if not 1 <= numbers[0] <= numbers[1] <= len(names):
                raise ArgumentError(
                    f"there is no tile {word}",
                    remedy=f"give a line of {exported / NAMES_FILE}, 1 to {len(names)}, or two as "
                    "FIRST-LAST",
                    field="tile",
                    value=word,
                )
            chosen += names[numbers[0] - 1 : numbers[1]]
        elif _NAME.fullmatch(word) and task_folder(exported, word).is_dir():
            chosen.append(word)
        else:
            raise ArgumentError(
                f"{exported} holds no tile {word!r:.60}",
                remedy=f"give a name or a line number of {exported / NAMES_FILE}",
                field="tile",
                value=word,
            )
    return chosen


def run_exported(exported: Path, name: str) -> bool:
    """Compute a tile and leave its result; say whether there was anything to do.

    Raises
    ------
    EemtError
        If its inputs are missing or damaged, this processor or installation cannot compute it, or
        its result cannot be written. A complete result of another process is never touched.
    KeyboardInterrupt
        When interrupted, even while a kernel computes; nothing is left then.
    """
    source, place = task_folder(exported, name), result_folder(exported, name)
    task = _read_task(source, name)
    if is_complete(place, task):
        return False
    try:
        with _work_folder(place) as part:
            write_result(part, _while_signals_are_heard(lambda: carry_out(source, task, part)))
            if not is_complete(part, task):
                raise ResourceError(
                    f"what was written to {part.parent} reads otherwise",
                    "disk",
                    remedy="check that disk, or the file system of the network",
                )
            (part / _LOCK_FILE).unlink()
            _give_name(part, place, task)
    except (EemtError, OSError) as error:
        if is_complete(place, task):  # another process's, after which ours was cleared away
            return False
        if isinstance(error, OSError) and error.errno in (*_FULL, *_CLOSED):
            raise _cannot_write(place.parent, error) from None
        raise
    return True


def is_complete(folder: Path, task: Task) -> bool:
    """Say whether a folder holds a result of this task, each byte as its checksum says."""
    try:
        result = read_result(
            folder, name=task.name, fingerprint=task.fingerprint, encoded=task.outputs
        )
        encoded, path = result.encoded, folder / BLOCKS_FILE
        status = path.lstat()
        return (
            encoded is not None
            and result.account.instruction_set == task.instruction_set
            and stat.S_ISREG(status.st_mode)
            and status.st_size == encoded.bytes
            and xxh3_file(path) == encoded.xxh3
        )
    except (InvalidResultError, EemtError, OSError, ValueError):
        return False


def remove_leftovers(exported: Path) -> None:
    """Remove what killed processes left, as far as one may; all results must be complete."""
    for part in (exported / RESULTS).glob(".tile-*.part"):
        shutil.rmtree(part, ignore_errors=True)


def _read_task(source: Path, name: str) -> Task:
    """Return the task of a tile with its inputs as they were exported, for this installation."""
    try:
        if read_file(source / CHECKSUM_FILE).strip() != sha256_file(source / TASK_FILE).encode():
            raise InputError(f"{source / TASK_FILE} is damaged: its checksum differs")
        task = read_task(source)
        if task.name != name:
            raise InputError(f"{source} holds the task of {task.name:.60}")
        if task.fingerprint.get("code") != tile_code():
            raise VersionError(
                f"{name} was exported by an eemt-core of the same version but with other code",
                remedy="install on both sides what was built once, or export again with this one",
            )
        check_inputs(source, task)
    except (ArgumentError, InputError, OSError) as error:
        what = f"{source} cannot be read"
        if isinstance(error, EemtError):
            what = error.what
        elif error.strerror:
            what = f"{error.filename} cannot be read ({error.strerror})"
        raise InputError(
            what,
            remedy="copy it again from where the tiles were exported, so that it can be read here",
            field="folder",
            value=source,
        ) from None
    return task


def _while_signals_are_heard(work: Callable[[], TaskResult]) -> TaskResult:
    """Do work beside this thread, which would hear of a signal only after the kernel's end."""
    future: Future[TaskResult] = Future()

    def beside() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=beside, daemon=True).start()
    return future.result()


@contextmanager
def _work_folder(place: Path) -> Iterator[Path]:
    """Give a folder beside `place` for this process alone; nothing stays of it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    of_this_machine = f".{place.name}.{platform.node()}."
    for left in place.parent.glob(f"{glob.escape(of_this_machine)}*.part"):
        _remove_if_abandoned(left)
    part = place.with_name(f"{of_this_machine}{secrets.token_hex(8)}.part")
    try:  # before there is anything, since a signal may interrupt us at any point
        part.mkdir()
        with (part / _LOCK_FILE).open("w") as lock:
            with suppress(OSError):  # there are file systems without locks
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield part
    finally:
        for _ in range(2):  # work that was interrupted may make a file in between
            shutil.rmtree(part, ignore_errors=True)


def _remove_if_abandoned(part: Path) -> None:
    """Remove the folder of a process of this machine that was killed: it has let go of its lock.

    Its number would not tell, since containers have numbers of their own.
    """
    lock = part / _LOCK_FILE
    with suppress(OSError):  # it is held, or has gone, or nothing is known of it
        if time.time() - lock.stat().st_mtime > _SURELY_LOCKED_S:
            with lock.open("a") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(part, ignore_errors=True)


def _give_name(part: Path, place: Path, task: Task) -> None:
    """Rename a complete result; where another process was first, keep that one's if it is whole."""
    while True:
        try:
            part.rename(place)
            return
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        if is_complete(place, task):
            return
        try:
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink()
        except OSError as error:
            if error.errno not in (*_TAKEN, errno.ENOENT):  # another process does the same
                raise


def _cannot_write(folder: Path, error: OSError) -> EemtError:
    space, place = "free space there", "copy the folder of the tiles to where you may write"
    return ResourceError(
        f"results cannot be written to {folder} ({error.strerror})",
        "disk",
        remedy=space if error.errno in _FULL else place,
        field="folder",
        value=folder,
    )
