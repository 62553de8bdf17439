"""Uploaded DEMs: sent, looked at, deleted."""

from __future__ import annotations

import re
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel

from ...errors import InputError
from ..identity import PATTERN
from ..jobs.form import in_form_words
from ..problems import NO_ROOM, NOT_THERE
from ..refusals import NotThereError
from ..uploads.dems import ENDING, filename_of, picture_path, public_facts
from ..uploads.shelf import Item
from .common import TheService
from .forms import LOOKS, form_body, receive, require_file

router = APIRouter(prefix="/api", tags=["uploads"])


class Uploaded(BaseModel):
    """A file that was taken."""

    status: str
    filename: str
    """Its name from now on."""

    original_name: str
    size: int
    """Bytes."""

    message: str


class UploadFacts(BaseModel):
    """What an uploaded DEM holds."""

    filename: str
    original_name: str
    size: int
    rows: int
    cols: int
    crs: str
    cell_size_m: list[float]
    """Edges of a cell on the ground, x and y [m]."""

    elevation_unit: str | None
    """m, ft or us-ft; null while nobody has said it, and then the elevations are null too."""

    elevation_min_m: float | None
    elevation_max_m: float | None
    nodata_share: float
    bounds: list[float]
    """West, south, east and north of the hillshade [degrees]."""

    notes: list[str]
    asks: str
    """The field of the form that a run of this DEM needs, elevation_unit or nodata; or empty."""


class Deleted(BaseModel):
    """What was deleted."""

    filename: str
    status: str


Filename = Annotated[
    str, Path(pattern=f"^{PATTERN}{re.escape(ENDING)}$", description="Name from the upload")
]


def _upload(service: TheService, filename: Filename) -> Item:
    item = service.dems.get(filename)
    if item is None:
        raise NotThereError("there is no such upload", remedy="upload the file again")
    return item


TheUpload = Annotated[Item, Depends(_upload)]


@router.post(
    "/upload-file",
    responses=NO_ROOM,
    openapi_extra=form_body({}, ("file",), ("file",)),
)
async def upload_file(service: TheService, request: Request) -> Uploaded:
    """Take a DEM (GeoTIFF), and look at it at once."""
    with service.dems.shelf.place() as place:
        form = await receive(request, service, place, "file")
        require_file(form, "file")
        item = await to_thread.run_sync(service.dems.take, place, form.files[0], limiter=LOOKS)
    if await request.is_disconnected():  # nobody has heard its name
        service.dems.shelf.remove(item.id)
        raise InputError("the upload was broken off", remedy="send it again")
    facts = item.facts
    return Uploaded(
        status="success",
        filename=filename_of(item),
        original_name=facts["original_name"],
        size=facts["size"],
        message=f"A DEM of {facts['rows']} x {facts['cols']} cells.",
    )


@router.get("/uploads/{filename}", responses=NOT_THERE)
def get_upload(upload: TheUpload) -> UploadFacts:
    """Return what an uploaded DEM holds."""
    facts = public_facts(upload)
    notes = [in_form_words(note) for note in facts["notes"]]
    return UploadFacts(**{**facts, "notes": notes})


@router.get(
    "/uploads/{filename}/hillshade.png",
    responses=NOT_THERE | {200: {"content": {"image/png": {}}, "description": "The picture"}},
    response_class=FileResponse,
)
def get_hillshade(upload: TheUpload) -> FileResponse:
    """Return an uploaded DEM's hillshade, in Web Mercator within its bounds."""
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    return FileResponse(picture_path(upload), media_type="image/png", headers=headers)


@router.delete("/uploads/{filename}", responses=NOT_THERE)
def delete_upload(service: TheService, upload: TheUpload) -> Deleted:
    """Delete an uploaded DEM; jobs that were submitted keep what they need."""
    service.dems.shelf.remove(upload.id)
    return Deleted(filename=filename_of(upload), status="deleted")
