"""Files of a finished job: one by one, in parts of one, or several as a zip."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, StreamingResponse

from ...manager.folder import RUN_FILE
from ...rasters import VRT_ENDING
from ..maps.archive import large_pieces, with_sums, zip_of
from ..problems import CONFLICT, NOT_THERE
from ..refusals import NotThereError
from .common import KEEP, TheJob, TheRecord
from .streams import ClosingResponse

router = APIRouter(prefix="/api/jobs", tags=["results"])

_MEDIA = {
    ".tif": "image/tiff",
    VRT_ENDING: "application/xml",
    ".png": "image/png",
    ".json": "application/json",
}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "A zip file"}
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": dict.fromkeys(_MEDIA.values(), _BINARY),
        "description": "The whole file",
    },
    206: {"description": "The parts of it that were asked for (header Range)"},
    400: {"content": {"text/plain": {}}, "description": "The header Range cannot be read"},
    416: {"content": {"text/plain": {}}, "description": "The file has no such part"},
}


class _FileInParts(FileResponse):
    """Reads more at a time: each piece goes through a thread."""

    chunk_size = 2**20


Month = Literal["jan", "feb", "mar", "apr", "may", "jun",
                "jul", "aug", "sep", "oct", "nov", "dec"]  # fmt: skip


@router.get(
    "/{job_id}/results",
    response_class=StreamingResponse,
    responses=_ZIP | NOT_THERE | CONFLICT,
)
def get_results(
    job: TheJob,
    record: TheRecord,
    group: Annotated[
        str | None, Query(max_length=100, description="Only the maps of this group")
    ] = None,
    month: Annotated[Month | None, Query(description="Only the maps of this month")] = None,
) -> StreamingResponse:
    """Fetch all files of a finished job as a zip, or the maps of a group or month.

    The run's record is always with them, and with averages the sums that they refer to.
    """
    if group is None and month is None:
        names = record.files
    else:
        names = record.chosen(group, month)
        if not names:
            raise NotThereError("there are no such maps", remedy="see the list of maps")
        names = (*with_sums(record, names), RUN_FILE)
    try:
        pieces = zip_of(record, names)
    except FileNotFoundError as error:
        raise NotThereError(f"{error} is missing among the results", remedy="resume it") from None
    name = "-".join(filter(None, ("eemt", job.id[:8], group, month)))
    return ClosingResponse(
        large_pieces(pieces),
        media_type="application/zip",
        headers={
            "Content-Length": str(len(pieces)),
            "Content-Disposition": f'attachment; filename="{name}.zip"',
        },
    )


_ONE = "/{job_id}/results/{file:path}"


@router.get(_ONE, response_class=FileResponse, responses=_FILE | NOT_THERE | CONFLICT)
@router.head(_ONE, include_in_schema=False)  # by which GDAL asks for the length of a map
def get_file(record: TheRecord, file: Annotated[str, Path(max_length=300)]) -> FileResponse:
    """Fetch one file of a finished job, whole or in parts."""
    path = record.path(file)
    try:
        if path is None:
            raise FileNotFoundError(file)
        stat = path.stat()
    except FileNotFoundError:
        raise NotThereError(
            "there is no such file among the results", remedy="see the list of maps"
        ) from None
    return _FileInParts(
        path,
        media_type=_MEDIA.get(path.suffix, "application/octet-stream"),
        filename=path.name,
        stat_result=stat,
        content_disposition_type="attachment" if path.suffix in (".tif", VRT_ENDING) else "inline",
        headers={"Cache-Control": KEEP},
    )
