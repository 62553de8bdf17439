"""As many workers as the tiles of a run want: jobs are submitted in steps and cancelled in time.

What the run wants is read from its journal, how jobs stand is asked of the batch system by their
numbers. A worker without tiles leaves by itself; only jobs that have not begun are cancelled before
the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..errors import ArgumentError, EemtError, InputError
from ..journal import Status, read_status
from ..journal.job_notes import JobNote, noted_jobs
from ..worker.supervise import WORKING
from .hand_over import hand_over_for
from .order import Order, Workers
from .schedulers import SCHEDULERS, Job
from .standing import end_of, standing_of
from .targets import TARGETS

_IDLE_S = 120
"""How long a worker beyond the fewest stays without a tile."""

_LOOK_S, _LOOK_MOST_S = 1.0, 15.0
_MOST_IN_VAIN = 3
_MOST_REFUSED_LOOKS = 10
_BEGINNING_BYTES = 2**16


class Autoscaler:
    """Keeps workers for a run, from its begin to its end.

    Parameters
    ----------
    target
        The batch system's name among `SCHEDULERS`.
    order
        That of the workers; their number is not looked at.
    out
        The folder of the run.
    fewest, most
        How many jobs to have at any time.
    tell
        Hears what happens, one sentence at a time.

    Raises
    ------
    ArgumentError
        If the order is not one of workers.
    """

    def __init__(
        self,
        target: str,
        order: Order,
        out: Path,
        fewest: int,
        most: int,
        tell: Callable[[str], None],
    ) -> None:
        self._target, self._order, self._out = target, order, out
        self._fewest, self._most, self._tell = fewest, most, tell
        self._scheduler = SCHEDULERS[target]
        self._notes: dict[str, JobNote] = {}
        self._logs: dict[str, Path] = {}
        self._arrived: set[str] = set()
        self._ended: set[str] = set()
        self._counted: set[str] = set()
        self._cancelled: set[str] = set()
        self._step, self._in_vain, self._refused_looks = max(1, fewest), 0, 0
        self._last: Status | None = None
        self._unread = 0
        self._said, self._counts = "", (0, 0, 0)
        if not isinstance(order.work, Workers):
            raise ArgumentError(
                "only workers come and go with a run",
                remedy="leave <<autoscale>> out, or name a <<manager>>",
                field="autoscale",
            )

    def run(self) -> str:
        """Keep workers until the run ends; return in one sentence how it did.

        What is left is cancelled, however this ends.

        Raises
        ------
        InputError
            If three jobs in a row ended without ever having reached the manager.
        EemtError
            If the batch system refuses the jobs or answers no more.
        """
        pause_s = _LOOK_S
        try:
            while True:
                status = self._status()
                if status is not None and status.run.state not in ("running", "silent"):
                    return f"The run has ended: {status.run.state}."
                if self._turn(status):
                    pause_s = _LOOK_S
                time.sleep(pause_s)
                pause_s = min(_LOOK_MOST_S, 1.5 * pause_s)
        finally:
            self._cancel_all()

    def _status(self) -> Status | None:
        """Return how the run stands, or stood when it could be read last; None before it began."""
        try:
            self._last, self._unread = read_status(self._out), 0
        except InputError:
            self._unread += self._last is not None
            if self._unread >= _MOST_REFUSED_LOOKS:
                raise
        return self._last

    def _turn(self, status: Status | None) -> bool:
        """Look, and submit or cancel what is due; return whether anything has changed."""
        jobs = self._look()
        if jobs is None:
            return False
        has_ended = self._see_ends(jobs)
        queued = [job for job in jobs if job.state == "queued"]
        running = [job for job in jobs if job.state == "running"]
        wanted = self._wanted(status)
        left = "The run has not begun" if status is None else f"{_left(status)} tiles left"
        said = f"{left}: {wanted} workers wanted, {len(queued)} queued, {len(running)} running."
        counts = (wanted, len(queued), len(running))
        has_changed = counts != self._counts or has_ended
        self._counts = counts
        if said != self._said:
            self._tell(said)
            self._said = said
        missing = wanted - len(queued) - len(running)
        if missing > 0:
            arrived = sum(self._has_arrived(job) for job in running)
            self._step = max(self._step, 2 * arrived)
            # those that have ended and may yet show that they had arrived count as well
            on_their_way = len(queued) + len(running) - arrived + len(self._ended - self._counted)
            self._grow(min(missing, self._step - on_their_way), len(queued) + len(running))
        elif missing < 0 and queued:
            self._cancel(queued[missing:])
        return has_changed

    def _wanted(self, status: Status | None) -> int:
        """Return how many workers the tiles that are left can use, within the limits."""
        if status is None:
            return self._fewest
        busy, tiles = status.worker_counts.cores_busy, status.tile_counts.running
        task_cores = max(1, busy // tiles) if tiles else 1
        cores = self._order.cores or max((worker.cores for worker in status.workers), default=1)
        at_once = max(1, cores // task_cores)
        return min(self._most, max(self._fewest, -(-_left(status) // at_once)))

    def _grow(self, count: int, there: int) -> None:
        """Submit jobs; those beyond the fewest leave when they have no tile for a while."""
        if count <= 0:
            return
        work = self._order.work
        assert isinstance(work, Workers)
        lasting = max(0, self._fewest - there)
        count = min(count, lasting or count)
        order = replace(
            self._order, work=replace(work, count=count, idle_s=None if lasting else _IDLE_S)
        )
        try:
            handed = hand_over_for(
                self._out, self._target, order, TARGETS[self._target].render(order)
            )
        except InputError as error:
            if not there:
                raise
            self._tell(f"No more jobs for now: {error.what}.")
            return
        self._notes[handed.number] = next(
            note for note in noted_jobs(self._out) if note.number == handed.number
        )
        self._tell(f"Submitted {count}, as {handed.number}.")

    def _look(self) -> list[Job] | None:
        """Return all jobs, ended ones too; None if the batch system does not answer for once."""
        if not self._notes:
            return []
        try:
            known = self._scheduler.look(list(self._notes))
        except InputError as error:
            self._refused_looks += 1
            if self._refused_looks >= _MOST_REFUSED_LOOKS:
                raise
            self._tell(f"{error.what}.")
            return None
        self._refused_looks = 0
        jobs: list[Job] = []
        for note in self._notes.values():
            standing = standing_of(self._scheduler, note, known)
            self._logs |= standing.logs
            jobs += standing.jobs or ()
        return jobs

    def _see_ends(self, jobs: list[Job]) -> bool:
        """Take note of jobs that have ended, and raise if too many did so in vain."""
        new = [job for job in jobs if job.state == "ended" and job.id not in self._counted]
        for job in jobs:
            if job.state == "running" and self._has_arrived(job):
                self._in_vain = 0
        for job in new:
            if job.id not in self._ended:
                self._ended.add(job.id)
                if job.ending not in ("", "done") and job.id not in self._cancelled:
                    self._tell(f"Job {job.id} {job.how}.")
                continue  # until the next look, when its output is sure to be seen here
            self._counted.add(job.id)
            is_wish = job.ending == "cancelled" and self._logs.get(job.id) is None
            if job.id in self._cancelled or is_wish:
                continue
            self._in_vain = 0 if self._has_arrived(job) else self._in_vain + 1
            if self._in_vain >= _MOST_IN_VAIN:
                self._give_up(job)
        return bool(new)

    def _give_up(self, job: Job) -> None:
        log = self._logs.get(job.id)
        said = end_of(log)
        self._tell(f"{log} ends with:\n{said}" if said else "It has written nothing.")
        raise InputError(
            f"{_MOST_IN_VAIN} jobs in a row ended without having reached the manager, the last of "
            f"them {job.id} ({job.how})",
            remedy="see what is wrong with <<probe>>",
            field="autoscale",
        )

    def _has_arrived(self, job: Job) -> bool:
        """Say whether a worker has ever reached the manager, by its output."""
        log = self._logs.get(job.id)
        if job.id not in self._arrived and log is not None:
            with suppress(OSError), log.open("rb") as file:
                if WORKING.encode() in file.read(_BEGINNING_BYTES):
                    self._arrived.add(job.id)
        return job.id in self._arrived

    def _cancel(self, jobs: list[Job]) -> None:
        ids = [job.id for job in jobs]
        self._cancelled.update(ids)
        self._scheduler.cancel(ids)
        self._tell(f"Cancelled {len(ids)} that had not begun.")

    def _cancel_all(self) -> None:
        if not self._notes:
            return
        try:
            self._scheduler.cancel(list(self._notes))
        except EemtError as error:
            self._tell(f"Not all jobs were cancelled: {error.what}.")


def _left(status: Status) -> int:
    return status.tile_counts.waiting + status.tile_counts.running
