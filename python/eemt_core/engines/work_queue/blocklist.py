"""The blocklist: which workers get no task now, for a queue that blocks by hosts' names alone.

The queue blocks all workers with the same host name. So a name is blocked only while every worker
that has it is to be blocked, and good workers go on beside bad ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

_HELD_S = 30.0
"""How long a task waits at most for workers other than those that it avoids."""


class Blocklist:
    """Blocks workers one by one, and names where all workers that have one are blocked.

    Parameters
    ----------
    send
        Called with a host's name and for how many seconds to block it from now; 0 unblocks it.
    """

    def __init__(self, send: Callable[[str, float], None]) -> None:
        self._send = send
        self._names: dict[str, str] = {}  # worker that is connected -> its host's name
        self._until: dict[str, float] = {}  # worker -> until when it gets nothing
        self._held: dict[str, tuple[float, frozenset[str]]] = {}  # task -> until when, who
        self._sent: dict[str, float] = {}

    def joined(self, worker: str, name: str) -> None:
        """Note a worker that has connected."""
        self._names[worker] = name
        self._refresh((name,))

    def left(self, worker: str) -> None:
        """Note a worker that has disconnected."""
        self._until.pop(worker, None)
        name = self._names.pop(worker, None)
        if name is not None:
            self._refresh((name,))

    def block(self, worker: str, seconds: float) -> None:
        """Block a worker for so long; 0 unblocks it."""
        self._until[worker] = time.monotonic() + seconds
        self._refresh(self._names_of((worker,)))

    def avoid(self, task: str, workers: frozenset[str]) -> None:
        """Block workers until a task has begun elsewhere, if there are others for it."""
        avoided = workers & self._names.keys()
        if avoided and len(avoided) < len(self._names):
            self._held[task] = (time.monotonic() + _HELD_S, avoided)
            self._refresh(self._names_of(avoided))

    def end_avoidance(self, task: str) -> None:
        """Unblock the workers that were blocked for a task."""
        _, workers = self._held.pop(task, (0.0, frozenset()))
        self._refresh(self._names_of(workers))

    def reset(self) -> None:
        """Forget all: the queue was restarted, and no worker is connected."""
        self._names.clear()
        self._until.clear()
        self._sent.clear()

    def _names_of(self, workers: Iterable[str]) -> set[str]:
        return {self._names[worker] for worker in workers if worker in self._names}

    def _refresh(self, names: Iterable[str]) -> None:
        now = time.monotonic()
        for name in names:
            until = self._blocked_until(name, now)
            if until > now or self._sent.get(name, 0.0) > now:
                self._sent[name] = until
                self._send(name, max(0.0, until - now))

    def _blocked_until(self, name: str, now: float) -> float:
        sharing = [worker for worker, known in self._names.items() if known == name]
        return min((self._worker_until(worker, now) for worker in sharing), default=now)

    def _worker_until(self, worker: str, now: float) -> float:
        held = [until for until, workers in self._held.values() if worker in workers]
        return max(self._until.get(worker, now), *held, now)
