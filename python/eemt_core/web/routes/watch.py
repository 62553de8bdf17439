"""How a run goes, for the pages that show it live: events, the map of its tiles, throughput."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ...errors import EemtError
from ...journal import Status, TileMap, read_throughput
from ..access import Access
from ..jobs.job import Job
from ..jobs.store import JobStore
from ..problems import NOT_THERE, TOO_OFTEN, TooOftenError
from ..service import Service
from .common import NOTHING, IfAny, TheJob, TheService, utc, without_journal
from .jobs import details, summary
from .streams import ClosingResponse

router = APIRouter(prefix="/api", tags=["watch"])

_EVERY_S = 1.0
_SIGN_OF_LIFE_S = 15.0
_LISTED = 200
_MOST_STREAMS = 200
"""Each looks once a second."""

_AGAIN_S = 10

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-sent events", "content": {"text/event-stream": {}}}
}


class PlacedTile(BaseModel):
    """A tile's cells in the grid of the maps, and its state."""

    name: str
    state: str
    row: int
    col: int
    rows: int
    cols: int


class TileStates(BaseModel):
    """The tiles of a run; `total` may be more than are listed."""

    rows: int
    cols: int
    total: int
    tiles: list[PlacedTile]


class Rate(BaseModel):
    """Work done per second within a span of time that ended at `at`: cells times days."""

    at: str
    per_s: float


@router.get("/jobs/{job_id}/tile-states", response_model=TileStates, responses=NOT_THERE | NOTHING)
def tile_states(service: TheService, job: TheJob, if_any: IfAny = False) -> TileStates | Response:
    """Return where the tiles of a run lie and how they stand."""
    found = service.watch.tiles(service.folder(job.id).maps)
    if found is None:
        return without_journal(service, job, if_any=if_any)
    tiles = [
        PlacedTile(name=t.name, state=t.state, row=t.row0, col=t.col0, rows=t.rows, cols=t.cols)
        for t in found.tiles
    ]
    return TileStates(rows=found.rows, cols=found.cols, total=found.total, tiles=tiles)


@router.get("/jobs/{job_id}/throughput", response_model=list[Rate], responses=NOT_THERE | NOTHING)
def throughput(
    service: TheService,
    job: TheJob,
    bins: Annotated[int, Query(ge=1, le=1000)] = 60,
    if_any: IfAny = False,
) -> list[Rate] | Response:
    """Return how fast the tiles of a run got done, from its start on."""
    try:
        found = read_throughput(service.folder(job.id).maps, bins)
    except EemtError:
        return without_journal(service, job, if_any=if_any)
    return [Rate(at=str(utc(span.until_s)), per_s=span.per_s) for span in found]


@router.get("/events", response_class=StreamingResponse, responses=_STREAM | TOO_OFTEN)
async def list_events(service: TheService, request: Request) -> StreamingResponse:
    """Stream the list's changes: ``jobs`` with summaries, ``gone`` with identities.

    It begins with the latest jobs and those that run.
    """
    return _stream(request, _changes_of_all(service.jobs))


@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses=_STREAM | NOT_THERE | TOO_OFTEN,
)
async def job_events(service: TheService, job: TheJob, request: Request) -> StreamingResponse:
    """Stream how a job goes: ``job``, ``status`` and ``tiles``, each when it has changed."""
    return _stream(request, _changes_of(service, job))


def _changes_of_all(jobs: JobStore) -> Callable[[], list[tuple[str, Any]]]:
    told: int | None = None

    def look() -> list[tuple[str, Any]]:
        nonlocal told
        since, told = told, jobs.changes  # first: what changes meanwhile is told again
        if since == told:
            return []
        changed = None if since is None else jobs.changed_since(since)
        if changed is None:
            found = [*jobs.latest(limit=_LISTED), *jobs.running()]
            return [("jobs", list({job.id: summary(job) for job in found}.values()))]
        now = {job_id: jobs.get(job_id) for job_id in changed}
        new = [summary(job) for job in now.values() if job is not None]
        gone = [job_id for job_id, job in now.items() if job is None]
        return [("jobs", new)] * bool(new) + [("gone", gone)] * bool(gone)

    return look


def _changes_of(service: Service, job: Job) -> Callable[[], list[tuple[str, Any]] | None]:
    out = service.folder(job.id).maps
    told: dict[str, Any] = {}
    states: dict[str, str] = {}

    def look() -> list[tuple[str, Any]] | None:
        """Return what is new, None once the job is gone."""
        now = service.jobs.get(job.id)
        if now is None:
            return None
        status, tiles = service.watch.status(out), service.watch.tiles(out)
        found: dict[str, Any] = {"job": details(now)}
        if status is not None:  # there is none before the run's journal, or without its files
            found["status"] = live(status)
        new = [(name, value) for name, value in found.items() if told.get(name) != value]
        told.update(found)
        changed = _changed(states, tiles)
        return new + [("tiles", changed)] * bool(changed)

    return look


def live(status: Status) -> dict[str, Any]:
    """Return the part of a status that changes while a run goes on."""
    counts, workers = status.tile_counts, status.worker_counts
    return {
        "state": status.run.state,
        "stage": None if status.stage is None else vars(status.stage),
        "tiles": vars(counts),
        "per_s": status.work.per_s,
        "left_s": status.work.left_s,
        "workers": vars(workers),
        "updated_utc": status.run.updated_utc,
    }


def _changed(states: dict[str, str], tiles: TileMap | None) -> dict[str, str]:
    """Return the states of tiles that differ from `states`, which then has them too."""
    now = {} if tiles is None else {tile.name: tile.state for tile in tiles.tiles}
    changed = {name: state for name, state in now.items() if states.get(name) != state}
    states.update(changed)
    return changed


def _stream(
    request: Request, look: Callable[[], list[tuple[str, Any]] | None]
) -> StreamingResponse:
    service: Service = request.app.state.service
    access: Access = request.app.state.access
    if service.streams >= _MOST_STREAMS:
        raise TooOftenError(
            f"{_MOST_STREAMS} pages are shown live already", _AGAIN_S, remedy="close some"
        )

    async def events() -> AsyncGenerator[str, None]:
        service.streams += 1
        try:
            async for text in told():
                yield text
        finally:
            service.streams -= 1

    async def told() -> AsyncGenerator[str, None]:
        yield "retry: 2000\n\n"
        said = time.monotonic()
        while not service.is_ending and not await request.is_disconnected():
            if not access.admits(request):  # logged out, or the password or token has changed
                return
            found = await run_in_threadpool(look)
            if found is None:
                yield "event: gone\ndata: {}\n\n"
                return
            for name, value in found:
                yield f"event: {name}\ndata: {json.dumps(value, allow_nan=False)}\n\n"
            now = time.monotonic()
            if found:
                said = now
            elif now - said > _SIGN_OF_LIFE_S:
                yield ": alive\n\n"  # so that proxies and browsers keep the connection
                said = now
            await asyncio.sleep(_EVERY_S)

    return ClosingResponse(
        events(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
