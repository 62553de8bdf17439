"""Which machines work well, which do not, and what a user should know of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..engines.base import Engine, Pool, Worker
from ..task import Resources

_FAILURES_IN_A_ROW = 3
_BLOCKED_S = 600.0
_UNFIT_BLOCKED_S = 3600.0
_PATIENCE_S = 10.0
_REPEAT_S = 300.0
_STRANGERS_TOLD = 20
_QUESTIONS = 4


@dataclass
class Hosts:
    """Keeps account of each host's failures and asks the engine to pass over the bad ones."""

    engine: Engine
    _in_a_row: Counter[str] = field(default_factory=Counter)
    _unfit: dict[str, str] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _strangers: Counter[tuple[str, str]] = field(default_factory=Counter)
    _since: dict[str, float] = field(default_factory=dict)

    def worked(self, host: str) -> None:
        """A result came from there."""
        self._in_a_row.pop(host, None)
        self._unfit.pop(host, None)

    def failed(self, host: str) -> str:
        """A task failed there; return a sentence if the host is blocked for it."""
        self._in_a_row[host] += 1
        others = self.engine.pool.hosts - {host}
        if self._in_a_row[host] < _FAILURES_IN_A_ROW or not others:
            return ""
        self._in_a_row.pop(host)
        self.engine.block(host, _BLOCKED_S)
        return (
            f"{host} failed {_FAILURES_IN_A_ROW} tasks in a row and gets none for "
            f"{_BLOCKED_S / 60:.0f} minutes."
        )

    def is_unfit(self, host: str, why: str) -> str:
        """A worker there cannot run our tasks at all; return a sentence for the user."""
        known = host in self._unfit
        self._unfit[host] = why
        self.engine.block(host, _UNFIT_BLOCKED_S)
        return "" if known else f"{host} is of no use to this run: {why}."

    def all_unfit(self) -> str:
        """Return why, if not one connected host can run our tasks."""
        hosts = self.engine.pool.hosts
        if hosts and hosts <= self._unfit.keys():
            return next(self._unfit[host] for host in sorted(hosts))
        return ""

    def refused(self, address: str, why: str, is_worker: bool) -> str:
        """Somebody was turned away; return a sentence, once for each address and reason.

        Who may only have asked who is there is not spoken of until it comes again and again.
        """
        host = address.rpartition(":")[0] or address
        self._strangers[host, why] += 1
        if (host, why) in self._told or len(self._told) >= _STRANGERS_TOLD:
            return ""
        if not is_worker and self._strangers[host, why] < _QUESTIONS:
            return ""
        self._told.add((host, why))
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
