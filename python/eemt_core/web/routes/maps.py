"""The maps of a finished job as pictures and numbers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from ... import __version__
from ...errors import ArgumentError
from ...quicklook.styles import COLOURS, colour_table
from ...rasters import bounds_deg
from ..access.hosts import is_here
from ..maps import catalog, tiles
from ..maps.cite import how_to_cite
from ..maps.hillshade import StoppedError
from ..maps.record import RunRecord
from ..problems import CONFLICT, NO_ROOM, NOT_THERE
from ..refusals import NotThereError
from .common import KEEP, TheRecord, TheService

router = APIRouter(prefix="/api", tags=["maps"])

_PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}}, "description": "A picture of 256 x 256 pixels"},
    304: {"description": "The picture that the browser has is still right"},
}


class MapFacts(BaseModel):
    """A map of a group."""

    path: str
    """Its file within the results."""

    label: str
    description: str
    year: str | None
    """Label of the year or years, such as 1980 or 1971-2000."""

    month: int | None
    day: int | None
    low: float | None
    high: float | None
    mean: float | None


class MapGroup(BaseModel):
    """Maps of one quantity that belong together."""

    id: str
    label: str
    unit: str
    variant: str
    """Variant of EEMT (trad, topo, topo-veg); empty for other quantities."""

    kind: Literal["annual", "monthly", "daily", "single"]
    colors: str
    """The colour scale that suits it."""

    low: float | None
    high: float | None
    """Ends of a colour scale for all its maps, the 2nd and 98th percentile of their values."""

    maps: list[MapFacts]


class Paper(BaseModel):
    """A paper whose models a run uses."""

    text: str
    doi: str


class Citation(BaseModel):
    """How to cite a run."""

    message: str
    text: str
    references: list[Paper]


class MapCatalog(BaseModel):
    """All maps of a run."""

    bounds: tuple[float, float, float, float]
    """West, south, east, north [degrees, WGS 84]."""

    groups: list[MapGroup]
    record: dict[str, Any]
    """Program, versions, parameters, and names and checksums of inputs."""

    cite: Citation
    folder: str | None
    """Where the maps lie, for programs on the same machine; null where whoever asks may be on
    another."""


class MapValue(BaseModel):
    """The value of one map."""

    path: str
    label: str
    value: float | None


class PlaceValues(BaseModel):
    """The values of a group's maps at a place."""

    lon: float
    lat: float
    unit: str
    values: list[MapValue]


@contextmanager
def _while_it_is_there() -> Iterator[None]:
    """Answer a request whose job is removed at the same time as any later one."""
    try:
        yield
    except (FileNotFoundError, StoppedError):
        raise NotThereError("the job has been removed", remedy="see the list of jobs") from None


_MOST_VALUES = 2000
"""At one place: the months of some hundred years, or the days of five; seconds of work."""

Level = Annotated[int, Path(ge=0, le=tiles.DEEPEST, description="Level of detail of web maps")]
Column = Annotated[int, Path(ge=0, lt=2**tiles.DEEPEST, description="Column, from the west")]
Row = Annotated[int, Path(ge=0, lt=2**tiles.DEEPEST, description="Row, from the north")]
End = Annotated[float | None, Query(allow_inf_nan=False, description="End of the colour scale")]


@router.get("/colors")
def get_colors(response: Response) -> dict[str, list[str]]:
    """Return the colour scales, from low to high values."""
    response.headers["Cache-Control"] = KEEP
    return {
        name: [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colour_table(name, tiles.COUNT)]
        for name in COLOURS
    }


@router.get("/jobs/{job_id}/maps", responses=NOT_THERE | CONFLICT)
def get_maps(request: Request, service: TheService, record: TheRecord) -> MapCatalog:
    """List the maps of a finished job, and say how they were made and how to cite them."""
    with _while_it_is_there():
        groups = service.maps.groups(record)
    return MapCatalog(
        bounds=bounds_deg(record.grid),
        groups=[MapGroup(**group) for group in groups],
        record=catalog.provenance(record),
        cite=Citation(**how_to_cite(record)),
        folder=str(record.folder) if is_here(request) else None,
    )


@router.get(
    "/jobs/{job_id}/tiles/{z}/{x}/{y}.png",
    response_class=Response,
    responses=_PNG | NOT_THERE | CONFLICT,
)
def get_tile(
    request: Request,
    service: TheService,
    record: TheRecord,
    z: Level,
    x: Column,
    y: Row,
    map: Annotated[str, Query(max_length=300, description="The map's file")],
    colors: Annotated[str, Query(max_length=40)] = COLOURS[0],
    low: End = None,
    high: End = None,
) -> Response:
    """Draw a tile of a map (EPSG:3857); by default the colours go from its least to its greatest.

    Where there is no value it is transparent.
    """
    path = record.path(map) if map in record.maps else None
    if path is None:
        raise NotThereError("there is no such map", remedy="see the list of maps")
    ends = _ends(record, map, low, high)
    colour_table(colors, tiles.COUNT)  # refuses a scale that is not there
    with _while_it_is_there():
        etag = _etag(service.maps.checksum(path))
        if _has(request, etag):
            return Response(status_code=304, headers=_headers(etag))
        return _png(service.maps.tile(record, path, (z, x, y), colors, ends), etag)


@router.get(
    "/jobs/{job_id}/hillshade/{z}/{x}/{y}.png",
    response_class=Response,
    responses=_PNG | NOT_THERE | CONFLICT | NO_ROOM,
)
async def get_hillshade(
    request: Request, service: TheService, record: TheRecord, z: Level, x: Column, y: Row
) -> Response:
    """Draw a tile of the terrain in grey, lit from the north-west.

    The first one waits until the hillshade of the whole terrain is there.
    """
    # awaited without a thread: as many tiles as a page shows may wait for it at once; and shielded,
    # since others wait for the same when one reader goes away
    with _while_it_is_there():
        await asyncio.shield(asyncio.wrap_future(service.maps.hillshade(record)))
        etag = _etag(await run_in_threadpool(service.maps.checksum, record.hillshade))
        if _has(request, etag):
            return Response(status_code=304, headers=_headers(etag))
        return _png(await run_in_threadpool(service.maps.hillshade_tile, record, (z, x, y)), etag)


@router.get("/jobs/{job_id}/values", responses=NOT_THERE | CONFLICT)
def get_values(
    service: TheService,
    record: TheRecord,
    group: Annotated[str, Query(max_length=100, description="Identity of the group of maps")],
    lon: Annotated[float, Query(ge=-180, le=180, description="Longitude [degrees]")],
    lat: Annotated[float, Query(ge=-90, le=90, description="Latitude [degrees]")],
    year: Annotated[int | None, Query(description="Of the maps; all by default")] = None,
) -> PlaceValues:
    """Return the values of a group's maps at a place, all or a year's; null where there is none."""
    names = record.chosen(series=group, year=year)
    if not names:
        raise NotThereError("there are no such maps", remedy="see the list of maps")
    if len(names) > _MOST_VALUES:
        raise ArgumentError(
            f"the group has {len(names)} maps, and values of {_MOST_VALUES} at most are read",
            remedy="give a year",
            field="year",
        )
    with _while_it_is_there():
        values = service.maps.values(record, names, lon, lat)
    return PlaceValues(
        lon=lon,
        lat=lat,
        unit=catalog.unit_of(record, names[0]),
        values=[
            MapValue(path=name, label=record.maps[name]["label"], value=value)
            for name, value in zip(names, values, strict=True)
        ],
    )


def _ends(
    record: RunRecord, name: str, low: float | None, high: float | None
) -> tuple[float, float]:
    """Return the ends of a colour scale: those asked for, or those of the map's values."""
    statistics = record.maps[name]["statistics"]
    least, most = statistics.get("minimum", 0.0), statistics.get("maximum", 1.0)
    if low is None and high is None and not least < most:
        return least - 1.0, least + 1.0  # one value everywhere: the middle of the scale
    low, high = least if low is None else low, most if high is None else high
    if not low < high or not math.isfinite(high - low):
        raise ArgumentError(
            f"the colour scale would go from {low:g} to {high:g}",
            remedy="give a low end below the high one",
            field="low",
            value=low,
        )
    return low, high


def _etag(checksum: str) -> str:
    """Return the mark of a picture; what else it depends on stands in its address."""
    return f'"{checksum[:32]}-{__version__}"'


def _has(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return any(mark.strip().removeprefix("W/") in (etag, "*") for mark in known.split(","))


def _headers(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": KEEP}


def _png(content: bytes, etag: str) -> Response:
    return Response(content, media_type="image/png", headers=_headers(etag))
