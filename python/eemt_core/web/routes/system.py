"""The service itself: whether it lives, what its machine has, how workers join, its figures."""

from __future__ import annotations

import os
import platform
import shutil

import psutil
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from ... import __version__
from ...errors import EemtError
from ...exposition import CONTENT_TYPE, Family, Sample, exposition, single
from ...files import read_json
from ...journal import run_figures
from ...machine import free_memory_bytes, memory_limit_mb, usable_cores
from ...manager.folder import MANAGER_FILE
from ...worker.command import far_worker_command, project_worker_command
from ..jobs.job import STATES
from ..service import Service
from .common import TheService

router = APIRouter(tags=["system"])

_MOST_COMMANDS = 50


class Health(BaseModel):
    """A sign of life."""

    status: str
    version: str


class SystemStatus(BaseModel):
    """The machine that the service runs on, and what it does there."""

    version: str
    host: str
    cores: int
    load: float
    """Processes that want a core, mean of the last minute."""

    memory_mb: int
    memory_free_mb: int
    disk_mb: int
    disk_free_mb: int
    slots: int
    threads_per_job: int
    jobs: dict[str, int]
    engine: str
    """``local``, or ``work_queue`` where tiles go to a pool of workers."""

    refuses: str
    """Why no new job is taken, empty while they are."""


class WorkerCommand(BaseModel):
    """What to type on another machine so that it works here."""

    label: str
    command: str


@router.get("/health")
def health() -> Health:
    """Say that the service answers."""
    return Health(status="healthy", version=__version__)


@router.get("/api/system/status")
def system_status(service: TheService) -> SystemStatus:
    """Return what the machine has and what the service does there."""
    disk = shutil.disk_usage(service.settings.results)
    return SystemStatus(
        version=__version__,
        host=platform.node(),
        cores=usable_cores(),
        load=round(os.getloadavg()[0], 2),
        memory_mb=memory_limit_mb().amount,
        memory_free_mb=free_memory_bytes() // 2**20,
        disk_mb=disk.total // 2**20,
        disk_free_mb=disk.free // 2**20,
        slots=service.settings.slots,
        threads_per_job=service.settings.threads_per_job,
        jobs=_counts(service),
        engine="local" if service.settings.cluster is None else "work_queue",
        refuses=service.lack_of_disk(),
    )


@router.get("/api/worker-commands")
def worker_commands(service: TheService) -> list[WorkerCommand]:
    """Return the commands by which workers join: the pool, or each run that waits for some."""
    cluster = service.settings.cluster
    if cluster is None:
        return []
    with_password = cluster.password_file is not None
    if cluster.project and cluster.catalog is not None:
        command = project_worker_command(
            cluster.project, ":".join(map(str, cluster.catalog)), with_password=with_password
        )
        return [WorkerCommand(label="all jobs", command=command)]
    found = []
    for job in service.jobs.running()[:_MOST_COMMANDS]:
        try:
            manager = read_json(service.folder(job.id).maps / MANAGER_FILE)
            host, port = str(manager["host"]), int(manager["port"])
        except (EemtError, KeyError, TypeError, ValueError):  # it is not listening yet
            continue
        command = far_worker_command(host, port, with_password=with_password)
        found.append(WorkerCommand(label=job.dem_name, command=command))
    return found


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(service: TheService) -> PlainTextResponse:
    """Return figures in Prometheus' text format: of the service, and of the runs that go on."""
    process = psutil.Process()
    running = service.jobs.running()
    seen = [(job.id, service.watch.status(service.folder(job.id).maps)) for job in running]
    families = [
        Family(
            "eemt_jobs",
            "Jobs by state.",
            tuple(Sample(count, {"state": name}) for name, count in _counts(service).items()),
        ),
        single("eemt_slots", "Runs at a time.", service.settings.slots),
        single(
            "eemt_disk_free_bytes",
            "Disk that is free where maps lie.",
            shutil.disk_usage(service.settings.results).free,
        ),
        single("eemt_memory_free_bytes", "Memory that is free.", free_memory_bytes()),
        single(
            "process_resident_memory_bytes",
            "Memory of the service itself.",
            process.memory_info().rss,
        ),
        single(
            "process_cpu_seconds_total",
            "Processor time of the service itself.",
            round(sum(process.cpu_times()[:2]), 2),
            "counter",
        ),
        Family(
            "eemt_job_done_ratio",
            "Share of a running job that is done, 0 to 1.",
            tuple(Sample(job.progress / 100, {"run": job.id}) for job in running),
        ),
        *run_figures([(name, status) for name, status in seen if status is not None]),
    ]
    return PlainTextResponse(exposition(families), media_type=CONTENT_TYPE)


def _counts(service: Service) -> dict[str, int]:
    found = service.jobs.counts()
    return {name: found.get(name, 0) for name in STATES}
