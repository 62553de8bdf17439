"""Notices to the user about workers that were refused, and about workers that are missing."""

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
    """Counts refused workers, and measures how long tasks wait for large enough ones."""

    engine: Engine
    _told: set[tuple[str, str]] = field(default_factory=set)
    _strangers: Counter[tuple[str, str]] = field(default_factory=Counter)
    _since: dict[str, float] = field(default_factory=dict)

    def refused(self, address: str, why: str, is_worker: bool) -> str:
        """Note a refused connection; return a sentence, once for each address and kind of reason.

        The stranger's own words are left out of the kind. A connection that may have been a mere
        query is not reported before it has come several times.
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
        """Return sentences about tasks that wait for workers which are not connected.

        Parameters
        ----------
        needs
            What each of the waiting tasks needs.
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
        """Say whether a condition has held for long enough to be reported, or reported again."""
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
        f"{largest.disk_mb} MB; start a larger worker, or use a smaller <<tile_cells>>."
    )
