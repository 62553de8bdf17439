"""Programs run to their ends: what each of their processes took of the processor, and held.

The kernel's own account is read. For the program that was started it is whole: it is read after the
end, before the program is forgotten (``waitid`` with WNOWAIT), and beside it stands the time of all
that it had started and waited for. Of each of those what was seen at the last look is known, some
hundredths of a second before its end; what they took after that has a line of its own, so that the
parts add up.
"""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

EVERY_S = 0.03
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
UNSEEN = "after the last look"
TASK = "eemt_core.tiles"

# words of a command line, and what the process is; the first that fits
MANAGER = {
    "queue_process": "queue",
    "work_queue.gate": "gate",
    "maps.writers": "map writers",
    TASK: "wetness",
}


@dataclass
class Seen:
    """What was seen of one process at the last look; memory and files are the most ever seen."""

    kind: str
    own_s: float
    children_s: float
    resident_bytes: int = 0
    files: int = 0


@dataclass(frozen=True)
class Account:
    """What a program and all that it started took.

    Attributes
    ----------
    own_s, children_s
        Processor time of the program itself, and of what it started and waited for [s].
    kinds_s
        The latter by kinds of processes, with what was not seen [s].
    wall_s
        From start to end [s].
    resident_bytes
        The most that one process of each kind had resident; ``program`` is the program itself.
    files, processes
        The most files that were open at once in all processes together, and the most processes.
    """

    own_s: float
    children_s: float
    kinds_s: Mapping[str, float]
    wall_s: float
    resident_bytes: Mapping[str, int]
    files: int
    processes: int

    @property
    def total_s(self) -> float:
        """Processor time of all processes [s]."""
        return self.own_s + self.children_s


@dataclass
class Program:
    """A program that runs, as a context that ends it with all that it has started.

    Parameters
    ----------
    command, options
        For `subprocess.Popen`.
    kinds
        What the processes are that it starts, by a word of their command lines; others are
        ``others``.
    looked_at
        Whether to look at its processes meanwhile; without it the account knows the totals.
    """

    command: Sequence[object]
    kinds: Mapping[str, str] = field(default_factory=dict)
    looked_at: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._seen: dict[int, Seen] = {}
        self._files = self._processes = 0
        self._over = threading.Event()
        self._start = time.perf_counter()
        self.process = subprocess.Popen(
            [str(word) for word in self.command], start_new_session=True, **self.options
        )
        self._looking = threading.Thread(target=self._look_on, daemon=True)
        if self.looked_at:
            self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)
            self.process.wait()

    @property
    def has_ended(self) -> bool:
        """Whether it has ended; its account can be read in any case."""
        how = os.WEXITED | os.WNOWAIT | os.WNOHANG
        return self.process.returncode is not None or bool(
            os.waitid(os.P_PID, self.process.pid, how)
        )

    def so_far(self) -> dict[str, float]:
        """Return the processor time of each kind of process up to now [s]; its own is ``run``."""
        self._look()
        kinds: dict[str, float] = {}
        for number, seen in list(self._seen.items()):
            kind = "run" if number == self.process.pid else seen.kind
            kinds[kind] = kinds.get(kind, 0.0) + seen.own_s
        return kinds

    def account(self, *, terminated: bool = False) -> Account:
        """Wait for the end; raise CalledProcessError if it did not end well.

        With `terminated` it is asked to end first, and may do so with any code.
        """
        if terminated and not self.has_ended:
            self.process.terminate()
        pid = self.process.pid
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        wall_s = time.perf_counter() - self._start
        self._over.set()
        if self.looked_at:
            self._looking.join()
        own_s, children_s = _times(pid)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        code = self.process.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if code and not terminated:
            raise subprocess.CalledProcessError(code, self.process.args)
        self.wait4_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        kinds: dict[str, float] = {}
        resident: dict[str, int] = {}
        for number, seen in self._seen.items():
            kind = "program" if number == pid else seen.kind
            resident[kind] = max(resident.get(kind, 0), seen.resident_bytes)
            if number != pid:
                kinds[kind] = kinds.get(kind, 0.0) + seen.own_s
        kinds[UNSEEN] = children_s - sum(kinds.values())
        return Account(own_s, children_s, kinds, wall_s, resident, self._files, self._processes)

    def _look_on(self) -> None:
        while not self._over.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        files, family = 0, _family(self.process.pid)
        for pid in family:
            with suppress(OSError, IndexError):
                own_s, children_s = _times(pid)
                kind = self._kind(pid)
                seen = self._seen.setdefault(pid, Seen(kind or "others", own_s, children_s))
                if kind:  # it may have become another program; one that has ended has no words
                    seen.kind = kind
                seen.own_s, seen.children_s = own_s, children_s
                seen.resident_bytes = max(seen.resident_bytes, _resident_bytes(pid))
                count = len(os.listdir(f"/proc/{pid}/fd"))
                seen.files = max(seen.files, count)
                files += count
        self._files = max(self._files, files)
        self._processes = max(self._processes, len(family))

    def _kind(self, pid: int) -> str:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if not line:  # it has ended
            return ""
        return next((kind for word, kind in self.kinds.items() if word in line), "others")


def _times(pid: int) -> tuple[float, float]:
    """Processor time of a process, and of those that it started and waited for [s]."""
    # the name stands in brackets and may hold anything
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, children_user, children_system = map(int, fields[11:15])
    return (user + system) * TICK_S, (children_user + children_system) * TICK_S


def _family(root: int) -> list[int]:
    """Numbers of a process and of all that descend from it."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        with suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                children = Path(f"/proc/{pid}/task/{thread}/children").read_text()
                waiting += map(int, children.split())
    return found


def _resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
