"""Run a task on a worker with the code that the manager sent, unpacked there once.

    python3 -I -S -u bootstrap.py ARCHIVE FOLDER

This program travels alone: it knows the standard library and nothing of eemt_core, and keeps to
what Python 3.6 understands, so that an older Python can still say which one is needed. Why it could
not run the task stands in the folder's ``error.json``, as a task's own failures do.
"""

# ruff: noqa: UP006, UP035
import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Dict, List

MANIFEST, PACKAGES, LIBRARIES = "manifest.json", "packages", "libraries"
SPEAKER = "eemt-runtime: "
"""What a sentence of this program begins with in the log."""

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from eemt_core.tiles.__main__ import main; sys.exit(main(sys.argv[1:]))"
)
_ELSEWHERE = "install eemt-core there and use <<runtime=installed>>, or use <<runtime=container>>"


class CannotRunError(Exception):
    """The task cannot be run here; the sentence says why and what to do about it."""

    def __init__(self, sentence: str, exit_code: int, lack: str = "") -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
        self.lack = lack


class MisfitError(CannotRunError):
    """The code cannot be loaded by the Python that runs this."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, 5)


def main(arguments: List[str]) -> int:
    """Become the task; return an exit code if that is impossible."""
    archive, folder = Path(arguments[0]), Path(arguments[1])
    try:
        home = Path(os.environ.get("WORK_QUEUE_SANDBOX") or Path.cwd().parent) / _name(archive)
        manifest = _read_manifest(home, archive)
        try:
            check_fit(manifest)
        except MisfitError:
            if len(arguments) == 2:
                _become_fitting_python(manifest, arguments)
            raise
        if not home.is_dir():
            unpack(archive, home)
        _become_task(home, folder)
    except CannotRunError as error:
        sys.stderr.write(f"{SPEAKER}{error}\n")
        words = {"error": str(error), "lack": error.lack}  # as tiles/contract.py has it
        (folder / "error.json").write_text(json.dumps(words), encoding="utf-8")
        return error.exit_code
    return 0


def check_fit(manifest: Dict[str, str]) -> None:
    """Raise `MisfitError` unless this Python can load the code that the manifest describes."""
    own, wanted = EXTENSION_SUFFIXES[0], manifest["suffix"]
    if own.split("-")[2:] != wanted.split("-")[2:]:
        raise MisfitError(
            f"the code that was sent is for {wanted} and the worker's Python loads {own}: "
            f"{_ELSEWHERE}"
        )
    if own != wanted:
        raise MisfitError(
            f"the code that was sent needs Python {manifest['python']} ({wanted}) and the worker's "
            f"{sys.executable} loads {own}: install that Python there and let EEMT_PYTHON name "
            f"it; or {_ELSEWHERE}"
        )
    own = (os.confstr("CS_GNU_LIBC_VERSION") or "glibc 0.0").split()[-1]
    if _version(own) < _version(manifest["glibc"]):
        raise MisfitError(
            f"the code that was sent needs glibc {manifest['glibc']} and the worker has {own}: "
            f"{_ELSEWHERE}"
        )


def unpack(archive: Path, home: Path) -> None:
    """Make `home` of the archive, at once: under that name it is whole or not there.

    Of several tasks that come here at once one unpacks and the others wait for it. Where the file
    system has no locks, each unpacks for itself and the first to finish gives the folder.
    """
    try:
        with home.with_name(home.name + ".lock").open("w") as lock:
            locked = _lock(lock.fileno())
            if home.is_dir():
                return
            if locked:  # then a half-unpacked folder was left by a task that was killed
                for left in home.parent.glob(home.name + ".part-*"):
                    shutil.rmtree(str(left), ignore_errors=True)
            _unpack(archive, home)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "free some space on the worker's disk" if full else "let the worker write there"
        sentence = f"the code cannot be unpacked in {home.parent} ({error.strerror}): {remedy}"
        raise CannotRunError(sentence, *((4, "disk") if full else (1,))) from error


def _unpack(archive: Path, home: Path) -> None:
    part = tempfile.mkdtemp(prefix=home.name + ".part-", dir=str(home.parent))
    try:
        with tarfile.open(str(archive)) as tar:
            if hasattr(tarfile, "data_filter"):
                tar.extraction_filter = tarfile.data_filter
            tar.extractall(part)
        os.rename(part, str(home))
    except OSError:
        if not home.is_dir():
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _read_manifest(home: Path, archive: Path) -> Dict[str, str]:
    """Return what the archive says of itself, having checked it unless it is unpacked already."""
    if home.is_dir():
        text = (home / MANIFEST).read_bytes()
    else:
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        if not _name(archive).endswith("-" + digest[:16]):
            raise CannotRunError(
                f"the code did not arrive whole on the worker: {archive} has another checksum than "
                "its name says; start the worker anew",
                1,
            )
        with tarfile.open(str(archive)) as tar:
            member = tar.extractfile(MANIFEST)
            text = member.read() if member else b""
    manifest = json.loads(text.decode())
    return {str(key): str(value) for key, value in manifest.items()}


def _become_fitting_python(manifest: Dict[str, str], arguments: List[str]) -> None:
    other = shutil.which("python" + manifest["python"])
    if other:
        program = [other, "-I", "-S", "-u", __file__, *arguments, "--found"]
        os.execv(other, program)


def _become_task(home: Path, folder: Path) -> None:
    """Give this process to the task, which sees the standard library and the archive alone."""
    environment = dict(os.environ)
    if (home / LIBRARIES).is_dir():
        environment["LD_LIBRARY_PATH"] = str(home / LIBRARIES)
    python = [sys.executable, "-I", "-S", "-u", "-c", _PROGRAM, str(home / PACKAGES)]
    os.execve(sys.executable, [*python, "--guest", str(folder)], environment)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        return False
    return True


def _name(archive: Path) -> str:
    return archive.name.split(".")[0]


def _version(text: str) -> List[int]:
    return [int(part) for part in text.split(".")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
