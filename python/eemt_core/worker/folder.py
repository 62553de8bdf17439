"""The folder in which a worker works, and the removal of folders that killed workers left.

Each folder holds a lock that the worker and its tasks inherit. So a folder whose lock is free has
no worker any more, on whatever machine or in whatever container that ran.

Work Queue's worker writes the real name of its folder into a shell's command without quotes: a
blank makes it fail, and ``$(...)`` would be executed. So only plain names are used.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import ResourceError

PREFIX = "eemt-worker-"
_LOCK = ".lock"
_TEMPORARY = ("_CONDOR_SCRATCH_DIR", "SLURM_TMPDIR", "TMPDIR", "TEMP", "TMP")
_LAST_RESORTS = ("/tmp", "/var/tmp")
# characters without a meaning for any shell; no colons or commas, which separate paths in lists
_PLAIN = re.compile(r"/[A-Za-z0-9_./+=@%-]*")
_LONGEST = 400  # Work Queue's buffers hold somewhat more than 900, with what a task adds


@dataclass(frozen=True)
class WorkFolder:
    """A folder of our own and the descriptor of its lock, for child processes to inherit."""

    path: Path
    lock: int


def default_work_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of temporary files: the batch system's, TMPDIR, or /tmp."""
    environ = os.environ if environ is None else environ
    return Path(next(_temporary(environ), _LAST_RESORTS[0]))


def _temporary(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the folders that variables name; a relative one would lie wherever we are started."""
    for name in _TEMPORARY:
        if Path(environ.get(name, "")).is_absolute():
            yield environ[name]


def place_to_work(
    work_dir: Path, environ: Mapping[str, str] | None = None, *, make: bool = True
) -> Path:
    """Return the real path of `work_dir`, or of a folder to use in its place.

    It is made if need be and `make` allows: a manager has made the folder of its own workers, and
    where it is gone since, so is the run.

    Another one it is where Work Queue's worker cannot be given the name: the first folder of
    temporary files whose name is plain.

    Raises
    ------
    ResourceError
        If nothing can be written there, or no folder has a plain name.
    """
    environ = os.environ if environ is None else environ
    wanted = Path(os.path.realpath(work_dir))
    if _is_plain(wanted):
        prepare(wanted, make=make)
        return wanted
    for other in (*_temporary(environ), *_LAST_RESORTS):
        place = Path(os.path.realpath(other))
        if _is_plain(place) and place.is_dir():
            with suppress(ResourceError):
                prepare(place)
                return place
    raise ResourceError(
        f"the work folder {wanted} has a name that Work Queue's worker cannot work in, and "
        f"{' and '.join(_LAST_RESORTS)} cannot be written",
        remedy=f"name a folder of letters, digits and hyphens, {_LONGEST} characters at most, "
        "with <<work_dir>> or TMPDIR",
        field="work_dir",
        value=wanted,
    )


def _is_plain(path: Path) -> bool:
    return bool(_PLAIN.fullmatch(str(path))) and len(str(path)) <= _LONGEST


def prepare(work_dir: Path, *, make: bool = True) -> None:
    """Make the folder if asked to; raise `ResourceError` if nothing can be written there."""
    try:
        if make:
            work_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=work_dir):
            pass
    except OSError as error:
        raise ResourceError(
            f"the work folder {work_dir} cannot be written ({error.strerror})",
            remedy="name another with <<work_dir>>",
            field="work_dir",
            value=work_dir,
        ) from None


@contextmanager
def work_folder(work_dir: Path) -> Iterator[WorkFolder]:
    """Make a folder of our own in `work_dir` and remove it in the end.

    If `work_dir` was removed meanwhile, Work Queue's worker may have made it again to go on in it;
    that goes too, with the folder above it, unless others have put something there.
    """
    path = work_dir / f"{PREFIX}{secrets.token_hex(8)}"
    with ExitStack() as stack:  # of all that there is, since a signal may interrupt us at any point
        # held open, so that no new folder can have the number of a removed one
        around = (work_dir, work_dir.parent)
        places = [(place, os.open(place, os.O_PATH | os.O_DIRECTORY)) for place in around]
        stack.callback(_remove_remade, places)
        stack.callback(shutil.rmtree, path, ignore_errors=True)
        path.mkdir(mode=0o700)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        stack.callback(os.close, lock)
        with suppress(OSError):  # a file system without locks, where abandoned folders stay
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield WorkFolder(path, lock)


def _remove_remade(places: list[tuple[Path, int]]) -> None:
    """Close all folders; remove those that were made anew and are empty, the innermost first."""
    is_remade = True
    for place, opened in places:
        with suppress(OSError):
            is_remade = is_remade and not os.path.samestat(os.fstat(opened), place.stat())
            if is_remade:
                place.rmdir()
        os.close(opened)


def clear_abandoned(work_dir: Path) -> list[Path]:
    """Remove the folders of workers that are gone; return them."""
    removed = []
    for path in sorted(work_dir.glob(f"{PREFIX}*")):
        if _is_abandoned(path):
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path)
    return removed


def _is_abandoned(path: Path) -> bool:
    try:
        if path.is_symlink() or path.stat().st_uid != os.getuid():
            return False
        lock = os.open(path / _LOCK, os.O_RDWR)
    except OSError:  # no lock: not one of ours, or one that is just being made
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True
