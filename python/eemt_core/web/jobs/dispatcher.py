"""The thread that starts jobs when there is room, and notes how they go and end.

It alone moves jobs from pending to running and from there to an end, so no two threads ever decide
about one job. What it knows of running jobs it finds again after a restart of the service.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping

from ...errors import EemtError
from .job import Job, JobFolder
from .outcome import outcome, progress, status_of
from .process import Process, find, start
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
    """

    def __init__(
        self,
        store: JobStore,
        folder_of: Callable[[str], JobFolder],
        slots: int,
        environ: Mapping[str, str] | None = None,
        refuses: Callable[[], str] = lambda: "",
        watch: Watch | None = None,
    ) -> None:
        self._store, self._folder_of, self._slots = store, folder_of, slots
        self._environ = os.environ if environ is None else environ
        self._refuses = refuses
        self._watch = watch or Watch()
        self._processes: dict[str, Process] = {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._asked_at: dict[str, float] = {}
        self._wake, self._is_over = threading.Event(), False
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)

    def begin(self) -> None:
        """Find the processes that an earlier service left, and begin."""
        for job in self._store.running():
            process = _of(job) or find(self._folder_of(job.id))
            if process is not None:
                self._processes[job.id] = process
        self._thread.start()

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
            except Exception:  # of whatever kind: the jobs of others must go on
                _log.exception("looking after jobs failed; it is tried again")
            self._wake.wait(_EVERY_S)
            self._wake.clear()

    def turn(self) -> None:
        """Look once at all jobs that run, then start some that wait."""
        running = self._store.running()
        going = sum(self._look_at(job) for job in running)
        if going >= self._slots or self._is_over:
            return
        for job in self._store.waiting()[: self._slots - going]:
            if why := self._refuses():
                _log.warning("%s", why)
                return
            self._start(job)

    def _look_at(self, job: Job) -> bool:
        """Note how a running job goes; return whether it goes on."""
        folder, process = self._folder_of(job.id), self._processes.get(job.id)
        if process is not None and process.is_alive:
            done = progress(self._watch.status(folder.maps))
            if done != job.progress:
                self._store.change(job.id, only_in=("running",), progress=done)
            if job.wants_cancel:
                self._end(job, process)
            return True
        if job.id in self._children:
            self._children.pop(job.id).wait()
        state, message = outcome(folder, was_cancelled=job.wants_cancel)
        done = 100.0 if state == "completed" else progress(status_of(folder))
        self._store.change(
            job.id,
            only_in=("running",),
            state=state,
            message=message,
            progress=done,
            ended=time.time(),
            pid=None,
        )
        self._processes.pop(job.id, None)
        self._asked_at.pop(job.id, None)
        _log.info("job %s has ended: %s", job.id, message or state)
        return False

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
        try:
            process, child = start(self._folder_of(job.id), self._environ)
        except (OSError, EemtError) as error:
            self._store.change(
                job.id, state="failed", message=f"it could not be started: {error}",
                ended=time.time(),
            )  # fmt: skip
            return
        self._processes[job.id], self._children[job.id] = process, child
        self._store.change(job.id, pid=process.pid, process_started=process.started)
        _log.info("job %s has started as process %d", job.id, process.pid)


def _of(job: Job) -> Process | None:
    if job.pid is None or job.process_started is None:
        return None
    process = Process(job.pid, job.process_started)
    return process if process.is_alive else None
