"""Old jobs: remove them, or see what would be removed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from ...machine import free_disk_mb
from ..jobs.cleanup import Removed
from ..jobs.job import State
from ..problems import CONFLICT
from ..settings import Retention
from .common import TheService, utc

router = APIRouter(prefix="/api/cleanup", tags=["cleanup"])

SUCCESS_DAYS, FAILED_HOURS = 7.0, 12.0
"""How long jobs stay where neither the owner nor the request says it: as in the first workflow."""


class RemovedJob(BaseModel):
    """A job that was removed, or would be."""

    id: str
    status: State
    completed_at: str
    bytes: int


class CleanupStats(BaseModel):
    """The sums, under the names of the first EEMT workflow."""

    processed_jobs: int
    successful_cleaned: int
    failed_deleted: int
    space_freed_mb: float
    errors: list[str]


class Cleanup(BaseModel):
    """What a cleanup removed; in a dry run what it would remove."""

    status: Literal["success"] = "success"
    message: str
    dry_run: bool
    bytes: int
    jobs: list[RemovedJob]
    uploads: int
    """How many uploaded files."""

    more: bool
    """Whether more jobs are due, for another call."""

    stats: CleanupStats


class CleanupStatus(BaseModel):
    """How long jobs stay, what was removed last and what is due."""

    automatic: bool
    success_retention_days: float | None
    failed_retention_hours: float | None
    clean_below_mb: int | None
    free_mb: int
    last_run_at: str | None
    last_removed: int
    last_bytes: int
    due: int
    due_bytes: int


@router.post("", responses=CONFLICT)
def clean_up(
    service: TheService,
    success_retention_days: Annotated[float | None, Query(ge=0, le=36500)] = None,
    failed_retention_hours: Annotated[float | None, Query(ge=0, le=876000)] = None,
    dry_run: bool = False,
) -> Cleanup:
    """Remove files of completed jobs, uploads, and failed and cancelled jobs, that are older.

    What is left out is as the owner set it, else 7 days and 12 hours. Uploads go at the age of
    completed jobs. Jobs that are kept stay.
    """
    asked = _retention(service, success_retention_days, failed_retention_hours)
    report = service.cleaner.by_age(asked, dry_run=dry_run)
    count, verb = len(report.jobs), "would be removed" if dry_run else "were removed"
    return Cleanup(
        message=f"{count} jobs and {report.uploads} uploads {verb}",
        dry_run=dry_run,
        bytes=report.bytes,
        jobs=[_removed(job) for job in report.jobs],
        uploads=report.uploads,
        more=report.has_more,
        stats=CleanupStats(
            processed_jobs=count,
            successful_cleaned=report.count("completed"),
            failed_deleted=report.count("failed", "cancelled"),
            space_freed_mb=report.bytes / 2**20,
            errors=[],
        ),
    )


@router.get("/status")
def cleanup_status(service: TheService) -> CleanupStatus:
    """Say how long jobs stay, what was removed last and what a cleanup would remove now."""
    settings, last = service.settings, service.cleaner.last
    due = service.cleaner.by_age(_retention(service, None, None), dry_run=True)
    own = settings.retention
    return CleanupStatus(
        automatic=own != Retention() or settings.clean_below_mb is not None,
        success_retention_days=own.success_days,
        failed_retention_hours=own.failed_hours,
        clean_below_mb=settings.clean_below_mb,
        free_mb=free_disk_mb(settings.results),
        last_run_at=utc(service.cleaner.last_run_at),
        last_removed=len(last.jobs),
        last_bytes=last.bytes,
        due=len(due.jobs),
        due_bytes=due.bytes,
    )


def _retention(service: TheService, days: float | None, hours: float | None) -> Retention:
    own = service.settings.retention
    days = own.success_days if days is None else days
    hours = own.failed_hours if hours is None else hours
    return Retention(
        SUCCESS_DAYS if days is None else days, FAILED_HOURS if hours is None else hours
    )


def _removed(job: Removed) -> RemovedJob:
    return RemovedJob(
        id=job.id, status=job.state, completed_at=utc(job.ended) or "", bytes=job.bytes
    )
