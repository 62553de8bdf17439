"""``python -m eemt_core.web.uploads.look_dem``: the process that looks at a DEM.

It says whether it is one and what is in it, and draws a picture of it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import EemtError
from ...grids.grid import Grid
from ...rasters import (
    UNITS_M,
    bounds_deg,
    crs_name,
    open_dem,
    outline_dem,
    raster_info,
    read_overview,
    sample_raster,
)
from .geotiff import MOST_CHECKED_CELLS, cell_size_m, require_tiff
from .limited import serve_order

_PICTURE_CELLS = 1024
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
    path, picture = Path(order["dem"]), order.get("picture")
    require_tiff(path, "elevations")
    nodata = [float(value) for value in order.get("nodata", [])]
    grid = _grid_of(path)
    found = _checked(path, grid, order.get("elevation_unit"), nodata, may_ask=bool(picture))
    bounds = _draw(path, grid, Path(picture)) if picture else bounds_deg(grid)
    return {
        "rows": grid.rows,
        "cols": grid.cols,
        "crs": crs_name(grid.crs),
        "cell_size_m": cell_size_m(grid),
        "elevation_unit": next((u for u, m in UNITS_M.items() if m == found.unit_m), None),
        "elevation_min_m": None if found.ends is None else found.ends[0],
        "elevation_max_m": None if found.ends is None else found.ends[1],
        "nodata_share": 1.0 - found.valid_share,
        "bounds": list(bounds),
        "notes": list(found.notes),
        "asks": found.asks,
    }


def _grid_of(path: Path) -> Grid:
    grid = raster_info(path).grid
    if grid is None or not grid.crs:
        outline_dem(path)  # says what is wrong
    assert grid is not None
    return grid


def _checked(
    path: Path, grid: Grid, unit: str | None, nodata: list[float], *, may_ask: bool
) -> _Found:
    """Check a DEM as a run does; what can be said beside it is asked for, if it may be."""
    try:
        outline = outline_dem(path, unit, nodata=nodata)
        if _is_large(grid):
            share, (low, high) = _first_look(path, grid)
            ends = (low * outline.unit_m, high * outline.unit_m) if share else None
            return _Found(outline.unit_m, share, ends, (_MANY,))
        info = open_dem(path, unit, nodata=nodata)
        share = info.valid_cells / (grid.rows * grid.cols)
        return _Found(info.unit_m, share, (info.lowest_m, info.highest_m), info.notes)
    except EemtError as error:
        if not (may_ask and error.field in ASKED):
            raise
        share, _ = _first_look(path, grid)
        return _Found(None, share, None, (error.sentence,), error.field)


def _is_large(grid: Grid) -> bool:
    return grid.rows * grid.cols > MOST_CHECKED_CELLS


def _some_cells(path: Path, grid: Grid) -> tuple[NDArray[np.float32], Grid]:
    """Return cells for a picture."""
    if _is_large(grid):
        return sample_raster(path, _PICTURE_CELLS)
    return read_overview(path, _PICTURE_CELLS)


def _first_look(path: Path, grid: Grid) -> tuple[float, tuple[float, float]]:
    """Return which share of some cells is valid, and the least and the greatest of them."""
    values, _ = _some_cells(path, grid)
    valid = values[np.isfinite(values)]
    ends = (float(valid.min()), float(valid.max())) if valid.size else (np.nan, np.nan)
    return valid.size / values.size, ends


def _draw(path: Path, grid: Grid, picture: Path) -> tuple[float, float, float, float]:
    from ...quicklook import write_hillshade

    values, small = _some_cells(path, grid)
    return write_hillshade(picture, values, small, max_size=_PICTURE_CELLS)


if __name__ == "__main__":
    sys.exit(serve_order(look))
