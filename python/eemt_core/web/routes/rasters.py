"""Uploaded rasters that lie beside a DEM: sent, looked at, listed, deleted."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from ...errors import ArgumentError
from ..jobs.fields import RASTER_FIELDS
from ..jobs.form import form_field, in_form_words
from ..problems import NO_ROOM, NOT_THERE
from ..refusals import NotThereError
from ..service import Service
from ..uploads.climates import DEMO
from ..uploads.dems import dem_path
from ..uploads.rasters import Ground, filename_of, public_facts
from ..uploads.shelf import Item
from .common import TheService
from .forms import LOOKS, form_body, receive, require_file
from .uploads import Deleted, Filename

router = APIRouter(prefix="/api", tags=["uploads"])

_KINDS = {field.name: kind for kind, field in RASTER_FIELDS.items()}
_FORM = {
    "kind": {"enum": list(_KINDS), "description": "Field of the form of a run that it is for"},
    "uploaded_filename": {
        "type": "string",
        "description": "Name of an uploaded DEM, or demo: it is refused unless it fits this one",
    },
}


class RasterFacts(BaseModel):
    """What an uploaded raster holds."""

    filename: str
    """What the form of a run calls it."""

    original_name: str
    size: int
    """Bytes."""

    kind: str
    """Field of the form that it was sent for."""

    bands: int
    rows: int
    cols: int
    crs: str
    """Empty where the file does not say it; it then serves on the very cells of the DEM alone."""

    cell_size_m: list[float] | None
    """Edges of a cell on the ground, x and y [m]; null without a CRS."""

    low: float | None
    high: float | None
    """Least and greatest value, in the unit of the field; null without any."""

    nodata_share: float
    cover: float | None
    """Share of the DEM's cells that have a value from it; null where that was not looked at."""

    notes: list[str]


def _raster(service: TheService, filename: Filename) -> Item:
    item = service.rasters.get(filename)
    if item is None:
        raise NotThereError("there is no such raster", remedy="upload the file again")
    return item


TheRaster = Annotated[Item, Depends(_raster)]


@router.post(
    "/upload-raster",
    responses=NO_ROOM | NOT_THERE,
    openapi_extra=form_body(_FORM, ("file",), ("kind", "file")),
)
async def upload_raster(service: TheService, request: Request) -> RasterFacts:
    """Take a raster (GeoTIFF) that a run needs beside its DEM, and look at it at once."""
    with service.rasters.shelf.place() as place:
        form = await receive(request, service, place, "file")
        require_file(form, "file")
        kind = _KINDS.get(form.texts.get("kind", "").strip())
        if kind is None:
            raise ArgumentError(f"kind must be one of {', '.join(_KINDS)}", field="kind")
        over = _ground(service, form.texts.get("uploaded_filename", "").strip())
        item = await to_thread.run_sync(
            service.rasters.take, place, form.files[0], kind, over, limiter=LOOKS
        )
    return _facts(item)


@router.get("/rasters")
def list_rasters(service: TheService) -> list[RasterFacts]:
    """List the uploaded rasters, the latest first."""
    return [_facts(item) for item in service.rasters.shelf.items()]


@router.get("/rasters/{filename}", responses=NOT_THERE)
def get_raster(raster: TheRaster) -> RasterFacts:
    """Return what an uploaded raster holds."""
    return _facts(raster)


@router.delete("/rasters/{filename}", responses=NOT_THERE)
def delete_raster(service: TheService, raster: TheRaster) -> Deleted:
    """Delete an uploaded raster; jobs that were submitted keep what they need."""
    service.rasters.shelf.remove(raster.id)
    return Deleted(filename=filename_of(raster), status="deleted")


def _facts(item: Item) -> RasterFacts:
    facts: dict[str, Any] = dict(public_facts(item))
    facts["kind"] = form_field(facts["kind"])
    facts["notes"] = [in_form_words(note) for note in facts["notes"]]
    return RasterFacts(**facts)


def _ground(service: Service, named: str) -> Ground | None:
    """Return the DEM that a raster shall fit; None: none, or one that does not say all yet."""
    if not named:
        return None
    if named == DEMO:
        return Ground(None, "the demonstration's DEM")
    dem = service.dems.get(named)
    if dem is None:
        raise NotThereError(
            "there is no such upload", remedy="upload the file again", field="uploaded_filename"
        )
    if dem.facts["asks"]:
        return None
    return Ground(dem_path(dem), str(dem.facts["original_name"]))
