"""What all requests share: settings, jobs, uploads, and the folder that is ours alone."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import IO

from ..errors import ArgumentError, InputError, ResourceError
from ..machine import free_disk_mb
from .jobs.dispatcher import Dispatcher
from .jobs.job import ENDED, Job, JobFolder
from .jobs.store import DATABASE_FILE, JobStore
from .jobs.watch import Watch
from .settings import WebSettings

_LOCK_FILE = "lock"


class Service:
    """The jobs of one data folder, from `open` to `close`."""

    def __init__(self, settings: WebSettings) -> None:
        self.settings = settings
        self.watch = Watch()
        self.is_ending = False
        """Whether the server has been told to end, so that streams that never end must."""
        self._lock: IO[str] | None = None
        self.jobs: JobStore
        self.dispatcher: Dispatcher

    def open(self) -> None:
        """Take the data folder, find what an earlier service left, and begin.

        Raises
        ------
        ArgumentError
            If another service uses the folder.
        InputError
            If it cannot be written, or its database is damaged.
        """
        settings = self.settings
        for folder in (settings.data, settings.uploads, settings.results):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise InputError(
                    f"{folder} cannot be made ({error.strerror})",
                    remedy="give another folder with <<data>>",
                    field="data",
                    value=folder,
                ) from None
        self._lock = self._locked()
        self.jobs = JobStore(settings.data / DATABASE_FILE)
        self.dispatcher = Dispatcher(
            self.jobs,
            self.folder,
            settings.slots,
            self.environment(),
            self.lack_of_disk,
            self.watch,
        )
        self.dispatcher.begin()

    def close(self) -> None:
        """Let go of everything; the runs go on."""
        self.dispatcher.end()
        self.jobs.close()
        if self._lock is not None:
            self._lock.close()

    def folder(self, job_id: str) -> JobFolder:
        """Return where a job's files lie."""
        return JobFolder(self.settings.results.absolute() / job_id)

    def environment(self) -> dict[str, str]:
        """Return the environment of the runs' processes."""
        return dict(os.environ)

    def lack_of_disk(self) -> str:
        """Return why nothing new may be stored, empty while there is room."""
        least = self.settings.least_free_mb
        free = min(free_disk_mb(self.settings.results), free_disk_mb(self.settings.uploads))
        if free >= least:
            return ""
        return f"the disk has {free} MB left and {least} MB must stay free: remove old jobs"

    def require_disk(self) -> None:
        """Raise `ResourceError` where nothing new may be stored."""
        if why := self.lack_of_disk():
            raise ResourceError(why, "disk")

    def cancel(self, job: Job) -> None:
        """End a job that waits or runs; its finished tiles stay."""
        if job.has_ended:
            raise ArgumentError(f"the job has ended already ({job.state})", field="state")
        if not self.jobs.change(job.id, only_in=("pending",), state="cancelled", ended=time.time()):
            self.jobs.change(job.id, only_in=("running",), wants_cancel=True)
        self.dispatcher.wake()

    def resume(self, job: Job) -> None:
        """Have a job that failed or was cancelled go on where it ended."""
        from ..files import read_json, write_json
        from ..manager.request import RunRequest

        if job.state not in ("failed", "cancelled"):
            raise ArgumentError(f"the job is {job.state}, so there is nothing to resume")
        folder = self.folder(job.id)
        request = RunRequest.from_dict(read_json(folder.request))
        write_json(folder.request, replace(request, resume=True).to_dict())
        self.jobs.change(
            job.id, only_in=("failed", "cancelled"), state="pending", message="", ended=None,
            wants_cancel=False,
        )  # fmt: skip
        self.dispatcher.wake()

    def remove(self, job: Job) -> None:
        """Forget a job that has ended, and remove its files."""
        if not self.jobs.remove(job.id, only_in=ENDED):
            raise ArgumentError("the job goes on", remedy="cancel it first", field="state")
        shutil.rmtree(self.folder(job.id).path, ignore_errors=True)

    def _locked(self) -> IO[str]:
        path: Path = self.settings.data / _LOCK_FILE
        lock = path.open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ArgumentError(
                f"{self.settings.data} is in use by another eemt-web",
                remedy="end it, or give another folder with <<data>>",
                field="data",
                value=self.settings.data,
            ) from None
        return lock
