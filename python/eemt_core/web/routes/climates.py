"""Climates: those that a run may be given, and new ones."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from ..identity import PATTERN
from ..problems import NO_ROOM, NOT_THERE
from ..refusals import NotThereError
from .common import TheService
from .forms import LOOKS, form_body, receive, require_file

router = APIRouter(prefix="/api", tags=["climates"])

_MOST_FILES = 2000
"""A year of PRISM has 36 files and more."""


class ClimateSummary(BaseModel):
    """A climate to choose."""

    id: str
    label: str
    kind: str
    """One of station, daymet, local, prism."""

    periods: list[str]
    """Its years, or the label of normals."""

    is_uploaded: bool
    """Whether it can be deleted."""


class UploadedClimate(BaseModel):
    """A climate that was taken."""

    climate: str
    """Its identity, for the form's field of this name."""

    kind: str
    periods: list[str]
    message: str


class DeletedClimate(BaseModel):
    """What was deleted."""

    climate: str
    status: str


@router.get("/climates")
def list_climates(service: TheService) -> list[ClimateSummary]:
    """List the climates that a run may be given."""
    return [
        ClimateSummary(
            id=c.id, label=c.label, kind=c.kind, periods=list(c.periods), is_uploaded=c.is_uploaded
        )
        for c in service.climates.all()
    ]


@router.post(
    "/upload-climate",
    responses=NO_ROOM,
    openapi_extra=form_body({}, ("file",), ("file",)),
)
async def upload_climate(service: TheService, request: Request) -> UploadedClimate:
    """Take a station's table, or Daymet's or PRISM's monthly files under their own names."""
    settings = service.settings
    limits = settings.largest_upload_mb * 2**20, settings.least_free_mb
    with service.climates.shelf.place() as place:
        form = await receive(request, service, place, "file", most_files=_MOST_FILES)
        require_file(form, "file")
        climate = await to_thread.run_sync(
            service.climates.take, place, form.files, *limits, limiter=LOOKS
        )
    return UploadedClimate(
        climate=climate.id,
        kind=climate.kind,
        periods=list(climate.periods),
        message=f"{climate.label}.",
    )


@router.delete("/climates/{climate}", responses=NOT_THERE)
def delete_climate(
    service: TheService,
    climate: Annotated[str, Path(pattern=f"^{PATTERN}$", description="Identity of the climate")],
) -> DeletedClimate:
    """Delete an uploaded climate; jobs that were submitted keep what they need."""
    if not service.climates.shelf.remove(climate):
        raise NotThereError("there is no such upload", remedy="see the list of climates")
    return DeletedClimate(climate=climate, status="deleted")
