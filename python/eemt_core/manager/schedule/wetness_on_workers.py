"""The wetness index over the whole DEM as a task of a worker, beside or before the tiles.

What goes wrong there costs only time: another worker tries it, and after some attempts this machine
computes the index, as it also does where no worker has the memory.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from ...engines.base import Completion, Engine, Submission, TaskLost, TaskStarted
from ...errors import InputError
from ...journal import Journal
from ...tiles.contract import ARRAYS_FILE, BLOCKS_FILE, RESULT_FILES
from ...tiles.result import InvalidResultError
from ...tiles.task import Resources
from ...tiles.whole_dem import WHOLE_DEM_FILE
from ..inputs.tile_inputs import TileInputs
from ..inputs.wetness import (
    WETNESS_TASK,
    WetnessTask,
    computed_wetness,
    keep_wetness,
    wetness_need,
    write_wetness_task,
)
from ..plan.encoding import wetness_encoding
from ..reporter import Reporter
from .messages import Messages
from .reputation import WorkerReputation
from .wetness_check import check_wetness

_MOST_ATTEMPTS = 3
_NO_ROOM_S, _NOBODY_S, _IDLE_S = 10.0, 10.0, 60.0
"""How long it waits for a worker large enough, for any worker when all tiles are done, and for a
worker to begin with it when there is nothing else to do."""

_LONGEST_S, _LONGEST_S_PER_CELL = 30.0, 2e-5
"""After so long a worker has it no longer: some fifty times what a core of 2026 takes."""


class WetnessOnWorkers:
    """The task in the engine of the tiles.

    Parameters
    ----------
    inputs
        Of the tiles, which get the index as soon as it is there.
    attempts, place
        Folders: in which task folders are made, and which the result becomes.
    cores
        Of the task.
    here
        Begins to compute the index on this machine, unless it is there.
    here_alone
        Whether it has not the memory to do so before all tiles are done.
    """

    def __init__(
        self,
        inputs: TileInputs,
        engine: Engine,
        attempts: Path,
        place: Path,
        cores: int,
        here: Callable[[], WetnessTask | None],
        reporter: Reporter,
        journal: Journal,
        *,
        here_alone: bool,
    ) -> None:
        self._inputs, self._engine = inputs, engine
        self._attempts, self._place = attempts, place
        self._need: Resources = wetness_need(inputs.plan.wetness, cores)
        self._begin_here, self._here_alone = here, here_alone
        self._reporter, self._journal = reporter, journal
        self._here: WetnessTask | None = None
        self._is_given_up = False
        self._submissions, self._failures = 0, 0
        self._failed_on: set[str] = set()
        self._lost: set[str] = set()
        self._host, self._began = "", 0.0
        self._since: dict[str, float] = {}
        reporter.detail("A worker is to compute the wetness index over the whole DEM.")
        self._submit()

    @property
    def is_done(self) -> bool:
        """Whether the index is there."""
        return self._inputs.wetness is not None

    @property
    def tiles_wait(self) -> bool:
        """Whether no tile can be begun yet, since all take their part of the index."""
        return self._inputs.plan.wetness.is_needed and not self.is_done

    @property
    def waiting_need(self) -> list[Resources]:
        """What it needs while it waits for the first worker."""
        waits = not (self.is_done or self._is_given_up or self._began or self._engine.pool.workers)
        return [self._need] if waits else []

    def handles(
        self,
        event: TaskStarted | TaskLost | Completion,
        reputation: WorkerReputation,
        messages: Messages,
    ) -> bool:
        """Take notice of an event, if it is of this task; say whether it is."""
        if self.is_done or self._is_given_up or event.name != self._name:
            return False
        match event:
            case TaskStarted():
                self._host, self._began = event.host, time.monotonic()
            case TaskLost():
                self._began = 0.0
                if not (event.farewell or event.why):
                    self._lost.add(event.worker)
                    messages.say(reputation.lost(event.worker, event.host), "lost")
                    self._tell(f"The wetness index lost its worker on {event.host}.")
                    if len(self._lost) >= _MOST_ATTEMPTS:
                        self._give_up(f"{len(self._lost)} workers were gone in the middle of it")
            case Completion():
                self._began = 0.0
                self._ended(event, reputation, messages)
        return True

    def turn(self, in_flight: int, waiting: int) -> None:
        """Do what is due, with so many tiles in flight, and waiting.

        Raises
        ------
        EemtError
            If this machine had to compute the index and cannot.
        """
        if self.is_done:
            return
        if not self._is_given_up:
            why = self._why_not_there(in_flight, waiting)
            if why:
                self._give_up(why)
        elif self._here is not None:
            if self._here.check():
                self._inputs.wetness = self._here.keep(self._place)
        elif not self._here_alone or self.tiles_wait or not in_flight + waiting:
            self._here = self._begin_here()

    def cancel(self) -> None:
        """End it, as the run is to stop."""
        if not (self.is_done or self._is_given_up):
            self._engine.cancel(self._name)

    @property
    def _name(self) -> str:
        return f"{WETNESS_TASK}.{self._submissions}"

    @property
    def _folder(self) -> Path:
        return self._attempts / self._name

    def _submit(self) -> None:
        self._submissions += 1
        plan = self._inputs.plan
        write_wetness_task(
            plan.wetness,
            self._folder,
            self._need,
            plan.instruction_set,
            wetness_encoding(plan.pyramid, plan.codec),
        )
        # tiles cut their part from the plain array; for the map the blocks are enough
        outputs = (BLOCKS_FILE, ARRAYS_FILE) if plan.wetness.is_needed else (BLOCKS_FILE,)
        self._engine.submit(
            Submission(
                self._name,
                self._folder,
                self._need,
                inputs=(WHOLE_DEM_FILE,),
                outputs=outputs,
                avoid=frozenset(self._failed_on),
                is_first=True,
            )
        )

    def _ended(self, event: Completion, reputation: WorkerReputation, messages: Messages) -> None:
        why, lack, worker, host = event.message, event.lack, event.worker, event.host
        if event.exit_code == 0:
            why, lack = self._taken(), ""
            if not why:
                told = f"The wetness index was computed on {host} in {event.seconds:.1f} s."
                self._reporter.detail(told)
                reputation.succeeded(worker, host)
                return
        self._failed_on.add(worker)
        shutil.rmtree(self._folder, ignore_errors=True)
        if event.is_worker_unfit:  # nothing is wrong with the task
            messages.say(reputation.unfit(worker, host, why, lack), "unfit")
            self._submit()
            return
        messages.say(reputation.failed(worker, host, lack), "blocked")
        self._failures += 1
        if lack == "memory" or self._failures >= _MOST_ATTEMPTS:
            self._give_up(why)
            return
        self._tell(f"The wetness index failed on {host} ({why}); trying it again.")
        self._submit()

    def _taken(self) -> str:
        """Accept the result; return why it does not count, or nothing."""
        plan = self._inputs.plan
        try:
            check_wetness(self._folder, plan)
            wetness = computed_wetness(plan.wetness, self._folder)
        except InvalidResultError as error:
            return str(error)
        except InputError as error:  # whether that is so, this machine finds out
            return error.what
        for path in self._folder.iterdir():
            if path.name not in RESULT_FILES:
                path.unlink()
        keep_wetness(self._folder, self._place)
        self._inputs.wetness = computed_wetness(plan.wetness, self._place, wetness.used)
        return ""

    def _why_not_there(self, in_flight: int, waiting: int) -> str:
        """Say why no worker will do it; empty while one may."""
        if self._began:
            cells = self._inputs.plan.grid.rows * self._inputs.plan.grid.cols
            longest_s = _LONGEST_S + _LONGEST_S_PER_CELL * cells
            too_long = time.monotonic() - self._began > longest_s
            return f"it takes the worker on {self._host} too long" if too_long else ""
        pool = self._engine.pool
        has_room = pool.fits(self._need)
        nobody_comes = not (pool.workers or in_flight or waiting)
        if self._lasts("room", bool(pool.workers) and not has_room, _NO_ROOM_S):
            return f"no worker has {self._need.memory_mb} MB of memory for it"
        if self._lasts("nobody", nobody_comes, _NOBODY_S):
            return "no worker is connected"
        if self._lasts("idle", has_room and not in_flight, _IDLE_S):
            return "no worker begins with it"
        return ""

    def _lasts(self, what: str, holds: bool, seconds: float) -> bool:
        """Say whether a condition has held for so long."""
        if not holds:
            self._since.pop(what, None)
            return False
        now = time.monotonic()
        return now - self._since.setdefault(what, now) >= seconds

    def _give_up(self, why: str) -> None:
        self._engine.cancel(self._name)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._is_given_up = True
        self._tell(f"This machine computes the wetness index itself: {why}.")

    def _tell(self, sentence: str) -> None:
        self._journal.event("wetness", sentence)
        self._reporter.detail(sentence)
