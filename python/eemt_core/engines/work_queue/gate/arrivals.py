"""Files that workers send, written once: the manager takes them from where the gate writes them.

The queue never sees their bytes. It is given a stand-in under the same name, one line that names
the file, and its process puts that where it would have put the file.
"""

from __future__ import annotations

import ctypes
import errno
import itertools
import os
import re
from contextlib import suppress
from pathlib import Path

from ..stand_in import StandIn

_PART = ".part-"
_STEP = 32 << 20  # bytes; what is announced need not come
_SMALL = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
# of the C library; there is none on macOS
_FALLOCATE = getattr(ctypes.CDLL(None, use_errno=True), "fallocate64", None)
_TOKEN = re.compile(r".*-([0-9a-f]{32})")
_SERIAL = itertools.count()


class ArrivingFile:
    """A file that a worker is sending or has sent.

    Parameters
    ----------
    announced
        How many bytes it will have.

    Attributes
    ----------
    size
        Bytes that have arrived.
    error
        Number of the system's error for which it cannot be kept; 0 if it can. What arrives after
        an error is thrown away, so that the connection stays in step.
    """

    def __init__(self, folder: Path, announced: int) -> None:
        self._folder, self._part = folder, folder / f"{_PART}{next(_SERIAL)}"
        self._announced, self._allocated = announced, 0
        self.size = self.error = 0
        self._descriptor = -1
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            self._descriptor = os.open(self._part, flags, 0o600)
        except OSError as error:
            self._fail(error)

    def add(self, content: bytes | memoryview) -> None:
        """Append bytes."""
        left = memoryview(content)
        self.size += len(left)
        try:
            if self.size > self._allocated:
                self._allocate()
            while left and not self.error:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            self._fail(error)

    def complete(self) -> None:
        """Close it: all has arrived, and that a quota is exceeded may show only now."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            try:
                os.close(descriptor)
            except OSError as error:
                self._fail(error)

    def deliver(self, name: str) -> StandIn | None:
        """Put a complete file where the manager takes it from; return its stand-in, or None.

        `name` is what the queue calls it.
        """
        stand_in = StandIn(arrival_name(name), self.size)
        if not self.error:
            try:
                os.replace(self._part, self._folder / stand_in.name)
            except OSError as error:
                self._fail(error)
        return None if self.error else stand_in

    def close(self) -> None:
        """Remove it, unless it was delivered."""
        self.complete()
        with suppress(OSError):
            self._part.unlink()

    def _allocate(self) -> None:
        """Reserve room for the next bytes: it takes the system less than to find it write by write.

        A file system that cannot do so is left alone, and so is one that has its own limits.
        """
        ahead = min(self.size + _STEP, self._announced)
        if self.error or ahead - self._allocated <= _SMALL:
            return
        if not reserve(self._descriptor, self._allocated, ahead - self._allocated):
            ahead = self._announced  # do not ask again
        self._allocated = ahead

    def _fail(self, error: OSError) -> None:
        self.error = self.error or error.errno or errno.EIO
        self.close()  # at once, since it may be what fills the disk


def reserve(descriptor: int, start: int, count: int) -> bool:
    """Reserve room on the disk for bytes of a file; return whether the file system can do so.

    `os.posix_fallocate` would write to each block where it cannot.

    Raises
    ------
    OSError
        If the disk, or the user's share of it, is full.
    """
    if _FALLOCATE is None:
        return False
    if _FALLOCATE(descriptor, 0, ctypes.c_int64(start), ctypes.c_int64(count)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _FULL:
        raise OSError(number, os.strerror(number))
    return False


def arrival_name(name: str) -> str:
    """Return the name under which a file lies that the queue calls `name`.

    The queue's names end in the name of its own local file, here a random one of the manager's.
    """
    token = _TOKEN.fullmatch(name)
    return token[1] if token else name.replace("/", "_")


def forget(folder: Path, name: str) -> None:
    """Remove what a worker has left under a name: its task is given to another one."""
    with suppress(OSError):
        (folder / arrival_name(name)).unlink()


def clear(folder: Path) -> None:
    """Make the folder; remove what an earlier process has left: all tasks are given out again."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        with suppress(OSError):
            path.unlink()
