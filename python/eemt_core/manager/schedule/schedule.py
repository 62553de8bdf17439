"""Tiles handed to an engine, a window of them at a time, until each has a verified result."""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace

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
from ..plan.resources import threads_for_last
from ..request import Reporter
from ..stop import Stop
from . import failures
from .expected_result import ExpectedResult
from .in_flight import InFlight
from .lost_workers import LostWorkers
from .messages import Messages
from .poison_tasks import PoisonTaskDetector
from .reputation import WorkerReputation
from .results import TileResults
from .speculation import Speculation
from .verify import VerifiedResult
from .work_items import Attempt, WorkItem
from .worker_notices import WorkerNotices

_POLL_S = 0.25
_AHEAD = 2
_AHEAD_S = 2.0
_MOST_AHEAD = 500
_COMMIT_S = 0.2


@dataclass
class Schedule:
    """Runs every tile of a plan once and keeps what their results say of themselves.

    Attributes
    ----------
    resources
        Of a tile's task.
    cores
        Of this machine, for the last tiles of a run that stays on it.
    retries
        How often a task that failed is tried again.
    look_around
        Called now and then; what it raises ends the run.
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
    look_around: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        expected = ExpectedResult.of(self.inputs)
        self._results = TileResults(expected, self.folder, self.journal, self.reporter)
        self._worker_notices, self._reputation = (
            WorkerNotices(self.engine),
            WorkerReputation(self.engine),
        )
        self._messages = Messages(self.journal, self.reporter)
        self._speculation = Speculation()
        self._poison = PoisonTaskDetector(
            len(self.inputs.plan.tiling), self.engine.admits_strangers
        )
        self._in_flight = InFlight(self.inputs, self.engine, self.folder, self.journal)
        self._lost_workers = LostWorkers(
            self._poison, self._reputation, self._speculation, self._in_flight
        )
        self._waiting: list[Tile] = []
        self._threads: dict[int, int] = {}  # of the last tiles
        self._aside: dict[int, failures.Failure] = {}
        self._ended: deque[float] = deque()
        self._is_draining = False
        self._committed = 0.0

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
            while self._waiting or self._in_flight.items:
                if self.stop.is_asked and self._drained():
                    break
                self._in_flight.submit_what_is_due()
                self._fill_window()
                self.look_around()
                for event in self.engine.wait(_POLL_S):
                    self._hear(event)
                self._lost_workers.delay_restarts()
                self._send_spares()
                self._watch_pool()
                self._progress()
                self._commit()
        if self._is_draining:
            raise KeyboardInterrupt
        if self._aside:
            raise failures.run_error(self._aside, self.folder.path)
        return self._results.results

    @property
    def unfinished(self) -> int:
        """How many tasks are yet to be done."""
        return len(self._waiting) + len(self._in_flight.items)

    # --- what is yet to be done

    def _make_waiting(self) -> None:
        known = self.journal.results()
        self._waiting = [t for t in self.inputs.plan.tiling if not self._results.reuse(t, known)]
        self.journal.commit()
        # the smallest last, and where fewer are left than processes, on all cores
        self._waiting.sort(key=lambda tile: (tile.core.cells, -tile.index))
        if self.engine.name == "local" and self._waiting:
            processes = self.engine.capacity(self.resources(self._waiting[0]))
            last = self._waiting[: len(self._waiting) % processes]
            threads = threads_for_last(self.cores, max(1, len(last)))
            self._threads = {tile.index: threads for tile in last}

    def _fill_window(self) -> None:
        if self._is_draining or not self._waiting:
            return
        now = time.monotonic()
        while self._ended and now - self._ended[0] > _AHEAD_S:
            self._ended.popleft()
        # short tasks end faster than they can be followed up: the more, the more lie ready
        ahead = _AHEAD + min(len(self._ended), _MOST_AHEAD)
        room = self.engine.capacity(self.resources(self._waiting[-1])) + ahead
        while self._waiting and self._in_flight.attempt_count < room:
            tile = self._waiting.pop()
            need = self.resources(tile)
            threads = self._threads.get(tile.index, need.cores)
            self._in_flight.submit(WorkItem(tile, replace(need, cores=threads)))

    # --- what has happened

    def _hear(self, event: EngineEvent) -> None:
        match event:
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
                sentence = self._worker_notices.refused(address, why, is_worker)
                if is_worker or sentence:
                    self.journal.worker_refused(address.rpartition(":")[0] or address, why)
                self._say(sentence, "refused")
            case Notice(kind, sentence):
                self._say(sentence, kind)

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
            self._say(self._lost_workers.note(item, attempt, event), "lost")
        attempt.started, attempt.worker, attempt.host = None, "", ""
        attempt.journal_id = self._in_flight.note_attempt(item, attempt.is_speculative)
        if event.farewell or event.why:
            return
        self.reporter.detail(f"{item.name} lost its worker on {event.host}; another takes it.")
        if self._poison.is_deadly(item.name):
            self._put_aside(item, failures.poison_failure(item, event.host))

    def _completed(self, event: Completion) -> None:
        found = self._in_flight.take_back(event.name)
        if found is None:
            return
        item, attempt = found
        self._ended.append(time.monotonic())
        self._poison.survived(item.name, self._reputation.kind(event.worker, event.host))
        if event.exit_code == 0:
            why = self._results.take(item.tile, attempt.folder, attempt.journal_id)
            if not why:
                self._accepted(item, attempt, event)
                return
            event = replace(event, exit_code=1, message=why)
        outcome: Outcome = "no-memory" if event.lack == "memory" else "failed"
        self.journal.attempt_ended(attempt.journal_id, outcome, event.message, event.seconds)
        shutil.rmtree(attempt.folder, ignore_errors=True)
        item.failed_on.add(event.worker)
        if item.attempts:  # another attempt is still at it
            return
        if self.stop.is_asked:
            self._in_flight.forget(item, "cancelled")
            return
        self._retry(item, event)

    def _accepted(self, item: WorkItem, attempt: Attempt, event: Completion) -> None:
        self._reputation.worked(event.worker, event.host)
        # what a worker says it took is its own word: never longer than we have waited
        self._speculation.learn(
            item.tile.core.cells, max(0.0, min(event.seconds, attempt.seconds + 2.0))
        )
        self._in_flight.forget(item, "superseded")
        self.journal.attempt_ended(attempt.journal_id, "done", "", event.seconds)
        self.reporter.detail(f"{item.name} done in {event.seconds:.1f} s.")

    # --- what went wrong

    def _retry(self, item: WorkItem, event: Completion) -> None:
        worker, host = event.worker, event.host
        if event.is_worker_unfit:
            self._say(self._reputation.is_unfit(worker, host, event.message), "unfit")
            self._in_flight.submit(item, delay_s=item.next_delay_s())
            return
        sentence = self._reputation.failed(worker, host, event.lack)
        if not self._reputation.is_trusted(worker, host):
            self._say(sentence, "blocked")
            self._say(f"{item.name} failed ({event.message}); trying it again.", "failed")
            self._in_flight.submit(item, delay_s=item.next_delay_s())
        elif event.lack == "memory" and self._give_more_memory(item, event):
            return
        elif failures.is_retryable(item, event, self.retries, self.engine.name == "local"):
            item.failures += 1
            self._say(sentence, "blocked")
            self._say(f"{item.name} failed ({event.message}); trying it again.", "failed")
            self._in_flight.submit(item)
        else:
            self._put_aside(item, failures.Failure.of(item, event))

    def _give_more_memory(self, item: WorkItem, event: Completion) -> bool:
        """Submit the item with more memory, or in two parts; say whether one was possible."""
        more = item.with_more_memory()
        if (
            failures.may_have_more_memory(item)
            and self.engine.limits_memory
            and self.engine.pool.fits(more)
        ):
            item.growths += 1
            self._say(
                f"{item.name} ran out of memory with {item.need.memory_mb} MB; trying it with "
                f"{more.memory_mb} MB.",
                "memory",
            )
            item.need = more
            self._in_flight.submit(item)
            return True
        parts = self._results.split(item.tile)
        if parts is None:
            return False
        self._say(
            f"{item.name} ran out of memory ({event.message}); trying it in two parts.", "split"
        )
        self._in_flight.forget(item, "cancelled")
        factor = item.need.memory_mb / max(1, self.resources(item.tile).memory_mb)
        for part in parts:
            need = self.resources(part)
            need = replace(need, memory_mb=round(need.memory_mb * factor))
            self._in_flight.submit(WorkItem(part, need, growths=item.growths))
        return True

    def _put_aside(self, item: WorkItem, failure: failures.Failure) -> None:
        """Give a tile up, with all its parts; the others go on."""
        tile = item.tile.index
        log = failure.write(self.folder.logs / f"{item.name}.txt")
        self.journal.tile_put_aside(tile, failure.message, str(log))
        self._say(f"{item.name} is put aside: {failure.message}.", "aside")
        self._aside[tile] = failure
        for other in [p for p in self._in_flight.items.values() if p.tile.index == tile]:
            self._in_flight.forget(other, "cancelled")
        if not self._results.results and len(self._aside) >= failures.FAILURES_BEFORE_ANY_RESULT:
            raise failures.run_error(self._aside, self.folder.path)

    # --- what else there is to look after

    def _send_spares(self) -> None:
        if self._is_draining or self.engine.name == "local":
            return
        items = self._in_flight.items.values()
        for item in self._speculation.stuck(items, self._reputation.is_proven):
            for attempt in item.attempts.values():
                sentence = self._reputation.keeps(
                    attempt.worker, attempt.host, item.name, attempt.seconds
                )
            self._say(sentence, "stuck")
            self._in_flight.submit(item, is_speculative=True)
        for item in [] if self._waiting else self._speculation.late(items, self.engine):
            self.reporter.detail(f"{item.name} takes long; a second copy is on its way.")
            self._in_flight.submit(item, is_speculative=True)

    def _commit(self) -> None:
        """Write the journal to disk: not at every turn, which may be a hundred in a second."""
        now = time.monotonic()
        if now - self._committed > _COMMIT_S:
            self._committed = now
            self.journal.commit()

    def _watch_pool(self) -> None:
        if self.engine.name == "local":  # its tasks were fitted to this machine beforehand
            return
        self._reputation.relent()
        why = self._reputation.nobody_fits()
        if why:
            raise VersionError(why)
        waiting = [item.need for item in self._in_flight.items.values() if not item.has_started()]
        for sentence in self._worker_notices.complaints(waiting):
            self._say(sentence, "pool")

    def _drained(self) -> bool:
        """Give back what has not begun or would take long; say whether nothing runs any more."""
        if not self._is_draining:
            self._is_draining = True
            self._waiting.clear()
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
        if self._aside:
            text += f", {len(self._aside)} failed"
        if self.engine.name != "local":
            pool = self.engine.pool
            text += f"; {_count(len(pool.workers), 'worker')}, {_count(pool.cores, 'core')}"
        return text

    def _say(self, sentence: str, kind: str) -> None:
        self._messages.say(sentence, kind)


def _count(number: int, name: str) -> str:
    return f"{number} {name}" + ("" if number == 1 else "s")
