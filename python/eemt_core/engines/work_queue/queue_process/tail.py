"""Follows a file that another part of this process appends to, and keeps it small.

Parts of it were written by strangers: any bytes, lines of any length, any number of them.
"""

from __future__ import annotations

from collections.abc import Iterator

_TRUNCATE_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 18
_LONGEST_LINE = 1 << 13
"""A line of Work Queue is 4096 bytes long at most, with what the log puts before it."""


class Tail:
    """A growing file, read line by line: its name, or the number of its descriptor."""

    def __init__(self, file: str | int) -> None:
        is_name = isinstance(file, str)
        self._file = open(file, "a+b", buffering=0, closefd=is_name)  # noqa: SIM115
        self._place = 0
        self._rest = b""
        self._is_too_long = False

    def lines(self) -> Iterator[bytes]:
        """Yield the complete new lines, without those longer than Work Queue writes any."""
        while content := self._read():
            *whole, self._rest = (self._rest + content).split(b"\n")
            for line in whole:
                if not self._is_too_long and len(line) <= _LONGEST_LINE:
                    yield line
                self._is_too_long = False
            if len(self._rest) > _LONGEST_LINE:
                self._rest, self._is_too_long = b"", True
        if self._place > _TRUNCATE_BYTES:
            self._file.truncate(0)  # appending goes on at the new end
            self._place = 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self) -> bytes:
        self._file.seek(self._place)
        content = self._file.read(_CHUNK_BYTES)
        self._place += len(content)
        return content
