"""What every route needs: the service, a job by its identity, times as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response

from ...errors import EemtError
from ..identity import PATTERN
from ..jobs.job import Job
from ..maps.record import RunRecord
from ..refusals import ConflictError, NotThereError
from ..service import Service


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]
JobId = Annotated[str, Path(pattern=f"^{PATTERN}$", description="Identity of the job")]


def _job(service: TheService, job_id: JobId) -> Job:
    job = service.jobs.get(job_id)
    if job is None:
        raise NotThereError("there is no such job", remedy="see the list of jobs")
    return job


TheJob = Annotated[Job, Depends(_job)]


def _record(service: TheService, job: TheJob) -> RunRecord:
    record = service.maps.record(service.folder(job.id))
    if record is not None:
        return record
    if job.files_removed is not None:
        raise NotThereError("the job's maps have been removed", remedy="run it again")
    if job.has_ended:
        raise NotThereError(f"the job is {job.state} and has no maps", remedy="resume it")
    raise ConflictError("the run has not finished its maps", remedy="wait until it has")


TheRecord = Annotated[RunRecord, Depends(_record)]


def no_journal(service: Service, job: Job) -> EemtError:
    """Return the error of a job whose run's journal cannot be read, or is not there."""
    if job.files_removed is not None:
        return NotThereError("the job's files have been removed", remedy="run it again")
    if why := service.watch.trouble(service.folder(job.id).maps):
        return NotThereError(why)
    if job.has_ended:
        return NotThereError(f"the job is {job.state} and has no journal", remedy="see its log")
    return NotThereError("the run has written no journal yet", remedy="ask again later")


IfAny = Annotated[
    bool, Query(description="While there is no journal, answer with nothing (204), not with 404")
]
"""For pages that ask again and again: a browser shows each 404 as an error. A run that is cancelled
before its first tile takes its journal away, whoever is about to ask for it."""

NOTHING: dict[int | str, dict[str, Any]] = {204: {"description": "There is no journal (`if_any`)"}}


def without_journal(service: Service, job: Job, *, if_any: bool) -> Response:
    """Answer who asked for a journal that is not there, or raise why it is not."""
    if if_any:
        return Response(status_code=204)
    raise no_journal(service, job)


KEEP = "private, max-age=3600"
"""How long a browser may keep what a finished job shows without asking again (Cache-Control)."""


def utc(seconds: float | None) -> str | None:
    """Return a time as ISO 8601 in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
