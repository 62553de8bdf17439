"""The thread that starts jobs when there is room, and notes how they go and end.

It alone moves jobs from pending to running and from there to an end, so no two threads ever decide
about one job. What it knows of running jobs it finds again after a restart of the service.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import EemtError
from .job import Job, JobFolder
from .outcome import FILES_GONE, last_sign, outcome, progress, status_of
from .process import Process, find, never_started, start
from .store import JobStore
from .watch import Watch

_log = logging.getLogger("eemt_core.web")

_EVERY_S = 0.5
_PATIENCE_S = 60.0
"""How long a process that was asked to end may take before it is killed."""


class Dispatcher:
    """Runs jobs of a store, `slots` at a time, between `begin` and `end`.

    Parameters
    ----------
    folder_of
        Says where a job's files lie.
    environ
        The environment of the processes.
    refuses
        Says why no job may start now, empty if one may; those that wait go on waiting.
    watch
        Reads the journals.
    prepare
        Brings a job's request up to date, just before it starts.
    """

    def __init__(
        self,
        store: JobStore,
        folder_of: Callable[[str], JobFolder],
        slots: int,
        environ: Mapping[str, str] | None = None,
        refuses: Callable[[], str] = lambda: "",
        watch: Watch | None = None,
        prepare: Callable[[Job], None] = lambda _: None,
    ) -> None:
        self._store, self._folder_of, self._slots = store, folder_of, slots
        self._environ = os.environ if environ is None else environ
        self._refuses = refuses
        self._watch, self._prepare = watch or Watch(), prepare
        self._processes: dict[str, Process] = {}
        self._asked_at: dict[str, float] = {}
        self._refusal, self._complaints = "", dict[str, str]()
        self._wake, self._is_over = threading.Event(), False
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)

    def begin(self) -> None:
        """Find the processes that an earlier service left, and begin."""
        for job in self._store.running():
            process = self._process_of(job)
            if process is None and job.pid is None and never_started(self._folder_of(job.id)):
                # the service ended after it had noted the start, and before it started anything
                waits: dict[str, Any] = {"state": "pending", "started": None}
                if job.wants_cancel:
                    waits = {"state": "cancelled", "ended": time.time(), "wants_cancel": False}
                self._store.change(job.id, only_in=("running",), **waits)
        self._thread.start()

    def adopt(self, job_id: str, process: Process) -> None:
        """Look after a job whose process somebody else has started; called before it is added."""
        self._processes[job_id] = process

    def end(self) -> None:
        """Stop looking after jobs; their processes go on."""
        self._is_over = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Look at once: something was asked for."""
        self._wake.set()

    def _work(self) -> None:
        while not self._is_over:
            try:
                self.turn()
                self._complaints.pop("", None)
            except Exception as error:  # of whatever kind: the jobs of others must go on
                if self._complaints.get("") != str(error):
                    _log.exception("looking after jobs failed; it is tried again")
                self._complaints[""] = str(error)
            self._wake.wait(_EVERY_S)
            self._wake.clear()

    def turn(self) -> None:
        """Look once at all jobs that run, then start some that wait."""
        going = sum(self._goes_on(job) for job in self._store.running())
        free = self._slots - going
        if free <= 0 or self._is_over:
            return
        waiting = self._store.waiting(free)
        why = self._refuses() if waiting else ""
        if why and why != self._refusal:
            _log.warning("jobs wait: %s", why)
        self._refusal = why
        for job in waiting if not why else ():
            self._start(job)

    def _goes_on(self, job: Job) -> bool:
        """Note how a running job goes; return whether it goes on."""
        try:
            process = self._process_of(job)
            if process is None or not process.is_alive:
                self._note_end(job, was_seen=process is not None)
                return False
            done = progress(self._watch.status(self._folder_of(job.id).maps))
            if done != job.progress:
                self._store.change(job.id, only_in=("running",), progress=done)
            if job.wants_cancel:
                self._end(job, process)
        except (OSError, EemtError) as error:  # of this job alone; it is looked at again
            if self._complaints.get(job.id) != str(error):
                _log.error("job %s cannot be looked after: %s", job.id, error)
            self._complaints[job.id] = str(error)
        return True

    def _process_of(self, job: Job) -> Process | None:
        """Return the process of a running job, None if it ended while nobody looked."""
        process = self._processes.get(job.id) or find(self._folder_of(job.id), job.pid)
        if process is not None:
            self._processes[job.id] = process
        return process

    def _note_end(self, job: Job, *, was_seen: bool) -> None:
        folder = self._folder_of(job.id)
        # who reads that the job has ended must not be told a moment ago's status
        self._watch.forget(folder.maps)
        state, message = outcome(folder, was_cancelled=job.wants_cancel)
        self._store.change(
            job.id,
            only_in=("running",),
            state=state,
            message=message,
            progress=100.0 if state == "completed" else min(progress(status_of(folder)), 99.0),
            ended=time.time() if was_seen else last_sign(folder, job.started),
            pid=None,
            wants_cancel=False,
        )
        self._processes.pop(job.id, None)
        self._asked_at.pop(job.id, None)
        self._complaints.pop(job.id, None)
        _log.info("job %s has ended: %s", job.id, message or state)

    def _end(self, job: Job, process: Process) -> None:
        now = time.monotonic()
        if job.id not in self._asked_at:
            self._asked_at[job.id] = now
            process.ask_to_end()
        elif now - self._asked_at[job.id] > _PATIENCE_S:
            process.kill()

    def _start(self, job: Job) -> None:
        # noted before it starts: if the service is killed in between, the process is found again
        if not self._store.change(
            job.id, only_in=("pending",), state="running", started=time.time(), ended=None
        ):
            return  # somebody has cancelled it
        folder = self._folder_of(job.id)
        try:
            self._prepare(job)
            process = start(folder, self._environ)
        except (OSError, EemtError) as error:
            why = getattr(error, "strerror", None) or error
            message = f"the run could not be started ({why}): check the disk and the limits of "
            message += "the system, and resume it"
            self._store.change(
                job.id,
                only_in=("running",),
                state="failed",
                message=message if folder.request.exists() else FILES_GONE,
                ended=time.time(),
                wants_cancel=False,
            )
            _log.error("job %s could not be started: %s", job.id, error)
            return
        self._processes[job.id] = process
        self._store.change(job.id, pid=process.pid)
        _log.info("job %s has started as process %d", job.id, process.pid)
