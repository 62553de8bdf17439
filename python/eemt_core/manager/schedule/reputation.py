"""How workers behave, and who gets no task for a while.

A worker that has finished a tile is proven; until then it is a newcomer, about which its place
says something: the name of its host, which is its own word, together with the address that it
came from. What newcomers do badly is held against their place and their address, before anything
is held against a tile: they rest, longer each time, and one who finishes a tile ends that. Where
nobody else is there to work, rests are short.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from ...engines.base import Engine, Worker

_IN_A_ROW = 3
_BLOCKED_S = 600.0
_UNFIT_S = 3600.0
_KEPT_S = 600.0
_FIRST_REST_S, _LONGEST_REST_S, _LONGEST_ALONE_S = 1.0, 600.0, 15.0
_PATIENCE_S = 10.0


@dataclass
class _WorkerRecord:
    """What one worker has done."""

    place: tuple[str, str]
    done: int = 0
    in_a_row: int = 0
    unfit: str = ""
    has_failed: bool = False
    keeps: bool = False


@dataclass
class _PlaceRecord:
    """What newcomers at a place, or an address, have done: one after the other, and in all."""

    strikes: int = 0
    rests_until: float = 0.0
    proved: int = 0
    bad: int = 0


@dataclass
class WorkerReputation:
    """Keeps account of each worker and asks the engine to pass over the bad ones."""

    engine: Engine
    _workers: dict[str, _WorkerRecord] = field(default_factory=dict)
    _places: dict[Hashable, _PlaceRecord] = field(default_factory=dict)
    _accepted: int = 0
    _unfit_since: float | None = None

    def joined(self, worker: Worker) -> None:
        """A worker has come; where its like have behaved badly of late it has to wait."""
        self._workers[worker.worker] = _WorkerRecord(_place(worker.host, worker.address))
        self._let_rest(worker.worker)

    def is_proven(self, worker: str) -> bool:
        """Whether it has finished a tile."""
        return worker in self._workers and self._workers[worker].done > 0

    def is_resting(self, worker: str, host: str) -> bool:
        """Whether it is a newcomer whose like are to get no task now."""
        standing = self._standing(worker, host)
        return not standing.done and self._of(standing.place).rests_until > time.monotonic()

    def kind(self, worker: str, host: str) -> Hashable:
        """Return of what kind a worker is, for `PoisonTaskDetector`."""
        standing = self._standing(worker, host)
        return (standing.place, standing.done > 0)

    def is_trusted(self, worker: str, host: str) -> bool:
        """Say whether a failure there tells something of the task.

        On newcomers it does where more of their like have proved themselves than not; and where
        nobody has finished anything, once all who are there have failed.
        """
        standing = self._standing(worker, host)
        place = self._of(standing.place)
        if standing.done or place.proved > place.bad:
            return True
        names = {other.worker for other in self.engine.pool.workers} or {worker}
        return not self._accepted and all(self._standing(n, "").has_failed for n in names)

    def worked(self, worker: str, host: str) -> None:
        """A result that counts came from there."""
        standing = self._standing(worker, host)
        self._accepted += 1
        standing.done += 1
        standing.in_a_row, standing.unfit, standing.keeps = 0, "", False
        if standing.done == 1:
            self.engine.block_worker(worker, 0.0)
            self.engine.delay_newcomers(*standing.place, 0.0)
            self.engine.delay_newcomers("", standing.place[1], 0.0)
            for place in (self._of(standing.place), self._of(standing.place[1])):
                place.strikes, place.rests_until = 0, 0.0
                place.proved += 1

    def failed(self, worker: str, host: str, lack: str = "") -> str:
        """A task failed there; return a sentence if the worker is passed over for it.

        Parameters
        ----------
        lack
            ``memory`` where that is what was lacking, which is not its fault.
        """
        standing = self._standing(worker, host)
        standing.has_failed = True
        if lack == "memory":
            return ""
        standing.in_a_row += 1
        sentence = "" if standing.done else self._strike(worker, host, "failed")
        if standing.in_a_row < _IN_A_ROW or not self._others(worker):
            return sentence
        standing.in_a_row = 0
        self.engine.block_worker(worker, _BLOCKED_S)
        return (
            f"{host} failed {_IN_A_ROW} tasks in a row and gets none for "
            f"{_BLOCKED_S / 60:.0f} minutes."
        )

    def lost(self, worker: str, host: str) -> str:
        """A worker was gone in mid-task; return a sentence if its place is to rest for long."""
        return self._strike(worker, host, "were gone in the middle of")

    def keeps(self, worker: str, host: str, tile: str, seconds: float) -> str:
        """It holds a task for suspiciously long; return a sentence, once until it is done."""
        self.engine.block_worker(worker, _KEPT_S)
        standing = self._standing(worker, host)
        if standing.keeps:
            return ""
        standing.keeps = True
        return (
            f"{host} has held {tile} for {seconds:.0f} s without a result: a second copy is on its "
            "way, and it gets nothing else until it is done."
        )

    def is_unfit(self, worker: str, host: str, why: str) -> str:
        """A worker cannot run our tasks at all; return a sentence for the user."""
        standing = self._standing(worker, host)
        standing.has_failed = True
        known = any(s.unfit and s.place == standing.place for s in self._workers.values())
        standing.unfit = why
        self.engine.block_worker(worker, _UNFIT_S)
        if not standing.done:
            self._strike(worker, host, "failed")
        same = sum(1 for other in self.engine.pool.workers if other.host == host)
        who = host if same < 2 else f"a worker on {host}"
        return "" if known else f"{who[0].upper() + who[1:]} is of no use to this run: {why}."

    def nobody_fits(self) -> str:
        """Return why, if not one connected worker has been able to run our tasks for a while."""
        workers = [self._workers.get(w.worker) for w in self.engine.pool.workers]
        reasons = [w.unfit for w in workers if w is not None and w.unfit]
        now = time.monotonic()
        if self._accepted or not workers or len(reasons) < len(workers):
            self._unfit_since = None
            return ""
        if self._unfit_since is None:
            self._unfit_since = now
        return min(reasons) if now - self._unfit_since >= _PATIENCE_S else ""

    def relent(self) -> None:
        """Shorten rests where nobody is left who may work: among those who wait are good ones."""
        now = time.monotonic()
        longest = now + _LONGEST_ALONE_S
        resting = {key: p for key, p in self._places.items() if p.rests_until > longest}
        if not resting or any(self._may_work(w.worker, now) for w in self.engine.pool.workers):
            return
        for key, place in resting.items():
            place.rests_until = longest
            host, address = key if isinstance(key, tuple) else ("", str(key))
            self.engine.delay_newcomers(host, address, _LONGEST_ALONE_S)
        for newcomer in self.engine.pool.workers:
            standing = self._workers.get(newcomer.worker)
            if standing is not None and not (standing.unfit or standing.keeps or standing.done):
                self._let_rest(newcomer.worker)

    def _may_work(self, worker: str, now: float) -> bool:
        """Whether a worker is at work, or could be."""
        standing = self._workers.get(worker)
        if standing is None or standing.unfit or standing.keeps:
            return False
        return standing.done > 0 or all(p.rests_until <= now for p in self._judging(worker))

    def _strike(self, worker: str, host: str, what: str) -> str:
        """Hold something against a worker's place and address: newcomers there rest."""
        standing, now = self._standing(worker, host), time.monotonic()
        is_short = standing.done or not self._others(worker)
        longest = _LONGEST_ALONE_S if is_short else _LONGEST_REST_S
        for place in (self._of(standing.place), self._of(standing.place[1])):
            place.strikes += 1
            place.bad += not standing.done
            rest = min(longest, _FIRST_REST_S * 2.0 ** min(place.strikes - 1, 30))
            if not standing.done or place.strikes > 1:
                place.rests_until = max(place.rests_until, now + rest)
        for other in self.engine.pool.workers:
            if other.worker in self._workers and not self.is_proven(other.worker):
                self._let_rest(other.worker)
        host, address = standing.place
        place = self._of(standing.place)
        if place.rests_until > now:
            self.engine.delay_newcomers(host, address, place.rests_until - now)
            self.engine.delay_newcomers("", address, self._of(address).rests_until - now)
        if place.strikes != _IN_A_ROW or standing.done or self.engine.name == "local":
            return ""
        return (
            f"Workers on {host} {what} {place.strikes} tasks in a row and finished none: new ones "
            f"there wait {place.rests_until - now:.0f} s for work, and longer each time."
        )

    def _let_rest(self, newcomer: str) -> None:
        rest = max(place.rests_until for place in self._judging(newcomer)) - time.monotonic()
        if rest > 0:
            self.engine.block_worker(newcomer, rest)

    def _others(self, worker: str) -> bool:
        """Whether anybody else is there who may work."""
        place = self._standing(worker, "").place
        now = time.monotonic()
        for other in self.engine.pool.workers:
            standing = self._workers.get(other.worker)
            if standing is None or other.worker == worker or standing.unfit:
                continue
            resting = self._of(standing.place).rests_until > now
            if standing.done or (standing.place != place and not resting):
                return True
        return False

    def _judging(self, worker: str) -> Iterator[_PlaceRecord]:
        """Give what speaks for or against a newcomer: its address only where its place is new."""
        standing = self._workers[worker]
        place = self._of(standing.place)
        yield place
        if not place.proved:
            yield self._of(standing.place[1])

    def _standing(self, worker: str, host: str) -> _WorkerRecord:
        return self._workers.setdefault(worker, _WorkerRecord(_place(host, "")))

    def _of(self, key: Hashable) -> _PlaceRecord:
        return self._places.setdefault(key, _PlaceRecord())


def _place(host: str, address: str) -> tuple[str, str]:
    return host, address.rpartition(":")[0] or address
