"""What a process of ours wrote to its standard error, and how it ended, in words for users.

Strangers' words are part of it, so what is shown is one short line of printable text.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import tempfile
import weakref

_LONGEST, _READ_BYTES = 200, 1 << 14
# what Work Queue puts before each line of its log: the time, and the process; not the kind of line
_LOG_HEADER = re.compile(rb"\S+ \S+ \S+\[\d+\] ?")
_ENDED_BY = {
    signal.SIGTERM: "told to end",
    signal.SIGINT: "told to end",
    signal.SIGHUP: "told to end",
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "crashed",
    signal.SIGBUS: "crashed",
    signal.SIGABRT: "crashed",
    signal.SIGFPE: "crashed",
    signal.SIGILL: "crashed",
}


class ErrorOutput:
    """A file without a name for the standard error of a process; it can be read when that is gone.

    All that write to it append, so either side may empty it at any time.

    Attributes
    ----------
    number
        Of its descriptor, which is closed when this object goes.
    """

    def __init__(self) -> None:
        with tempfile.TemporaryFile(buffering=0) as file:
            self.number = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.number)
        flags = fcntl.fcntl(self.number, fcntl.F_GETFL)
        fcntl.fcntl(self.number, fcntl.F_SETFL, flags | os.O_APPEND)

    def clear(self, most_bytes: int = 0) -> None:
        """Empty it if it has more than so many bytes."""
        if os.fstat(self.number).st_size > most_bytes:
            os.ftruncate(self.number, 0)

    @property
    def last_line(self) -> str:
        """The last line that is not empty; empty if there is none."""
        size = os.fstat(self.number).st_size
        content = os.pread(self.number, _READ_BYTES, max(0, size - _READ_BYTES))
        lines = [line for line in content.splitlines() if line.strip()]
        return _shown(lines[-1]) if lines else ""


def how_it_ended(process: subprocess.Popen[bytes], output: ErrorOutput) -> str:
    """Return how a process ended that has: its signal or exit code, and its last words."""
    code = process.returncode
    how = ended_by(-code) if code < 0 else f"exit code {code}"
    words = output.last_line
    return f"{how}; its last words: {words}" if words else how


def ended_by(number: int) -> str:
    """Return in words by which signal a process was ended.

    Examples
    --------
    >>> ended_by(15), ended_by(11)
    ('told to end by SIGTERM', 'crashed by SIGSEGV')
    """
    try:
        name = signal.Signals(number).name
    except ValueError:  # one of those for programs' own use
        return f"ended by signal {number}"
    return f"{_ENDED_BY.get(signal.Signals(number), 'ended')} by {name}"


def _shown(line: bytes) -> str:
    words = _LOG_HEADER.sub(b"", line, count=1).decode("ascii", "backslashreplace").strip()
    text = "".join(letter if letter.isprintable() else "?" for letter in words)
    text = text.replace("<<", "<")  # which would mark a field
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
