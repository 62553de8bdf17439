"""Which workers get no task now, told to a queue that knows hosts' names alone.

A queue passes over all workers that go by one name. So a name is barred only while every worker
that goes by it is to get nothing: a bad worker does not take its neighbours with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

_HELD_S = 30.0
"""How long a task waits at most for workers that it need not avoid."""


class Blocklist:
    """Keeps account of bars by worker, and tells those of names that follow from them.

    Parameters
    ----------
    tell
        Takes a name and for how many seconds it is barred from now; 0 ends it.
    """

    def __init__(self, tell: Callable[[str, float], None]) -> None:
        self._tell = tell
        self._names: dict[str, str] = {}  # worker that is connected -> its host's name
        self._until: dict[str, float] = {}  # worker -> until when it gets nothing
        self._held: dict[str, tuple[float, frozenset[str]]] = {}  # task -> until when, who
        self._told: dict[str, float] = {}

    def joined(self, worker: str, name: str) -> None:
        """A worker has come."""
        self._names[worker] = name
        self._refresh((name,))

    def left(self, worker: str) -> None:
        """A worker has gone."""
        self._until.pop(worker, None)
        name = self._names.pop(worker, None)
        if name is not None:
            self._refresh((name,))

    def bar(self, worker: str, seconds: float) -> None:
        """Give a worker nothing for so long; 0 ends it."""
        self._until[worker] = time.monotonic() + seconds
        self._refresh(self._names_of((worker,)))

    def avoid(self, task: str, workers: frozenset[str]) -> None:
        """Pass over workers until a task has begun elsewhere, if there are others for it."""
        avoided = workers & self._names.keys()
        if avoided and len(avoided) < len(self._names):
            self._held[task] = (time.monotonic() + _HELD_S, avoided)
            self._refresh(self._names_of(avoided))

    def let_go(self, task: str) -> None:
        """Pass over nobody for a task's sake any longer."""
        _, workers = self._held.pop(task, (0.0, frozenset()))
        self._refresh(self._names_of(workers))

    def begin_anew(self) -> None:
        """The queue knows nothing any more, and nobody is connected."""
        self._names.clear()
        self._until.clear()
        self._told.clear()

    def _names_of(self, workers: Iterable[str]) -> set[str]:
        return {self._names[worker] for worker in workers if worker in self._names}

    def _refresh(self, names: Iterable[str]) -> None:
        now = time.monotonic()
        for name in names:
            until = self._barred_until(name, now)
            if until > now or self._told.get(name, 0.0) > now:
                self._told[name] = until
                self._tell(name, max(0.0, until - now))

    def _barred_until(self, name: str, now: float) -> float:
        sharing = [worker for worker, known in self._names.items() if known == name]
        return min((self._worker_until(worker, now) for worker in sharing), default=now)

    def _worker_until(self, worker: str, now: float) -> float:
        held = [until for until, workers in self._held.values() if worker in workers]
        return max(self._until.get(worker, now), *held, now)
