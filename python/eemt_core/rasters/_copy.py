"""Copying ranges of bytes from file to file, by the kernel where it can."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

# What says that the kernel cannot copy between these two files, but not that something is wrong:
# other file systems, network file systems, kernels and sandboxes that do not know the call.
_CANNOT = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)
_CHUNK_BYTES = 2**20

# (source, target, offset in the source, offset in the target, bytes) -> bytes copied
Way = Callable[[int, int, int, int, int], int]


def _by_copy_file_range(source: int, target: int, start: int, to: int, length: int) -> int:
    return os.copy_file_range(source, target, length, start, to)


def _by_sendfile(source: int, target: int, start: int, to: int, length: int) -> int:
    os.lseek(target, to, os.SEEK_SET)
    return os.sendfile(target, source, start, length)


def _by_reading(source: int, target: int, start: int, to: int, length: int) -> int:
    content = memoryview(os.pread(source, min(length, _CHUNK_BYTES), start))
    written = 0
    while written < len(content):
        written += os.pwrite(target, content[written:], to + written)
    return written


def _known_ways() -> tuple[Way, ...]:
    """Return the ways that this Python has, the quickest first.

    Pythons that were built with an old C library, such as conda's, lack `os.copy_file_range`.
    """
    kernels: list[Way] = []
    if hasattr(os, "copy_file_range"):
        kernels.append(_by_copy_file_range)
    if hasattr(os, "sendfile"):
        kernels.append(_by_sendfile)
    return (*kernels, _by_reading)


WAYS = _known_ways()


class Copier:
    """Copies ranges from one open file to another, by the first way that works between the two."""

    def __init__(self, source: int, target: int, ways: tuple[Way, ...] = WAYS) -> None:
        self._source, self._target, self._ways = source, target, ways

    def copy(self, start: int, to: int, length: int) -> bool:
        """Copy `length` bytes from offset `start` to offset `to`; False if the source ends before.

        Python calls the system again where a signal interrupts a call, and what the system copies
        in part is continued here.
        """
        while length:
            try:
                done = self._ways[0](self._source, self._target, start, to, length)
            except OSError as error:
                if len(self._ways) == 1 or error.errno not in _CANNOT:
                    raise
                done = 0
            if not done:
                # Nothing copied means the end of the file, but some kernels say so of files on
                # the network that do not end there: reading is what decides.
                if len(self._ways) == 1:
                    return False
                self._ways = self._ways[1:]
            start, to, length = start + done, to + done, length - done
        return True
