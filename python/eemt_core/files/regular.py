"""Reading regular files only, of a limited length.

Opening a named pipe waits until somebody writes into it, and reading a device may never end. So
the kind of a file is looked up before it is opened, and no more is read than may be there.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import IO

_PIECE_BYTES = 2**16
TEXT_BYTES = 2**20
"""Longest configuration, station table or certificate that is read."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def other_kind(mode: int) -> str:
    """Return what a thing of this mode (`os.stat`) is where it is no file, "" for a file.

    Examples
    --------
    >>> other_kind(Path(os.devnull).stat().st_mode)
    'a device'
    """
    return "" if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "no file")


def require_file(path: Path) -> None:
    """Raise `OSError` with a short reason unless a path leads to a file; links are followed."""
    if kind := other_kind(path.stat().st_mode):
        raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))


def read_file(path: Path, most_bytes: int = TEXT_BYTES) -> bytes:
    """Return the content of a file of at most so many bytes.

    Raises
    ------
    OSError
        If it cannot be read, is no file, or is longer; `strerror` says which.
    """
    require_file(path)
    # without waiting, should it have become a pipe in between
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        content = _up_to(file, most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"it is longer than {most_bytes} bytes", str(path))
    return content


def read_end(path: Path, most_bytes: int) -> bytes:
    """Return the last bytes of a file, so many at most; errors are those of `read_file`."""
    require_file(path)
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - most_bytes))
        return _up_to(file, most_bytes)


def _up_to(file: IO[bytes], most_bytes: int) -> bytes:
    """Return what a file holds, in pieces: asked for at once it would all be made room for."""
    content = bytearray()
    while chunk := file.read(min(_PIECE_BYTES, most_bytes - len(content))):
        content += chunk
    return bytes(content)
