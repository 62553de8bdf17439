"""What the C library does with memory that is freed."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
_KEPT_BYTES = 256 * 2**20
_LARGEST_BYTES = 32 * 2**20  # half of what glibc gives a thread at a time, the most it takes


def keep_freed_memory() -> None:
    """Have this process keep up to 256 MiB that it frees, for what it allocates next.

    For a program that cuts arrays of some megabytes for one tile after the other: glibc gives such
    memory back to the system each time it is freed, and the system clears every page of it anew. It
    takes effect in the whole process; where the C library is another one, nothing changes.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
