"""Ending with the process that started this one, which alone wants what this one does.

Whoever is started by us holds a pipe from us as its standard input: the pipe ends when we do,
however we end, even killed. A process that takes its orders from there (the gate, the one that
holds the queue) ends by itself with the last of them; the others watch for the end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

_STANDARD_INPUT = 0
_PR_SET_PDEATHSIG = 1
_BECOME = f"""
import ctypes, os, sys
try:
    ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG}, {int(signal.SIGTERM)})
except (OSError, AttributeError):
    pass
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


def watch_parent(at_end: Callable[[], None], take: Callable[[bytes], None] | None = None) -> None:
    """Call `at_end` in a thread of its own as soon as the parent has let go of our standard input.

    Parameters
    ----------
    take
        Is given each line that comes from there before; without it they are passed over.
    """

    def watch() -> None:
        # not `sys.stdin`, whose lock a thread that waits for ever would hold until Python's end
        with open(_STANDARD_INPUT, "rb", closefd=False) as lines:
            for line in lines:
                if take is not None:
                    take(line)
        at_end()

    threading.Thread(target=watch, daemon=True).start()


def let_go(process: subprocess.Popen[Any]) -> None:
    """Close the pipe to a process that we have started: it ends, or has ended already."""
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


def be_killed_with_parent() -> None:
    """Have the system kill this process when the one that started it ends (Linux alone can)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def ended_with_us(command: Sequence[str]) -> list[str]:
    """Return a command that becomes `command`, and gets SIGTERM when this process ends.

    It is asked for before the program begins, and who has lost its parent by then does not become
    it: a program that looks for the end of its parent by itself misses one at the very start. The
    thread that starts the command must live as long as the command should.
    """
    return [sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid()), *command]
