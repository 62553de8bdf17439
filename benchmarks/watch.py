"""A program run to its end, and what it and all that it starts hold of memory meanwhile."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.1

# the command, by the Python that measures it
PROGRAM = (sys.executable, "-c", "from eemt_core.cli.run import main; main()")


@dataclass(frozen=True)
class Watched:
    """Time on the wall, and the largest resident memory of all processes together.

    A page that several processes share counts once, in shares (Linux's Pss).
    """

    wall_s: float
    peak_bytes: int


def watched(command: Sequence[object]) -> Watched:
    """Run a command to its end, or raise CalledProcessError."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command])
    peak, ended = 0, threading.Event()

    def look() -> None:
        nonlocal peak
        while not ended.wait(EVERY_S):
            peak = max(peak, sum(_resident_bytes(pid) for pid in _family(process.pid)))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        code = process.wait()
    finally:
        ended.set()
        looking.join()
    if code:
        raise subprocess.CalledProcessError(code, process.args)
    return Watched(time.perf_counter() - start, peak)


def _family(root: int) -> list[int]:
    """Numbers of a process and of all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # the name stands in brackets and may hold anything; the parent comes two words later
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _resident_bytes(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:  # it has ended
        pass
    return 0
