"""What a user should know of those who came, and of those who are missing."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...engines.base import Engine, Pool, Worker
from ...tiles.task import Resources

_PATIENCE_S = 10.0
_REPEAT_S = 300.0
_STRANGERS_TOLD = 20
_QUESTIONS = 4
_SHOWN = re.compile(r"'.*'|\".*\"|\d+")


@dataclass
class WorkerNotices:
    """Keeps account of who was refused and of how long tasks wait for workers that fit."""

    engine: Engine
    _told: set[tuple[str, str]] = field(default_factory=set)
    _strangers: Counter[tuple[str, str]] = field(default_factory=Counter)
    _since: dict[str, float] = field(default_factory=dict)

    def refused(self, address: str, why: str, is_worker: bool) -> str:
        """Somebody was turned away; return a sentence, once for each address and kind of reason.

        A stranger's own words in it make no other kind. Who may only have asked who is there is not
        spoken of until it comes again and again.
        """
        host, kind = address.rpartition(":")[0] or address, _SHOWN.sub("", why)
        self._strangers[host, kind] += 1
        if (host, kind) in self._told or len(self._told) >= _STRANGERS_TOLD:
            return ""
        if not is_worker and self._strangers[host, kind] < _QUESTIONS:
            return ""
        self._told.add((host, kind))
        return f"A worker at {host} was refused: {why}."

    def complaints(self, needs: Iterable[Resources]) -> list[str]:
        """Return sentences about tasks that wait for workers which are not there.

        Parameters
        ----------
        needs
            Of the tasks that wait.
        """
        pool, waiting = self.engine.pool, set(needs)
        nobody = bool(waiting) and not pool.workers
        unfit = {need for need in waiting if pool.workers and not pool.fits(need)}
        found = []
        if self._is_due("nobody", nobody):
            found.append("No worker is connected; the run goes on as soon as one is.")
        if self._is_due("unfit", bool(unfit)):
            need = max(unfit, key=lambda need: (need.memory_mb, need.cores))
            found.append(_unfit_sentence(need, pool))
        return found

    def _is_due(self, what: str, holds: bool) -> bool:
        """Say whether something has held for long enough to be told (again)."""
        now = time.monotonic()
        if not holds:
            self._since.pop(what, None)
            return False
        if now < self._since.setdefault(what, now + _PATIENCE_S):
            return False
        self._since[what] = now + _REPEAT_S
        return True


def _unfit_sentence(need: Resources, pool: Pool) -> str:
    def size(worker: Worker) -> tuple[int, int, int]:
        return worker.memory_mb, worker.cores, worker.disk_mb

    largest = max(pool.workers, key=size)
    return (
        f"No connected worker is large enough for a task of {need.cores} cores, "
        f"{need.memory_mb} MB of memory and {need.disk_mb} MB of disk: the largest of "
        f"{len(pool.workers)} has {largest.cores} cores, {largest.memory_mb} MB and "
        f"{largest.disk_mb} MB; start a larger worker, or use a smaller --tile-size."
    )
