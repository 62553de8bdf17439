"""Tasks that are stopped in the midst of their work, so that a test meets what waits for them.

A run of short tiles may be over before a test that watches it comes to its point, on a machine
that is busy with something else. While one of its tasks stands still it is not.
"""

import os
import signal
from contextlib import contextmanager, suppress
from pathlib import Path

from clusters import processes, wait_for

TASK = "eemt_core.tiles"


def tasks_below(folder):
    """Return the processes of tasks that work in a folder or below it."""
    return [number for number, text in processes() if TASK in text and _is_below(number, folder)]


def _is_below(number, folder):
    try:
        words = Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace").split("\0")
        places = [os.readlink(f"/proc/{number}/cwd"), *words]
    except OSError:  # it has ended meanwhile
        return False
    return any(Path(folder) in (path := Path(place), *path.parents) for place in places)


def _is_of_wetness(number):
    """Whether a process computes the wetness index, which a worker begins with; no tile."""
    try:
        last = Path(f"/proc/{number}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")[-1]
        task = Path(f"/proc/{number}/cwd", os.fsdecode(last), "task.json")
        return '"name": "wetness' in task.read_text()
    except OSError:
        return False


def stop_one(find, what="a task"):
    """Stop one of the processes of tiles that a function finds, once it finds any; return it."""

    def stop():
        for number in find():
            if _is_of_wetness(number):
                continue
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGSTOP)
                # one that was about to end may have come to that
                if wait_for(lambda n=number: _state_at_rest(n), what="a process to stop") == "T":
                    return number
        return None

    return wait_for(stop, what=what)


@contextmanager
def one_stopped(find, what="a task"):
    """A block in which one of the processes that a function finds stands still."""
    number = stop_one(find, what)
    try:
        yield number
    finally:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGCONT)


def _state_at_rest(number):
    """The kernel's letter for a process that does nothing any more, X if it is gone; else ""."""
    try:
        letter = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"
    return letter if letter in "TZX" else ""
