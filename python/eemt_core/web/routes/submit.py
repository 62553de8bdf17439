"""The form by which a run is asked for: what it may hold, what the run would take, the run."""

from __future__ import annotations

import shutil
import time

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import computed_field
from pydantic.dataclasses import dataclass

from ...errors import ResourceError
from ...files import write_json
from ...machine import free_disk_mb, memory_mb, usable_cores
from ...manager.estimate import Estimate
from ..identity import new_id
from ..jobs.form import in_form_words
from ..jobs.job import Job
from ..jobs.parameters import Parameter, parameters
from ..problems import NO_ROOM, NOT_THERE
from ..service import Service
from .asked import Asked, described, of_form
from .common import TheService
from .jobs import Done

router = APIRouter(prefix="/api", tags=["jobs"])

_FORM = described(usable_cores())


@dataclass(frozen=True)
class EstimateAnswer(Estimate):
    """What a run would take, and what of it is not there."""

    free_memory_mb: int
    free_disk_bytes: int
    """Beside what must stay free."""

    lacks: list[str]
    """Why it would be refused now, in sentences; empty where it would be taken."""

    notes: list[str]
    """What its user should know."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def cells(self) -> int:
        """Cells of the grid."""
        return super().cells


@router.get("/parameters")
def list_parameters(service: TheService) -> list[Parameter]:
    """List the form's fields with their units, ranges, choices, defaults and what they mean."""
    return list(parameters(service.settings.threads_per_job))


@router.post("/estimate", responses=NO_ROOM | NOT_THERE, openapi_extra=_FORM)
async def estimate_run(service: TheService, request: Request) -> EstimateAnswer:
    """Say what a run of this form would take, before anything runs."""
    out = service.folder(new_id()).maps
    async with of_form(service, request, out, is_timed=True) as asked:
        return EstimateAnswer(
            **asked.estimate,
            free_memory_mb=memory_mb().amount,
            free_disk_bytes=_free_disk_bytes(service),
            lacks=_lacks(service, asked),
            notes=[in_form_words(note) for note in asked.notes],
        )


@router.post("/submit-job", responses=NO_ROOM | NOT_THERE, openapi_extra=_FORM)
async def submit_job(service: TheService, request: Request) -> Done:
    """Ask for a run; without a DEM it is one of the demonstration's."""
    service.require_place()  # before a file is taken that goes nowhere
    job_id = new_id()
    async with of_form(service, request, service.folder(job_id).maps, is_timed=False) as asked:
        if lacks := _lacks(service, asked):
            raise ResourceError(lacks[0], "disk")
        await to_thread.run_sync(_submit, service, job_id, asked)
    return Done(job_id=job_id, status="pending")


def _submit(service: Service, job_id: str, asked: Asked) -> None:
    folder = service.folder(job_id)
    folder.path.mkdir(mode=0o700)
    try:
        write_json(folder.request, asked.linked_into(folder).to_dict())
        service.jobs.add(
            Job(
                id=job_id,
                workflow=asked.workflow,
                state="pending",
                dem_name=asked.dem_name,
                created=time.time(),
                parameters=asked.form,
                upload="" if asked.dem is None else asked.dem.id,
            )
        )
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    service.dispatcher.wake()


def _free_disk_bytes(service: Service) -> int:
    free = free_disk_mb(service.settings.results) - service.settings.least_free_mb
    return max(0, free) * 2**20


def _lacks(service: Service, asked: Asked) -> list[str]:
    """Return why a run is refused just now, in sentences: nothing else refuses one."""
    found, lacks = asked.estimate, [why for why in [service.lack_of_place()] if why]
    free = _free_disk_bytes(service)
    if not lacks and found["peak_disk_bytes"] > free:
        lacks.append(
            f"the run takes up to {found['peak_disk_bytes'] / 1e9:.1f} GB of disk and "
            f"{free / 1e9:.1f} GB are free: remove old jobs, or cut the DEM"
        )
    memory = memory_mb().amount
    if found["memory_mb"] > memory and service.settings.cluster is None:
        lacks.append(
            f"the run holds up to {found['memory_mb']} MB of memory and {memory} MB are free: "
            "give a smaller tile_cells"
        )
    return lacks
