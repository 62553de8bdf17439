"""Tiles handed to an engine, a window of them at a time, until each has a verified result."""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace

from ...engines.base import Completion, Engine, Event, Joined, Left, Lost, Notice, Refused, Started
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
from .expected_result import Wanted
from .in_flight import HandedOut
from .lost_workers import Losses
from .messages import Sayings
from .poison_tasks import Evidence
from .reputation import Conduct
from .results import Harvest
from .speculation import Spares
from .verify import Result
from .work_items import Copy, Piece
from .worker_notices import Hosts

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
        wanted = Wanted.of(self.inputs)
        self._harvest = Harvest(wanted, self.folder, self.journal, self.reporter)
        self._hosts, self._conduct = Hosts(self.engine), Conduct(self.engine)
        self._sayings = Sayings(self.journal, self.reporter)
        self._spares = Spares()
        self._evidence = Evidence(len(self.inputs.plan.tiling), self.engine.admits_strangers)
        self._out = HandedOut(self.inputs, self.engine, self.folder, self.journal)
        self._losses = Losses(self._evidence, self._conduct, self._spares, self._out)
        self._waiting: list[Tile] = []
        self._threads: dict[int, int] = {}  # of the last tiles
        self._aside: dict[int, failures.Failure] = {}
        self._ended: deque[float] = deque()
        self._is_draining = False
        self._committed = 0.0

    def run(self) -> dict[int, Result]:
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
            while self._waiting or self._out.pieces:
                if self.stop.is_asked and self._drained():
                    break
                self._out.submit_what_is_due()
                self._fill_window()
                self.look_around()
                for event in self.engine.wait(_POLL_S):
                    self._hear(event)
                self._losses.hold_back()
                self._send_spares()
                self._watch_pool()
                self._progress()
                self._commit()
        if self._is_draining:
            raise KeyboardInterrupt
        if self._aside:
            raise failures.verdict(self._aside, self.folder.path)
        return self._harvest.results

    @property
    def unfinished(self) -> int:
        """How many tasks are yet to be done."""
        return len(self._waiting) + len(self._out.pieces)

    # --- what is yet to be done

    def _make_waiting(self) -> None:
        known = self.journal.results()
        self._waiting = [t for t in self.inputs.plan.tiling if not self._harvest.reuse(t, known)]
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
        while self._waiting and self._out.copies < room:
            tile = self._waiting.pop()
            need = self.resources(tile)
            threads = self._threads.get(tile.index, need.cores)
            self._out.submit(Piece(tile, replace(need, cores=threads)))

    # --- what has happened

    def _hear(self, event: Event) -> None:
        match event:
            case Started():
                self._started(event)
            case Lost():
                self._lost(event)
            case Completion():
                self._completed(event)
            case Joined(worker):
                self._conduct.joined(worker)
                self.journal.worker_joined(*astuple(worker))
                cores = _count(worker.cores, "core")
                self.reporter.detail(f"A worker with {cores} joined: {worker.host}.")
            case Left(worker, why):
                self.journal.worker_left(worker.worker, why)
                self.reporter.detail(f"A worker left: {worker.host} ({why}).")
            case Refused(address, why, is_worker):
                sentence = self._hosts.refused(address, why, is_worker)
                if is_worker or sentence:
                    self.journal.worker_refused(address.rpartition(":")[0] or address, why)
                self._say(sentence, "refused")
            case Notice(kind, sentence):
                self._say(sentence, kind)

    def _started(self, event: Started) -> None:
        found = self._out.find(event.name)
        if found is None:
            return
        _, copy = found
        copy.started, copy.worker, copy.host = time.monotonic(), event.worker, event.host
        self.journal.attempt_running(copy.number, event.worker, event.host)

    def _lost(self, event: Lost) -> None:
        found = self._out.find(event.name)
        if found is None:
            return
        piece, copy = found
        how = "its worker " + ("said goodbye" if event.farewell else "was lost")
        self.journal.attempt_ended(copy.number, "lost", event.why or how, copy.seconds)
        if not (event.farewell or event.why):
            self._say(self._losses.note(piece, copy, event), "lost")
        copy.started, copy.worker, copy.host = None, "", ""
        copy.number = self._out.note_attempt(piece, copy.is_spare)
        if event.farewell or event.why:
            return
        self.reporter.detail(f"{piece.name} lost its worker on {event.host}; another takes it.")
        if self._evidence.is_deadly(piece.name):
            self._put_aside(piece, failures.killer(piece, event.host))

    def _completed(self, event: Completion) -> None:
        found = self._out.take_back(event.name)
        if found is None:
            return
        piece, copy = found
        self._ended.append(time.monotonic())
        self._evidence.survived(piece.name, self._conduct.kind(event.worker, event.host))
        if event.exit_code == 0:
            why = self._harvest.take(piece.tile, copy.folder, copy.number)
            if not why:
                self._accepted(piece, copy, event)
                return
            event = replace(event, exit_code=1, message=why)
        outcome: Outcome = "no-memory" if event.lack == "memory" else "failed"
        self.journal.attempt_ended(copy.number, outcome, event.message, event.seconds)
        shutil.rmtree(copy.folder, ignore_errors=True)
        piece.failed_on.add(event.worker)
        if piece.copies:  # another copy is still at it
            return
        if self.stop.is_asked:
            self._out.forget(piece, "cancelled")
            return
        self._retry(piece, event)

    def _accepted(self, piece: Piece, copy: Copy, event: Completion) -> None:
        self._conduct.worked(event.worker, event.host)
        # what a worker says it took is its own word: never longer than we have waited
        self._spares.learn(piece.tile.core.cells, max(0.0, min(event.seconds, copy.seconds + 2.0)))
        self._out.forget(piece, "superseded")
        self.journal.attempt_ended(copy.number, "done", "", event.seconds)
        self.reporter.detail(f"{piece.name} done in {event.seconds:.1f} s.")

    # --- what went wrong

    def _retry(self, piece: Piece, event: Completion) -> None:
        worker, host = event.worker, event.host
        if event.misfit:
            self._say(self._conduct.is_unfit(worker, host, event.message), "unfit")
            self._out.submit(piece, delay_s=piece.next_delay_s())
            return
        sentence = self._conduct.failed(worker, host, event.lack)
        if not self._conduct.is_trusted(worker, host):
            self._say(sentence, "blocked")
            self._say(f"{piece.name} failed ({event.message}); trying it again.", "failed")
            self._out.submit(piece, delay_s=piece.next_delay_s())
        elif event.lack == "memory" and self._give_more_memory(piece, event):
            return
        elif failures.may_try_again(piece, event, self.retries, self.engine.name == "local"):
            piece.failures += 1
            self._say(sentence, "blocked")
            self._say(f"{piece.name} failed ({event.message}); trying it again.", "failed")
            self._out.submit(piece)
        else:
            self._put_aside(piece, failures.Failure.of(piece, event))

    def _give_more_memory(self, piece: Piece, event: Completion) -> bool:
        """Submit the piece with more memory, or in two parts; say whether one was possible."""
        more = piece.with_more_memory()
        if failures.may_grow(piece) and self.engine.limits_memory and self.engine.pool.fits(more):
            piece.growths += 1
            self._say(
                f"{piece.name} ran out of memory with {piece.need.memory_mb} MB; trying it with "
                f"{more.memory_mb} MB.",
                "memory",
            )
            piece.need = more
            self._out.submit(piece)
            return True
        parts = self._harvest.split(piece.tile)
        if parts is None:
            return False
        self._say(
            f"{piece.name} ran out of memory ({event.message}); trying it in two parts.", "split"
        )
        self._out.forget(piece, "cancelled")
        factor = piece.need.memory_mb / max(1, self.resources(piece.tile).memory_mb)
        for part in parts:
            need = self.resources(part)
            need = replace(need, memory_mb=round(need.memory_mb * factor))
            self._out.submit(Piece(part, need, growths=piece.growths))
        return True

    def _put_aside(self, piece: Piece, failure: failures.Failure) -> None:
        """Give a tile up, with all its parts; the others go on."""
        tile = piece.tile.index
        log = failure.write(self.folder.logs / f"{piece.name}.txt")
        self.journal.tile_put_aside(tile, failure.message, str(log))
        self._say(f"{piece.name} is put aside: {failure.message}.", "aside")
        self._aside[tile] = failure
        for other in [p for p in self._out.pieces.values() if p.tile.index == tile]:
            self._out.forget(other, "cancelled")
        if not self._harvest.results and len(self._aside) >= failures.HOPELESS:
            raise failures.verdict(self._aside, self.folder.path)

    # --- what else there is to look after

    def _send_spares(self) -> None:
        if self._is_draining or self.engine.name == "local":
            return
        pieces = self._out.pieces.values()
        for piece in self._spares.stuck(pieces, self._conduct.is_proven):
            for copy in piece.copies.values():
                sentence = self._conduct.keeps(copy.worker, copy.host, piece.name, copy.seconds)
            self._say(sentence, "stuck")
            self._out.submit(piece, is_spare=True)
        for piece in [] if self._waiting else self._spares.late(pieces, self.engine):
            self.reporter.detail(f"{piece.name} takes long; a second copy is on its way.")
            self._out.submit(piece, is_spare=True)

    def _commit(self) -> None:
        """Write the journal to disk: not at every turn, which may be a hundred in a second."""
        now = time.monotonic()
        if now - self._committed > _COMMIT_S:
            self._committed = now
            self.journal.commit()

    def _watch_pool(self) -> None:
        if self.engine.name == "local":  # its tasks were fitted to this machine beforehand
            return
        self._conduct.relent()
        why = self._conduct.nobody_fits()
        if why:
            raise VersionError(why)
        waiting = [piece.need for piece in self._out.pieces.values() if not piece.has_started()]
        for sentence in self._hosts.complaints(waiting):
            self._say(sentence, "pool")

    def _drained(self) -> bool:
        """Give back what has not begun or would take long; say whether nothing runs any more."""
        if not self._is_draining:
            self._is_draining = True
            self._waiting.clear()
            for piece in list(self._out.pieces.values()):
                for copy in list(piece.copies.values()):
                    left_s = self._spares.seconds_left(piece, copy)
                    if copy.started is None or left_s is None or left_s > self.stop.patience_s:
                        self._out.cancel(piece, copy, "cancelled")
                if not piece.copies:
                    self._out.forget(piece, "cancelled")
            if self._out.pieces:
                self.reporter.say(
                    f"Stopping: waiting for {_count(len(self._out.pieces), 'tile')} to end; Ctrl-C "
                    "again stops at once."
                )
            self._drain_until = time.monotonic() + self.stop.patience_s
        return not self._out.pieces or time.monotonic() > self._drain_until

    def _progress(self) -> None:
        plan = self.inputs.plan
        days = len(plan.solar.days)
        total = plan.tiling.rows * plan.tiling.cols
        self.reporter.progress(
            "tiles", self._harvest.cells * days, total * days, "cell-days", self._counts()
        )

    def _counts(self) -> str:
        running = sum(piece.has_started() for piece in self._out.pieces.values())
        waiting = len(self._waiting) + len(self._out.pieces) - running
        text = f"{len(self._harvest.results)} done, {running} running, {waiting} waiting"
        if self._aside:
            text += f", {len(self._aside)} failed"
        if self.engine.name != "local":
            pool = self.engine.pool
            text += f"; {_count(len(pool.workers), 'worker')}, {_count(pool.cores, 'core')}"
        return text

    def _say(self, sentence: str, kind: str) -> None:
        self._sayings.say(sentence, kind)


def _count(number: int, name: str) -> str:
    return f"{number} {name}" + ("" if number == 1 else "s")
