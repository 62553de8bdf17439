"""Jobs: list them, look at one, its log and status, cancel, resume, delete."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from ...files import read_end
from ...journal import to_document
from ...manager.folder import OutFolder
from ..jobs.job import Job, State
from ..problems import CONFLICT, NO_ROOM, NOT_THERE
from ..refusals import NotThereError
from .common import NOTHING, IfAny, TheJob, TheService, utc, without_journal

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

_MOST_LOG_BYTES = 2**22
_TILE = "^[A-Za-z0-9._-]{1,80}$"


class JobSummary(BaseModel):
    """A job in the list."""

    id: str
    workflow_type: Literal["sol", "eemt"]
    status: State
    created_at: str
    dem_filename: str
    progress: float
    """Share of the work that is done [%], 0 to 100."""


class JobDetails(JobSummary):
    """All that is known of a job."""

    started_at: str | None
    completed_at: str | None
    parameters: dict[str, Any]
    error_message: str
    keep: bool
    """Whether cleanup leaves it alone."""

    files_removed_at: str | None
    """When cleanup removed its maps; the job itself stays in the list."""


class Done(BaseModel):
    """What was done."""

    job_id: str
    status: str
    message: str = ""


@router.get("")
def list_jobs(
    service: TheService,
    status: State | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    name: Annotated[str, Query(max_length=255)] = "",
) -> list[JobSummary]:
    """List jobs, the latest first; with `name` those whose DEM has it in its name."""
    found = service.jobs.latest(status, limit, offset, name)
    return [JobSummary(**summary(job)) for job in found]


@router.get("/{job_id}", responses=NOT_THERE)
def get_job(job: TheJob) -> JobDetails:
    """Return a job."""
    return JobDetails(**details(job))


@router.get("/{job_id}/logs", responses=NOT_THERE)
def get_log(
    service: TheService, job: TheJob, tail: Annotated[int, Query(ge=1, le=100_000)] = 1000
) -> str:
    """Return the last lines of what the run said."""
    try:
        text = read_end(service.folder(job.id).log, _MOST_LOG_BYTES).decode("utf-8", "replace")
    except OSError:  # it has not begun
        return ""
    return "\n".join(text.splitlines()[-tail:])


@router.get("/{job_id}/tile-logs/{tile}", responses=NOT_THERE)
def get_tile_log(
    service: TheService, job: TheJob, tile: Annotated[str, Path(pattern=_TILE)]
) -> str:
    """Return what the last attempt at a tile said that was given up."""
    folder = service.folder(job.id)
    status = service.watch.status(folder.maps)
    found = next((t for t in status.tiles if t.name == tile and t.log), None) if status else None
    if found is not None:
        # by its name alone: the journal may be from elsewhere, or the folder moved
        path = OutFolder(folder.maps).logs / PurePath(found.log).name
        with suppress(OSError):
            if not path.is_symlink():
                return read_end(path, _MOST_LOG_BYTES).decode("utf-8", "replace")
    raise NotThereError("there is no log of this tile", remedy="see the log of the run")


@router.get("/{job_id}/status", responses=NOT_THERE | NOTHING)
def get_status(service: TheService, job: TheJob, if_any: IfAny = False) -> Response:
    """Return what the run's journal says: the document that ``eemt-status URL`` reads."""
    status = service.watch.status(service.folder(job.id).maps)
    if status is None:
        return without_journal(service, job, if_any=if_any)
    return JSONResponse(to_document(status))


@router.post("/{job_id}/cancel", responses=NOT_THERE | CONFLICT)
def cancel_job(service: TheService, job: TheJob) -> Done:
    """End a job that waits or runs; finished tiles stay, so it can be resumed.

    One that runs is cancelled when its processes have ended, within a minute.
    """
    service.cancel(job)
    return _success(job, "The job is being cancelled.")


@router.post("/{job_id}/resume", responses=NOT_THERE | CONFLICT | NO_ROOM)
def resume_job(service: TheService, job: TheJob) -> Done:
    """Have a job that failed or was cancelled go on where it ended."""
    service.resume(job)
    return _success(job, "The job goes on as soon as there is room.")


@router.post("/{job_id}/keep", responses=NOT_THERE)
def keep_job(service: TheService, job: TheJob, keep: bool = True) -> Done:
    """Have cleanup leave a job alone; with `keep=false` not any more."""
    service.keep(job, keep)
    return _success(job, "The job is kept." if keep else "The job is removed when it is old.")


@router.delete("/{job_id}", responses=NOT_THERE | CONFLICT)
def delete_job(service: TheService, job: TheJob) -> Done:
    """Forget a job that has ended, and remove its files."""
    service.remove(job)
    return _success(job, "The job and its files are removed.")


def _success(job: Job, message: str) -> Done:
    return Done(job_id=job.id, status="success", message=message)


def summary(job: Job) -> dict[str, Any]:
    """Return what the list says of a job."""
    return {
        "id": job.id,
        "workflow_type": job.workflow,
        "status": job.state,
        "created_at": utc(job.created),
        "dem_filename": job.dem_name,
        "progress": job.progress,
    }


def details(job: Job) -> dict[str, Any]:
    """Return all that is known of a job."""
    return {
        **summary(job),
        "started_at": utc(job.started),
        "completed_at": utc(job.ended),
        "parameters": dict(job.parameters),
        "error_message": job.message,
        "keep": job.keep,
        "files_removed_at": utc(job.files_removed),
    }
