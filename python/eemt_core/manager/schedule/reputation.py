"""Worker reputation: which workers have proved good, and which get no task for a while.

A worker that has finished a tile is *proven*; until then it is a *newcomer*. A newcomer is judged
by its *place*: the name of its host, which it tells itself, together with the address that it
connects from. When newcomers fail, their place and their address are suspended before anything is
held against a tile: new workers from there get no task for a time that doubles with each failure.
A newcomer that finishes a tile ends the suspension. Where no other worker is left, suspensions are
short.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from ...engines.base import Engine, Worker

_IN_A_ROW = 3
_BLOCKED_S = 600.0
_UNFIT_S = 3600.0
_STUCK_S = 600.0
_FIRST_SUSPENSION_S, _LONGEST_SUSPENSION_S, _LONGEST_ALONE_S = 1.0, 600.0, 15.0
_PATIENCE_S = 10.0
_HEAD_START_S = 3.0
"""By how much those that wait connected are before those that connect anew: the queue unblocks a
worker up to a second late, and a peer that hangs up and comes again would get every task first."""


@dataclass
class _WorkerRecord:
    """What one worker has done.

    Attributes
    ----------
    place
        Its host's name and its address.
    results
        How many verified results it has given.
    unfit
        Why it cannot run our tasks at all; empty if it can, as far as is known.
    is_sound
        Whether it is unfit for its processor alone.
    is_stuck
        Whether it holds a task for suspiciously long.
    """

    place: tuple[str, str]
    results: int = 0
    failures_in_a_row: int = 0
    unfit: str = ""
    is_sound: bool = False
    has_failed: bool = False
    is_stuck: bool = False


@dataclass
class _PlaceRecord:
    """What newcomers from a place, or from an address whatever their host, have done.

    Attributes
    ----------
    failures_in_a_row
        Tasks that they failed or lost since one of them last proved good.
    suspended_until
        When newcomers from there get tasks again [s of the monotonic clock].
    proven_workers
        How many of them have finished a tile.
    newcomer_failures
        How many tasks newcomers from there failed or lost in all.
    """

    failures_in_a_row: int = 0
    suspended_until: float = 0.0
    proven_workers: int = 0
    newcomer_failures: int = 0


@dataclass
class WorkerReputation:
    """Keeps a record of each worker and asks the engine to block the bad ones."""

    engine: Engine
    _workers: dict[str, _WorkerRecord] = field(default_factory=dict)
    _places: dict[Hashable, _PlaceRecord] = field(default_factory=dict)
    _accepted: int = 0
    _unfit_since: float | None = None

    def joined(self, worker: Worker) -> None:
        """Note a worker that has joined; it is blocked for as long as its place is suspended."""
        self._workers[worker.worker] = _WorkerRecord(_place(worker.host, worker.address))
        self._suspend_newcomer(worker.worker)

    def is_proven(self, worker: str) -> bool:
        """Whether it has finished a tile."""
        return worker in self._workers and self._workers[worker].results > 0

    def is_suspended(self, worker: str, host: str) -> bool:
        """Whether it is a newcomer of a place that is suspended now."""
        record = self._record_of(worker, host)
        place = self._place_record(record.place)
        return not record.results and place.suspended_until > time.monotonic()

    def group(self, worker: str, host: str) -> Hashable:
        """Return a worker's group for `PoisonTaskDetector`: its place, and if it is proven."""
        record = self._record_of(worker, host)
        return (record.place, record.results > 0)

    def is_trusted(self, worker: str, host: str) -> bool:
        """Say whether a failure of this worker is evidence against the task.

        A newcomer's is where more workers of its place have proved good than failed; and where no
        worker has finished anything yet, once all that are connected have failed.
        """
        record = self._record_of(worker, host)
        place = self._place_record(record.place)
        if record.results or place.proven_workers > place.newcomer_failures:
            return True
        names = {other.worker for other in self.engine.pool.workers} or {worker}
        return not self._accepted and all(self._record_of(n, "").has_failed for n in names)

    def succeeded(self, worker: str, host: str) -> None:
        """Note that a verified result came from a worker."""
        record = self._record_of(worker, host)
        self._accepted += 1
        record.results += 1
        record.failures_in_a_row, record.unfit, record.is_stuck = 0, "", False
        if record.results == 1:
            self.engine.block_worker(worker, 0.0)
            self.engine.delay_newcomers(*record.place, 0.0)
            self.engine.delay_newcomers("", record.place[1], 0.0)
            for place in (self._place_record(record.place), self._place_record(record.place[1])):
                place.failures_in_a_row, place.suspended_until = 0, 0.0
                place.proven_workers += 1

    def failed(self, worker: str, host: str, lack: str = "") -> str:
        """Note that a task failed on a worker; return a sentence if it or its place is blocked.

        Parameters
        ----------
        lack
            What was lacking; ``memory`` is not the worker's fault.
        """
        record = self._record_of(worker, host)
        record.has_failed = True
        if lack == "memory":
            return ""
        record.failures_in_a_row += 1
        sentence = "" if record.results else self._suspend_place(worker, host, "failed")
        if record.failures_in_a_row < _IN_A_ROW or not self._others_may_work(worker):
            return sentence
        record.failures_in_a_row = 0
        self.engine.block_worker(worker, _BLOCKED_S)
        return (
            f"{host} failed {_IN_A_ROW} tasks in a row and gets none for "
            f"{_BLOCKED_S / 60:.0f} minutes."
        )

    def lost(self, worker: str, host: str) -> str:
        """Note that a worker left in mid-task; return a sentence where its place gets suspended."""
        return self._suspend_place(worker, host, "were gone in the middle of")

    def stuck(self, worker: str, host: str, tile: str, seconds: float) -> str:
        """Note that a worker holds a task suspiciously long; return a sentence the first time."""
        self.engine.block_worker(worker, _STUCK_S)
        record = self._record_of(worker, host)
        if record.is_stuck:
            return ""
        record.is_stuck = True
        return (
            f"{host} has held {tile} for {seconds:.0f} s without a result: a second copy is on its "
            "way, and it gets nothing else until it is done."
        )

    def unfit(self, worker: str, host: str, why: str, lack: str = "") -> str:
        """Note that a worker cannot run our tasks at all; return a sentence if it is news.

        Parameters
        ----------
        lack
            ``processor`` where that is the reason: it says nothing of other machines, from the same
            address or not.
        """
        record = self._record_of(worker, host)
        record.has_failed = True
        known = any(s.unfit and s.place == record.place for s in self._workers.values())
        record.unfit, record.is_sound = why, lack == "processor"
        self.engine.block_worker(worker, _UNFIT_S)
        if not record.results and not record.is_sound:
            self._suspend_place(worker, host, "failed")
        same = sum(1 for other in self.engine.pool.workers if other.host == host)
        who = host if same < 2 else f"a worker on {host}"
        return "" if known else f"{who[0].upper() + who[1:]} is of no use to this run: {why}."

    def why_all_are_unfit(self) -> str:
        """Return why, if no connected worker has been able to run our tasks for a while.

        Workers whose processors are too old give no reason to: newer ones may come.
        """
        workers = [self._workers.get(w.worker) for w in self.engine.pool.workers]
        reasons = [w.unfit for w in workers if w is not None and w.unfit and not w.is_sound]
        now = time.monotonic()
        if self._accepted or not workers or len(reasons) < len(workers):
            self._unfit_since = None
            return ""
        if self._unfit_since is None:
            self._unfit_since = now
        return min(reasons) if now - self._unfit_since >= _PATIENCE_S else ""

    def shorten_suspensions(self) -> None:
        """Shorten suspensions where no worker is left that may work: some that wait may be good."""
        now = time.monotonic()
        longest = now + _LONGEST_ALONE_S
        suspended = {key: p for key, p in self._places.items() if p.suspended_until > longest}
        if not suspended or any(self._may_work(w.worker, now) for w in self.engine.pool.workers):
            return
        head_start_s = self._head_start_s()
        for key, place in suspended.items():
            place.suspended_until = longest
            host, address = key if isinstance(key, tuple) else ("", str(key))
            self.engine.delay_newcomers(host, address, _LONGEST_ALONE_S + head_start_s)
        for newcomer in self.engine.pool.workers:
            record = self._workers.get(newcomer.worker)
            if record is not None and not (record.unfit or record.is_stuck or record.results):
                self._suspend_newcomer(newcomer.worker)

    def _may_work(self, worker: str, now: float) -> bool:
        """Whether a worker runs a task, or may be given one."""
        record = self._workers.get(worker)
        if record is None or record.unfit or record.is_stuck:
            return False
        if record.results:
            return True
        return all(place.suspended_until <= now for place in self._place_records_for(worker))

    def _suspend_place(self, worker: str, host: str, what: str) -> str:
        """Suspend the place and the address of a worker that failed or lost a task."""
        record, now = self._record_of(worker, host), time.monotonic()
        is_short = record.results or not self._others_may_work(worker)
        longest = _LONGEST_ALONE_S if is_short else _LONGEST_SUSPENSION_S
        for place in (self._place_record(record.place), self._place_record(record.place[1])):
            place.failures_in_a_row += 1
            place.newcomer_failures += not record.results
            doublings = min(place.failures_in_a_row - 1, 30)
            suspension_s = min(longest, _FIRST_SUSPENSION_S * 2.0**doublings)
            if not record.results or place.failures_in_a_row > 1:
                place.suspended_until = max(place.suspended_until, now + suspension_s)
        for other in self.engine.pool.workers:
            if other.worker in self._workers and not self.is_proven(other.worker):
                self._suspend_newcomer(other.worker)
        head_start_s = self._head_start_s(worker)
        host, address = record.place
        place = self._place_record(record.place)
        if place.suspended_until > now:
            delay_s = place.suspended_until - now + head_start_s
            self.engine.delay_newcomers(host, address, delay_s)
            until = self._place_record(address).suspended_until
            self.engine.delay_newcomers("", address, until - now + head_start_s)
        has_joining_workers = self.engine.capabilities.has_joining_workers
        if place.failures_in_a_row != _IN_A_ROW or record.results or not has_joining_workers:
            return ""
        return (
            f"Workers on {host} {what} {place.failures_in_a_row} tasks in a row and finished none: "
            f"new ones there wait {place.suspended_until - now:.0f} s for work, and longer each "
            "time."
        )

    def _head_start_s(self, lost: str = "") -> float:
        """Return how much longer those wait that connect anew, where newcomers are connected."""
        for other in self.engine.pool.workers:
            record = self._workers.get(other.worker)
            if record is None or other.worker == lost:
                continue
            if not (record.results or record.unfit or record.is_stuck):
                return _HEAD_START_S
        return 0.0

    def _suspend_newcomer(self, newcomer: str) -> None:
        until = max(place.suspended_until for place in self._place_records_for(newcomer))
        left_s = until - time.monotonic()
        if left_s > 0:
            self.engine.block_worker(newcomer, left_s)

    def _others_may_work(self, worker: str) -> bool:
        """Whether any other connected worker may work."""
        place = self._record_of(worker, "").place
        now = time.monotonic()
        for other in self.engine.pool.workers:
            record = self._workers.get(other.worker)
            if record is None or other.worker == worker or record.unfit:
                continue
            suspended = self._place_record(record.place).suspended_until > now
            if record.results or (record.place != place and not suspended):
                return True
        return False

    def _place_records_for(self, worker: str) -> Iterator[_PlaceRecord]:
        """Give the records that a newcomer is judged by: its address's only if its place is new."""
        record = self._workers[worker]
        place = self._place_record(record.place)
        yield place
        if not place.proven_workers:
            yield self._place_record(record.place[1])

    def _record_of(self, worker: str, host: str) -> _WorkerRecord:
        return self._workers.setdefault(worker, _WorkerRecord(_place(host, "")))

    def _place_record(self, key: Hashable) -> _PlaceRecord:
        return self._places.setdefault(key, _PlaceRecord())


def _place(host: str, address: str) -> tuple[str, str]:
    return host, address.rpartition(":")[0] or address
