"""Removing jobs that ended long ago, by their age and where the disk fills up.

Of a completed job the files go, and what was asked and when it ended stays; a failed or cancelled
job goes as a whole, as in the first EEMT workflow. A job that is kept is left alone. Uploaded files
go at the age of completed jobs: jobs have copies of their own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import EemtError
from ...machine import free_disk_mb
from ..refusals import ConflictError
from ..settings import Retention, Storage
from ..uploads.shelf import Shelf
from .folders import remove_folder, size_bytes
from .job import ENDED, Job, JobFolder, State
from .store import JobStore

_log = logging.getLogger("eemt_core.web")

_EVERY_S = 60.0
_JUST_ENDED_S = 3600.0
"""A job that ended less than this ago is not removed to make room: somebody may be fetching it."""

_JUST_UPLOADED_S = 86400.0
"""An upload that came less than this ago is not removed to make room: somebody may need it now."""

_MOST_AT_ONCE = 1000
_FAILED: tuple[State, ...] = ("failed", "cancelled")


@dataclass(frozen=True)
class Removed:
    """A job that was removed, or would be: what it was, and what its files take [bytes]."""

    id: str
    state: State
    ended: float
    bytes: int


@dataclass(frozen=True)
class Report:
    """What a cleanup removed, or would remove.

    Attributes
    ----------
    at
        When [s since 1970].
    jobs
        Those removed, `_MOST_AT_ONCE` at most.
    has_more
        Whether there are more, for another call.
    uploads, upload_bytes
        How many uploaded files, and what they take.
    """

    at: float
    jobs: tuple[Removed, ...] = ()
    has_more: bool = False
    uploads: int = 0
    upload_bytes: int = 0

    @property
    def bytes(self) -> int:
        """What all their files take."""
        return sum(job.bytes for job in self.jobs) + self.upload_bytes

    def count(self, *states: State) -> int:
        """Return how many of the jobs were in one of the states."""
        return sum(job.state in states for job in self.jobs)


class Cleaner:
    """Removes old jobs of a store when asked, and by itself between `begin` and `end`.

    Parameters
    ----------
    let_go
        Is told of each job's folder before it is removed.
    shelves
        What was uploaded.
    """

    def __init__(
        self,
        store: JobStore,
        folder_of: Callable[[str], JobFolder],
        retention: Retention,
        storage: Storage,
        let_go: Callable[[Path], None] = lambda _: None,
        shelves: Sequence[Shelf] = (),
    ) -> None:
        self._store, self._folder_of = store, folder_of
        self._retention, self._storage = retention, storage
        self._let_go, self._shelves = let_go, shelves
        self._one_at_a_time = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="cleaner", daemon=True)
        self.last = Report(0.0)
        """The last cleanup that removed anything."""
        self.last_run_at: float | None = None
        """When it was last looked whether anything is to be removed [s since 1970]."""

    def begin(self) -> None:
        """Begin to look at age and disk."""
        self._thread.start()

    def end(self) -> None:
        """Stop."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()

    def by_age(self, retention: Retention, *, dry_run: bool = False) -> Report:
        """Remove the jobs that are older than a retention; with `dry_run` only say which.

        Raises
        ------
        ConflictError
            If jobs are being removed just now; a dry run goes on beside it.
        """
        now = time.time()
        days, hours = retention.success_days, retention.failed_hours
        found: list[Job] = []
        if days is not None:
            found += self._removable(now - days * 86400, ("completed",))
        if hours is not None:
            found += self._removable(now - hours * 3600, _FAILED)
        upload_age_s = None if days is None else days * 86400
        return self._remove(found, upload_age_s, dry_run=dry_run)

    def by_disk(self) -> Report:
        """Remove the oldest jobs until as much of the disk is free as is wanted."""
        wanted = self._storage.clean_below_mb
        if wanted is None or free_disk_mb(self._storage.folder) >= wanted:
            return Report(time.time())

        def until_there_is_room() -> Iterable[Job]:
            for job in self._removable(time.time() - _JUST_ENDED_S, ENDED):
                if free_disk_mb(self._storage.folder) >= wanted:
                    return
                yield job

        return self._remove(until_there_is_room(), _JUST_UPLOADED_S, dry_run=False)

    def _removable(self, before: float, states: Sequence[State]) -> list[Job]:
        return self._store.removable(before, states, _MOST_AT_ONCE + 1)

    def _remove(self, jobs: Iterable[Job], upload_age_s: float | None, *, dry_run: bool) -> Report:
        if dry_run:
            report = self._gone_through(jobs, lambda job, path: True)
            count, size = self._uploads(upload_age_s, lambda shelf, identity: True)
            return replace(report, uploads=count, upload_bytes=size)
        if not self._one_at_a_time.acquire(blocking=False):
            raise ConflictError("old jobs are being removed already", remedy="ask again later")
        try:
            count, size = self._uploads(upload_age_s, Shelf.remove)
            report = self._gone_through(jobs, self._remove_one)
            report = replace(report, uploads=count, upload_bytes=size)
            self.last_run_at = report.at
            if report.jobs or report.uploads:
                self.last = report
                _log.info(
                    "%d old jobs and %d uploads were removed, %d bytes",
                    len(report.jobs),
                    report.uploads,
                    report.bytes,
                )
        finally:
            self._one_at_a_time.release()
        return report

    def _gone_through(self, jobs: Iterable[Job], takes: Callable[[Job, Path], bool]) -> Report:
        found: list[Removed] = []
        for job in jobs:
            if len(found) == _MOST_AT_ONCE or self._is_over.is_set():
                return Report(time.time(), tuple(found), has_more=True)
            path = self._folder_of(job.id).path
            size = size_bytes(path)
            if takes(job, path):
                found.append(Removed(job.id, job.state, job.ended or 0.0, size))
        return Report(time.time(), tuple(found))

    def _uploads(self, age_s: float | None, takes: Callable[[Shelf, str], bool]) -> tuple[int, int]:
        count = size = 0
        for shelf in self._shelves if age_s is not None else ():
            for item in shelf.items():
                if time.time() - item.facts["created"] > age_s:
                    item_size = size_bytes(item.folder)
                    if takes(shelf, item.id):
                        count, size = count + 1, size + item_size
        return count, size

    def _remove_one(self, job: Job, path: Path) -> bool:
        """Remove a job unless somebody has kept or resumed it meanwhile."""
        if not self._store.change(
            job.id, only_in=ENDED, unless=("keep", "files_removed"), files_removed=time.time()
        ):
            return False
        self._let_go(path)
        remove_folder(path)
        if job.state in _FAILED:  # last: the files of a job that nobody knows would stay for ever
            self._store.remove(job.id, only_in=_FAILED)
        return True

    def _work(self) -> None:
        while not self._is_over.is_set():
            try:
                self.by_age(self._retention)
                self.by_disk()
            except ConflictError:  # somebody has asked for it
                pass
            except (OSError, EemtError) as error:
                _log.error("old jobs cannot be removed: %s", error)
            self._is_over.wait(_EVERY_S)
