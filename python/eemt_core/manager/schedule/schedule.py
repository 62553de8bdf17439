"""The scheduling loop: submits tiles to an engine, a few ahead, and handles its events."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace
from functools import lru_cache

from ...engines.base import (
    Completion,
    Engine,
    EngineEvent,
    Notice,
    TaskLost,
    TaskStarted,
    WorkerJoined,
    WorkerLeft,
    WorkerRefused,
)
from ...errors import VersionError
from ...grids.tiling import Tile
from ...journal import Journal, Outcome
from ...tiles.task import Resources
from ..folder import OutFolder
from ..inputs.tile_inputs import TileInputs
from ..plan.staffing import threads_for_last
from ..reporter import Reporter
from ..stop import Stop
from .expected_result import ExpectedResult
from .expected_time import ExpectedTime
from .failures import poison_failure, run_error
from .in_flight import InFlight
from .lost_workers import LostWorkers
from .messages import Messages
from .poison_tasks import PoisonTaskDetector
from .recovery import Recovery
from .reputation import WorkerReputation
from .results import TileResults
from .shared_storage import SharedStorage
from .speculation import Speculation
from .verify import VerifiedResult
from .wetness_on_workers import WetnessOnWorkers
from .work_items import Attempt, WorkItem
from .worker_notices import WorkerNotices

_POLL_S, _LOOK_S = 0.25, 1.0
"""How long a turn waits for events, and how often things are looked after where none come."""

_AHEAD = 2
_AHEAD_S = 2.0
_MOST_AHEAD = 50
"""How many tasks are submitted ahead of any room for them: those, and as many as ended within so
many seconds, up to the last. Work Queue reckons at each turn what every waiting task needs: with
200 of them that is half of its time."""
_NEEDS_KEPT = 64


@dataclass
class Schedule:
    """Runs all tiles of a plan until each has a verified result or was given up.

    Attributes
    ----------
    resources
        What a tile's task needs.
    cores
        Cores of this machine, for the last tiles where these share them.
    retries
        How often a task that failed is tried again.
    at_every_turn
        Called at every turn of the loop; what it raises ends the run.
    wetness
        The task of the wetness index, where a worker is to compute it; the run waits for it too.
    """

    inputs: TileInputs
    engine: Engine
    folder: OutFolder
    resources: Callable[[Tile], Resources]
    cores: int
    reporter: Reporter
    journal: Journal
    stop: Stop = field(default_factory=Stop)
    retries: int = 1
    at_every_turn: Callable[[], object] = lambda: None
    wetness: WetnessOnWorkers | None = None

    def __post_init__(self) -> None:
        engine, journal = self.engine, self.journal
        # asked at every turn, for the same tile until that has its place
        self.resources = lru_cache(_NEEDS_KEPT)(self.resources)
        expected = ExpectedResult.of(self.inputs)
        self._results = TileResults(expected, self.folder, journal, self.reporter)
        self._speculation = Speculation()
        self._expected_time = ExpectedTime(engine, self._speculation)
        self._in_flight = InFlight(
            self.inputs, engine, self.folder, journal, self._expected_time.of
        )
        self._messages = Messages(journal, self.reporter)
        self._notices = WorkerNotices(engine)
        self._reputation = WorkerReputation(engine)
        self._storage = SharedStorage(engine, self.inputs.shared)
        self._poison_tasks = PoisonTaskDetector(
            len(self.inputs.plan.tiling), engine.capabilities.admits_strangers
        )
        self._lost_workers = LostWorkers(
            self._poison_tasks, self._reputation, self._speculation, self._in_flight
        )
        self._recovery = Recovery(
            engine,
            self._in_flight,
            self._results,
            self._reputation,
            self.folder,
            journal,
            self._messages,
            self.resources,
            self.retries,
        )
        self._waiting: list[Tile] = []
        self._threads: dict[int, int] = {}  # of the last tiles
        self._ended: deque[float] = deque()
        self._is_draining = False
        self._looked, self._has_news = 0.0, False

    def run(self) -> dict[int, VerifiedResult]:
        """Run all tiles that have no verified result yet; return the results by tile number.

        Raises
        ------
        EemtError
            If tiles cannot be computed, after all others have been; the class says whose fault
            it is.
        KeyboardInterrupt
            If asked to stop.
        """
        self._make_waiting()
        self._progress()
        with self.stop.listens():
            while self._waiting or self._in_flight.items or self._waits_for_wetness():
                if self.stop.is_asked and self._drained():
                    break
                self._in_flight.submit_due()
                self._fill_window()
                self.at_every_turn()
                events = self.engine.wait(_POLL_S)
                for event in events:
                    self._handle(event)
                self._lost_workers.delay_restarts()
                if self.wetness is not None and not self._is_draining:
                    self.wetness.turn(len(self._in_flight.items), len(self._waiting))
                self._look_after(bool(events))
        self._progress()
        if self.stop.is_asked:  # perhaps while the last tile ended
            raise KeyboardInterrupt
        if self._recovery.given_up:
            raise run_error(self._recovery.given_up, self.folder.path)
        return self._results.results

    @property
    def unfinished(self) -> int:
        """How many tiles, or parts of tiles, have no result yet, and the wetness index."""
        return len(self._waiting) + len(self._in_flight.items) + self._waits_for_wetness()

    def _waits_for_wetness(self) -> bool:
        return self.wetness is not None and not self.wetness.is_done

    # --- tiles that wait

    def _make_waiting(self) -> None:
        known = self.journal.results()
        self._waiting = [t for t in self.inputs.plan.tiling if not self._results.reuse(t, known)]
        self.journal.commit()
        # taken from the end: the largest tiles first. The last tiles, where they are fewer than the
        # processes, share all cores
        self._waiting.sort(key=lambda tile: (tile.core.cells, -tile.index))
        if self.engine.capabilities.shares_cores and self._waiting:
            processes = self.engine.capacity(self.resources(self._waiting[0]))
            last = self._waiting[: len(self._waiting) % processes]
            threads = threads_for_last(self.cores, max(1, len(last)))
            self._threads = {tile.index: threads for tile in last}

    def _fill_window(self) -> None:
        if self._is_draining or not self._waiting:
            return
        if self.wetness is not None and self.wetness.tiles_wait:
            return
        now = time.monotonic()
        while self._ended and now - self._ended[0] > _AHEAD_S:
            self._ended.popleft()
        # the more tasks ended of late, the more are submitted ahead, so that no worker runs idle
        ahead = _AHEAD + min(len(self._ended), _MOST_AHEAD)
        room = self.engine.capacity(self.resources(self._waiting[-1])) + ahead
        while self._waiting and self._in_flight.attempt_count < room:
            tile = self._waiting.pop()
            need = self.resources(tile)
            threads = self._threads.get(tile.index, need.cores)
            self._in_flight.submit(WorkItem(tile, replace(need, cores=threads)))

    # --- events

    def _handle(self, event: EngineEvent) -> None:
        match event:
            case TaskStarted() | TaskLost() | Completion() if self._is_of_wetness(event):
                pass
            case TaskStarted():
                self._started(event)
            case TaskLost():
                self._lost(event)
            case Completion():
                self._completed(event)
            case WorkerJoined(worker):
                self._reputation.joined(worker)
                self.journal.worker_joined(*astuple(worker))
                cores = _count(worker.cores, "core")
                self.reporter.detail(f"A worker with {cores} joined: {worker.host}.")
            case WorkerLeft(worker, why):
                self.journal.worker_left(worker.worker, why)
                self.reporter.detail(f"A worker left: {worker.host} ({why}).")
            case WorkerRefused(address, why, is_worker):
                sentence = self._notices.refused(address, why, is_worker)
                if is_worker or sentence:
                    self.journal.worker_refused(address.rpartition(":")[0] or address, why)
                self._messages.say(sentence, "refused")
            case Notice(kind, sentence):
                self._messages.say(sentence, kind)

    def _is_of_wetness(self, event: TaskStarted | TaskLost | Completion) -> bool:
        wetness = self.wetness
        return wetness is not None and wetness.handles(event, self._reputation, self._messages)

    def _started(self, event: TaskStarted) -> None:
        found = self._in_flight.find(event.name)
        if found is None:
            return
        _, attempt = found
        attempt.started, attempt.worker, attempt.host = time.monotonic(), event.worker, event.host
        self.journal.attempt_running(attempt.journal_id, event.worker, event.host)

    def _lost(self, event: TaskLost) -> None:
        found = self._in_flight.find(event.name)
        if found is None:
            return
        item, attempt = found
        how = "its worker " + ("said goodbye" if event.farewell else "was lost")
        self.journal.attempt_ended(attempt.journal_id, "lost", event.why or how, attempt.seconds)
        if not (event.farewell or event.why):
            self._messages.say(self._lost_workers.record(item, attempt, event), "lost")
        attempt.started, attempt.worker, attempt.host = None, "", ""
        attempt.journal_id = self._in_flight.record_attempt(item, attempt.is_speculative)
        if event.farewell or event.why:
            return
        self.reporter.detail(f"{item.name} lost its worker on {event.host}; another takes it.")
        if self._poison_tasks.is_poison(item.name):
            self._recovery.give_up(item, poison_failure(item, event.host))

    def _completed(self, event: Completion) -> None:
        found = self._in_flight.take_back(event.name)
        if found is None:
            return
        item, attempt = found
        self._ended.append(time.monotonic())
        self._poison_tasks.task_ended(item.name, self._reputation.group(event.worker, event.host))
        if event.exit_code == 0:
            self._in_flight.fetch_result(attempt)
            why = self._results.take(item.tile, attempt.folder, attempt.journal_id)
            if not why:
                self._accepted(item, attempt, event)
                return
            event = replace(event, exit_code=1, message=why)
            outcome: Outcome = "damaged"
        else:
            outcome = "no-memory" if event.lack == "memory" else "failed"
        self.journal.attempt_ended(attempt.journal_id, outcome, event.message, event.seconds)
        self._in_flight.remove_files(attempt)
        if attempt.is_shared and event.lack == "shared":
            self._messages.say(
                self._storage.missed_by(event.worker, event.host, event.message), "shared"
            )
            self._again(item)
            return
        item.failed_on.add(event.worker)
        self._again(item, event)

    def _again(self, item: WorkItem, event: Completion | None = None) -> None:
        """Submit an item again unless it runs elsewhere; `event` is its failure, if it is one."""
        if item.attempts:  # another attempt still runs
            return
        if self.stop.is_asked:
            self._in_flight.forget(item, "cancelled")
        elif event is None:
            self._in_flight.submit(item)
        else:
            self._recovery.failed(item, event)

    def _accepted(self, item: WorkItem, attempt: Attempt, event: Completion) -> None:
        self._reputation.succeeded(event.worker, event.host)
        # the time that the worker reports is limited to the time that passed here
        self._speculation.learn(
            item.tile.core.cells, max(0.0, min(event.seconds, attempt.seconds + 2.0))
        )
        self._in_flight.remove_files(attempt)
        self._in_flight.forget(item, "superseded")
        self.journal.attempt_ended(attempt.journal_id, "done", "", event.seconds)
        self.reporter.detail(f"{item.name} done in {event.seconds:.1f} s.")

    # --- looked after now and then

    def _look_after(self, has_news: bool) -> None:
        """Do what is not needed at every turn: a hundred may be in a second, or bring no news."""
        self._has_news = self._has_news or has_news
        now = time.monotonic()
        if now - self._looked >= (_POLL_S if self._has_news else _LOOK_S):
            self._looked, self._has_news = now, False
            self._speculate()
            self._watch_pool()
            self._progress()
            self.journal.commit()

    def _speculate(self) -> None:
        if self._is_draining or not self.engine.capabilities.has_joining_workers:
            return
        items = self._in_flight.items.values()
        for item in self._speculation.stuck(items, self._reputation.is_proven):
            for attempt in item.attempts.values():
                sentence = self._reputation.stuck(
                    attempt.worker, attempt.host, item.name, attempt.seconds
                )
            self._messages.say(sentence, "stuck")
            self._in_flight.submit(item, is_speculative=True)
        for item in [] if self._waiting else self._speculation.stragglers(items, self.engine):
            self.reporter.detail(f"{item.name} takes long; a second copy is on its way.")
            self._in_flight.submit(item, is_speculative=True)

    def _watch_pool(self) -> None:
        if not self.engine.capabilities.has_joining_workers:
            return
        self._reputation.shorten_suspensions()
        items = self._in_flight.items.values()
        for item in self._expected_time.held(items) or self._expected_time.unsaid(items):
            self._in_flight.submit_anew(item)
        self._messages.say(self._storage.give_up(), "shared")
        why = self._reputation.why_all_are_unfit()
        if why:
            raise VersionError(why)
        waiting = [item.need for item in self._in_flight.items.values() if not item.has_started()]
        if self.wetness is not None:
            waiting += self.wetness.waiting_need
        for sentence in self._notices.complaints(waiting):
            self._messages.say(sentence, "pool")

    def _drained(self) -> bool:
        """Cancel what has not begun or would take long; say whether nothing runs any more."""
        if not self._is_draining:
            self._is_draining = True
            self._waiting.clear()
            if self.wetness is not None:
                self.wetness.cancel()
            for item in list(self._in_flight.items.values()):
                for attempt in list(item.attempts.values()):
                    left_s = self._speculation.seconds_left(item, attempt)
                    if attempt.started is None or left_s is None or left_s > self.stop.patience_s:
                        self._in_flight.cancel(item, attempt, "cancelled")
                if not item.attempts:
                    self._in_flight.forget(item, "cancelled")
            if self._in_flight.items:
                tiles = _count(len(self._in_flight.items), "tile")
                self.reporter.say(
                    f"Stopping: waiting for {tiles} to end; Ctrl-C again stops at once."
                )
            self._drain_until = time.monotonic() + self.stop.patience_s
        return not self._in_flight.items or time.monotonic() > self._drain_until

    def _progress(self) -> None:
        plan = self.inputs.plan
        days = len(plan.solar.days)
        total = plan.tiling.rows * plan.tiling.cols
        self.reporter.progress(
            "tiles", self._results.cells * days, total * days, "cell-days", self._counts()
        )

    def _counts(self) -> str:
        running = sum(item.has_started() for item in self._in_flight.items.values())
        waiting = len(self._waiting) + len(self._in_flight.items) - running
        text = f"{len(self._results.results)} done, {running} running, {waiting} waiting"
        if self.wetness is not None and self.wetness.tiles_wait:
            text += " for the wetness index"
        if self._recovery.given_up:
            text += f", {len(self._recovery.given_up)} failed"
        if self.engine.capabilities.has_joining_workers:
            pool = self.engine.pool
            text += f"; {_count(len(pool.workers), 'worker')}, {_count(pool.cores, 'core')}"
        return text


def _count(number: int, name: str) -> str:
    return f"{number} {name}" + ("" if number == 1 else "s")
