"""``python -m eemt_core.web.uploads.look_dem``: the process that looks at a DEM.

It says whether it is one and what is in it, and draws a picture of it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import EemtError, InputError
from ...grids.grid import METRES_PER_DEGREE, Grid
from ...rasters import (
    UNITS_M,
    bounds_deg,
    crs_name,
    open_dem,
    outline_dem,
    raster_info,
    read_overview,
    true_size,
)
from .limited import serve_order

_MOST_CHECKED_CELLS = 300_000_000
"""Of a DEM with more cells the picture's are looked at; all would take minutes."""

_MOST_AVERAGED_CELLS = 100_000_000
_PICTURE_CELLS = 1024
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MANY = (
    "It has so many cells that only some were looked at now; a run looks at each before it begins."
)
ASKED = ("elevation_unit", "nodata")
"""What a DEM may leave open, to be said beside it."""


@dataclass(frozen=True)
class _Found:
    unit_m: float | None
    valid_share: float
    ends: tuple[float, float] | None
    notes: tuple[str, ...]
    asks: str = ""


def look(order: dict[str, Any]) -> dict[str, Any]:
    """Return what a DEM holds, and draw it.

    The order has ``dem``, its path; ``picture``, where to draw it, or none; ``elevation_unit`` and
    ``nodata``, what is said beside the file.
    """
    path = Path(order["dem"])
    _require_tiff(path)
    nodata = [float(value) for value in order.get("nodata", [])]
    unit = order.get("elevation_unit")
    found = _checked(path, unit, nodata, may_ask=bool(order.get("picture")))
    info = raster_info(path)
    grid = info.grid
    assert grid is not None
    answer = {
        "rows": grid.rows,
        "cols": grid.cols,
        "crs": crs_name(grid.crs),
        "cell_size_m": _cell_size_m(grid),
        "elevation_unit": next((u for u, m in UNITS_M.items() if m == found.unit_m), None),
        "elevation_min_m": None if found.ends is None else found.ends[0],
        "elevation_max_m": None if found.ends is None else found.ends[1],
        "nodata_share": 1.0 - found.valid_share,
        "bounds": list(bounds_deg(grid)),
        "notes": list(found.notes),
        "asks": found.asks,
    }
    if order.get("picture"):
        answer["bounds"] = list(_draw(path, Path(order["picture"]), grid))
    return answer


def _require_tiff(path: Path) -> None:
    """Raise `InputError` unless a file begins as a TIFF, and as nothing else that GDAL knows."""
    with path.open("rb") as file:
        head = file.read(2048)
    if not head:
        raise InputError(f"{path} is empty", remedy="give a GeoTIFF")
    if not head.startswith(_TIFF) or b"<VRTDataset" in head:
        raise InputError(f"{path} is no GeoTIFF", remedy="give elevations as a GeoTIFF")


def _checked(path: Path, unit: str | None, nodata: list[float], *, may_ask: bool) -> _Found:
    """Check a DEM as a run does; what can be said beside it is asked for, if it may be."""
    try:
        outline_dem(path, unit, nodata=nodata)
        grid = raster_info(path).grid
        assert grid is not None
        if grid.rows * grid.cols > _MOST_CHECKED_CELLS:
            return _sampled(path, unit, _MANY)
        info = open_dem(path, unit, nodata=nodata)
        cells = info.grid.rows * info.grid.cols
        ends = info.lowest_m, info.highest_m
        return _Found(info.unit_m, info.valid_cells / cells, ends, info.notes)
    except EemtError as error:
        if not (may_ask and error.field in ASKED):
            raise
        found = _sampled(path, unit, error.sentence)
        return _Found(None, found.valid_share, None, found.notes, error.field)


def _sampled(path: Path, unit: str | None, note: str) -> _Found:
    values, _ = read_overview(path, _PICTURE_CELLS, resampling="nearest")
    valid = values[np.isfinite(values)]
    unit_m = UNITS_M[unit or "m"]
    ends = (float(valid.min()) * unit_m, float(valid.max()) * unit_m) if valid.size else None
    return _Found(unit_m, valid.size / values.size, ends, (note,))


def _draw(path: Path, picture: Path, grid: Grid) -> tuple[float, float, float, float]:
    from ...quicklook import write_hillshade

    smooth = grid.rows * grid.cols <= _MOST_AVERAGED_CELLS
    values, small = read_overview(
        path, _PICTURE_CELLS, resampling="average" if smooth else "nearest"
    )
    return write_hillshade(picture, values, small, max_size=_PICTURE_CELLS)


def _cell_size_m(grid: Grid) -> list[float]:
    """Return the edges of the middle cell on the ground [m]."""
    if not grid.is_geographic:
        return [float(size) for size in true_size(grid).cell_size_m]
    south, north = grid.bounds[1], grid.bounds[3]
    narrow = float(np.cos(np.radians((south + north) / 2)))
    return [grid.dx * METRES_PER_DEGREE * narrow, grid.dy * METRES_PER_DEGREE]


if __name__ == "__main__":
    sys.exit(serve_order(look))
