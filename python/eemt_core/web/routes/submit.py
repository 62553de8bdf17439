"""The form by which a run is asked for."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request

from ...demo import climate_path
from ...files import write_json
from ..jobs.form import request_of
from ..jobs.job import Job, new_id
from ..problems import NO_ROOM, RESPONSES
from .common import TheService
from .jobs import Done

router = APIRouter(prefix="/api", tags=["jobs"])

DEMO = "demo"


@router.post("/submit-job", responses=RESPONSES | NO_ROOM)
async def submit_job(service: TheService, request: Request) -> Done:
    """Ask for a run."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    service.require_place()
    job_id = new_id()
    folder = service.folder(job_id)
    workflow: Any = form.get("workflow_type", "sol")
    asked = request_of(
        form,
        workflow=workflow,
        dem=None,
        out=folder.maps,
        climate=climate_path() if form.get("climate") == DEMO else None,
        most_threads=service.settings.threads_per_job,
        cluster=service.settings.cluster,
    )
    folder.path.mkdir(mode=0o700)
    write_json(folder.request, asked.to_dict())
    service.jobs.add(
        Job(
            id=job_id,
            workflow=workflow,
            state="pending",
            dem_name="demonstration",
            created=time.time(),
            parameters=form,
        )
    )
    service.dispatcher.wake()
    return Done(job_id=job_id, status="pending")
