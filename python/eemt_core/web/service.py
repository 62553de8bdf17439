"""What all requests share: settings, jobs, uploads, and the folder that is ours alone."""

from __future__ import annotations

import fcntl
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from ..errors import ArgumentError, EemtError, InputError, ResourceError
from ..errors.system import cannot_write
from ..files import private_file, private_folder, read_json, write_json
from ..machine import free_disk_mb
from ..manager.folder import LONGEST_BYTES
from ..manager.request import RunRequest
from .jobs.cleanup import Cleaner
from .jobs.dispatcher import Dispatcher
from .jobs.folders import Remover
from .jobs.job import ENDED, Job, JobFolder
from .jobs.outcome import FILES_GONE
from .jobs.process import note_resume
from .jobs.renew import renew
from .jobs.store import DATABASE_FILE, JobStore
from .jobs.watch import Watch
from .maps.shelf import MapShelf
from .refusals import ConflictError, NotThereError
from .settings import WebSettings
from .uploads.climates import Climates
from .uploads.dems import Dems
from .uploads.limited import CLIMATE_FORMATS, strict_environment
from .uploads.rasters import Rasters
from .uploads.shelf import Shelf

_LOCK_FILE = "lock"
_TRIES, _BETWEEN_TRIES_S = 20, 0.1
_OUR_VARIABLE = re.compile("EEMT_")
_FOR_RUNS = ("EEMT_SIMD", "EEMT_PYTHON", "EEMT_CONTAINER_RUNTIME")
"""Variables of ours that mean something to a run whose request says all else."""


class Service:
    """The jobs of one data folder, from `open` to `close`."""

    def __init__(self, settings: WebSettings) -> None:
        self.settings = settings
        self.watch = Watch()
        self.is_ending = False
        """Whether the server has been told to end, so that streams that never end must."""
        self.streams = 0
        """How many streams of events there are."""
        self._lock: IO[str] | None = None
        self._changing = threading.Lock()
        """Held while a job's request is written: it has one writer at a time."""

        self.jobs: JobStore
        self.dispatcher: Dispatcher
        self.cleaner: Cleaner
        self.remover: Remover
        self.maps: MapShelf
        uploads = settings.uploads.absolute()
        self.dems = Dems(Shelf(uploads / "dems", settings.most_uploads, "uploaded DEMs"))
        self.rasters = Rasters(
            Shelf(uploads / "rasters", settings.most_uploads, "uploaded rasters")
        )
        self.climates = Climates(
            Shelf(uploads / "climates", settings.most_uploads, "uploaded climates"),
            settings.climate_dir,
        )

    @property
    def is_open(self) -> bool:
        """Whether it holds its data folder."""
        return self._lock is not None

    def open(self) -> None:
        """Take the data folder, find what an earlier service left, and begin.

        Raises
        ------
        ArgumentError
            If another service uses the folder.
        InputError
            If it cannot be written, or its database is damaged.
        VersionError
            If another version wrote the database.
        """
        settings = self.settings
        _check_length(self.folder("0" * 32).maps)
        _make_folder(settings.data, "data")
        _make_folder(settings.uploads, "uploads_dir")
        _make_folder(settings.results, "results_dir")
        lock = self._locked()
        try:
            for ours in self._own_folders():
                private_folder(ours)
            self.dems.shelf.open()
            self.rasters.shelf.open()
            self.climates.shelf.open()
            self.jobs = JobStore(settings.data / DATABASE_FILE)
        except BaseException:
            lock.close()
            raise
        self._lock = lock
        self.maps = MapShelf(settings.least_free_mb)
        self.dispatcher = Dispatcher(
            self.jobs,
            self.folder,
            settings.slots,
            self.environment(),
            self.lack_of_disk,
            self.watch,
            self._renew,
        )
        self.cleaner = Cleaner(
            self.jobs,
            self.folder,
            settings.retention,
            settings.storage,
            self.maps.forget,
            (self.dems.shelf, self.rasters.shelf, self.climates.shelf),
        )
        self.remover = Remover()
        self.remover.begin(settings.results.absolute(), self._has_gone)
        self.dispatcher.begin()
        self.cleaner.begin()

    def close(self) -> None:
        """Let go of everything; the runs go on."""
        if self._lock is None:
            return
        self.cleaner.end()
        self.dispatcher.end()
        self.maps.close()
        self.jobs.close()
        self._lock.close()
        self._lock = None

    def folder(self, job_id: str) -> JobFolder:
        """Return where a job's files lie."""
        return JobFolder(self.settings.results.absolute() / job_id)

    def environment(self) -> dict[str, str]:
        """Return the environment of the runs' processes, which open files from strangers.

        What was meant for the service is not in it.
        """
        own = {
            name: value
            for name, value in os.environ.items()
            if name in _FOR_RUNS or not _OUR_VARIABLE.match(name)
        }
        return strict_environment(CLIMATE_FORMATS, own)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a folder on the disk of uploads for as long as the block lasts."""
        with TemporaryDirectory(prefix=".scratch-", dir=self.settings.uploads.absolute()) as name:
            yield Path(name)

    def lack_of_disk(self, more_bytes: int = 0) -> str:
        """Return why nothing new, of so many bytes, may be stored; empty while there is room."""
        least = self.settings.least_free_mb
        free = min(free_disk_mb(self.settings.results), free_disk_mb(self.settings.uploads))
        if free - more_bytes / 2**20 >= least:
            return ""
        return f"the disk has {free} MB left and {least} MB must stay free: remove old jobs"

    def require_disk(self, more_bytes: int = 0) -> None:
        """Raise `ResourceError` where nothing new, of so many bytes, may be stored."""
        if why := self.lack_of_disk(more_bytes):
            raise ResourceError(why, "disk")

    def lack_of_place(self) -> str:
        """Return why no further job may wait; empty while one may."""
        if why := self.lack_of_disk():
            return why
        waiting, most = self.jobs.counts().get("pending", 0), self.settings.most_waiting
        if waiting < most:
            return ""
        return (
            f"{waiting} jobs wait already, which is the most: wait until some have run, or cancel "
            "some"
        )

    def require_place(self) -> None:
        """Raise `ResourceError` where no further job may wait, or nothing new may be stored."""
        if why := self.lack_of_place():
            raise ResourceError(why, "disk")

    def cancel(self, job: Job) -> None:
        """End a job that waits or runs; its finished tiles stay."""
        now: Job | None = job
        while now is not None and not now.has_ended:
            # in between a job may go from one state to the other
            if self.jobs.change(
                job.id, only_in=("pending",), state="cancelled", ended=time.time()
            ) or self.jobs.change(job.id, only_in=("running",), wants_cancel=True):
                self.dispatcher.wake()
                return
            now = self.jobs.get(job.id)
        state = "removed" if now is None else now.state
        raise ConflictError(f"the job has ended already: it is {state}")

    def resume(self, job: Job) -> None:
        """Have a job that failed or was cancelled go on where it ended."""
        if job.state not in ("failed", "cancelled"):
            raise ConflictError(f"the job is {job.state}, so there is nothing to resume")
        self.require_place()
        with self._changing:
            self._resume(job)
        self.dispatcher.wake()

    def _resume(self, job: Job) -> None:
        if (state := self._state(job)) != job.state:
            raise ConflictError(f"the job is {state} by now")
        folder = self.folder(job.id)
        try:
            request = RunRequest.from_dict(read_json(folder.request))
            note_resume(folder)
            write_json(folder.request, replace(request, resume=True).to_dict())
        except (OSError, EemtError) as error:
            if not folder.request.exists():
                raise ConflictError(FILES_GONE) from None
            if isinstance(error, OSError):
                raise cannot_write(folder.path, error) from None
            raise
        if not self.jobs.change(
            job.id, only_in=("failed", "cancelled"), unless=("files_removed",), state="pending",
            message="", ended=None, wants_cancel=False,
        ):  # fmt: skip
            raise ConflictError(f"the job is {self._state(job)} by now")

    def keep(self, job: Job, keep: bool) -> None:
        """Have cleanup leave a job alone, or not any more."""
        self.jobs.change(job.id, keep=keep)

    def remove(self, job: Job) -> None:
        """Forget a job that has ended; its files go soon, also if the service ends meanwhile."""
        path = self.folder(job.id).path
        if not self.jobs.change(job.id, only_in=ENDED, files_removed=time.time()):
            raise ConflictError(f"the job is {self._state(job)}", remedy="cancel it first")
        self.maps.forget(path)
        try:
            self.remover.remove(path)
        except OSError as error:
            self.jobs.change(job.id, files_removed=job.files_removed)
            raise cannot_write(path, error) from None
        # last: files of no job would stay for ever
        if not self._forget(job):
            raise NotThereError("the job has been deleted just now", remedy="see the list of jobs")

    def _forget(self, job: Job) -> bool:
        """Remove a job's row; a disk that was full has room once the job's files have gone."""
        for _ in range(_TRIES):
            try:
                return self.jobs.remove(job.id, only_in=ENDED)
            except ResourceError:
                time.sleep(_BETWEEN_TRIES_S)
        return self.jobs.remove(job.id, only_in=ENDED)

    def _renew(self, job: Job) -> None:
        climate = self.climates.get(str(job.parameters.get("climate", "")))
        with self._changing:
            renew(
                self.folder(job.id),
                job,
                most_threads=self.settings.threads_per_job,
                cluster=self.settings.cluster,
                climate=None if climate is None or climate.is_uploaded else climate.path,
            )

    def _has_gone(self, job_id: str) -> bool:
        job = self.jobs.get(job_id)
        return job is not None and job.files_removed is not None

    def _own_folders(self) -> list[Path]:
        """Return the folders that the owner did not place elsewhere, with a mode of his choice."""
        settings = self.settings
        given = (settings.uploads, settings.uploads_dir), (settings.results, settings.results_dir)
        return [folder for folder, elsewhere in given if elsewhere is None]

    def _state(self, job: Job) -> str:
        now = self.jobs.get(job.id)
        return "removed" if now is None else now.state

    def _locked(self) -> IO[str]:
        path: Path = self.settings.data / _LOCK_FILE
        try:
            private_file(path)
            lock = path.open("a+", encoding="ascii")
        except OSError as error:
            raise cannot_write(path, error) from None
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


def _check_length(maps: Path) -> None:
    """Raise `ArgumentError` if a run would refuse the name of its folder."""
    if len(os.fsencode(maps)) > LONGEST_BYTES:
        raise ArgumentError(
            f"the folders of jobs, such as {maps}, have longer names than the {LONGEST_BYTES} "
            "bytes that a run bears",
            remedy="give a shorter one with <<results_dir>> or <<data>>",
            field="results_dir",
            value=maps,
        )


def _make_folder(path: Path, field: str) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(0, "it may not be written to")
    except OSError as error:
        raise InputError(
            f"{path} cannot be made or used ({error.strerror})",
            remedy=f"give another folder with <<{field}>>",
            field=field,
            value=path,
        ) from None
