"""Standard streams that may be closed, full, or left by whoever read them.

A run takes hours and a line of it is worth nothing beside its maps: what cannot be shown is let go.
Where showing is the command's purpose, that its output is lost ends it.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class OutputLostError(Exception):
    """Standard output cannot be written; no OSError, which click would make something of."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.errno = error.errno


class _Output(io.RawIOBase):
    """What is written to a descriptor, until that fails; then nothing more."""

    def __init__(self, descriptor: int, is_wanted: bool) -> None:
        super().__init__()
        self._descriptor, self._is_wanted, self._is_lost = descriptor, is_wanted, False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, content: Any, /) -> int:
        if not self._is_lost:
            try:
                return os.write(self._descriptor, content)
            except OSError as error:
                self._is_lost = True
                if self._is_wanted:
                    raise OutputLostError(error) from None
        return len(content)


def open_streams(*, output_is_wanted: bool) -> None:
    """Make standard streams whose loss does no harm, but that of output where it is wanted.

    A closed one is opened on the null device: its number would else be given to the next file that
    is opened, and somebody's words would go there.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # open() takes the lowest free number: this one
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = _text(1, output_is_wanted, "surrogateescape")
    sys.stderr = _text(2, False, "backslashreplace")


def _text(descriptor: int, is_wanted: bool, errors: str) -> io.TextIOWrapper:
    raw = _Output(descriptor, is_wanted)
    lines = descriptor == 2 or raw.isatty()
    before = (None, sys.__stdout__, sys.__stderr__)[descriptor]
    encoding = "utf-8" if before is None else before.encoding
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=lines
    )
