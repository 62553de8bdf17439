"""``python -m eemt_core.web.uploads.look_raster``: the process that looks at a raster beside a DEM.

It says what is in it, and whether it can serve a run over a DEM: leaf area, turbidity and the like.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...demo import write_dem
from ...errors import EemtError, InputError
from ...grids.grid import Grid
from ...manager.inputs.wetness import given_wetness
from ...manager.plan.layers import RASTERS, RasterLayer
from ...manager.plan.wetness import plan_wetness
from ...rasters import (
    PreparedDem,
    crs_name,
    outline_dem,
    prepare_dem,
    raster_info,
    read_bands,
    sample_raster,
)
from .geotiff import MOST_CHECKED_CELLS, cell_size_m, require_tiff
from .limited import serve_order
from .notes import Notes

_MOST_REPROJECTED_CELLS = 60_000_000
"""Of a DEM of which a copy is written, within what such a process may write into a file."""

_WINDOW_CELLS = 2**20
_MANY = (
    "It has so many cells that only some were looked at now; a run looks at each before it begins."
)


def look(order: dict[str, Any]) -> dict[str, Any]:
    """Return what a raster holds, and how it fits a DEM.

    The order has ``raster``, its path; ``kind``, a field of requests; ``is_new``, whether what it
    holds is wanted. With ``over``, a DEM, it is checked as a run of it does: ``dem``, its path,
    None for the demonstration's; ``unit`` and ``nodata``, what is said beside it; ``is_needed``,
    whether EEMT takes a wetness index; ``folder`` is then where files may be written.
    """
    path, kind = Path(order["raster"]), order["kind"]
    found: dict[str, Any] = {"cover": None, "notes": []}
    try:
        require_tiff(path, "it")
        if order["is_new"]:
            found |= _facts(path, kind)
        if "over" in order:
            with TemporaryDirectory(dir=order["folder"]) as folder:
                found["cover"], notes = _fitted(path, kind, order["over"], Path(folder))
                found["notes"] = list(dict.fromkeys([*found["notes"], *notes]))
        return found
    except EemtError as error:
        error.field = error.field or kind
        raise


def _facts(path: Path, kind: str) -> dict[str, Any]:
    if kind in RASTERS:
        RASTERS[kind].check_bands(path)
    info = raster_info(path)
    grid = info.grid
    if grid is None:
        raise InputError(
            f"{path} does not say where it lies",
            remedy="give it the CRS and the corner of its cells, for example with rio edit-info",
        )
    is_large = grid.rows * grid.cols * info.bands > MOST_CHECKED_CELLS
    low, high, valid, count = np.inf, -np.inf, 0, 0
    for values in [sample_raster(path, 1024)[0]] if is_large else _blocks(path, grid, info.bands):
        there = values[np.isfinite(values)]
        count, valid = count + values.size, valid + there.size
        if there.size:
            low, high = min(low, float(there.min())), max(high, float(there.max()))
    return {
        "bands": info.bands,
        "rows": grid.rows,
        "cols": grid.cols,
        "crs": crs_name(grid.crs) if grid.crs else "",
        "cell_size_m": cell_size_m(grid) if grid.crs else None,
        "low": low if valid else None,
        "high": high if valid else None,
        "nodata_share": 1.0 - valid / count,
        "notes": [_MANY] if is_large else [],
    }


def _blocks(path: Path, grid: Grid, bands: int) -> Iterator[NDArray[np.float32]]:
    """Yield all cells, some rows at a time."""
    rows = max(1, _WINDOW_CELLS // grid.cols)
    for row0 in range(0, grid.rows, rows):
        yield read_bands(path, range(1, bands + 1), row0, 0, min(rows, grid.rows - row0), grid.cols)


def _fitted(
    path: Path, kind: str, over: Mapping[str, Any], folder: Path
) -> tuple[float | None, list[str]]:
    """Return which share of a DEM's cells a raster covers, and what a run would say of it."""
    own = over["dem"]
    dem_path = write_dem(folder / "demonstration.tif") if own is None else Path(own)
    outline = outline_dem(dem_path, over["unit"], nodata=over["nodata"])
    cells = outline.grid.rows * outline.grid.cols
    bands = RASTERS[kind].check_bands(path)
    if cells * (1 + bands) > MOST_CHECKED_CELLS or (
        outline.is_made and cells > _MOST_REPROJECTED_CELLS
    ):
        return None, [_MANY]
    notes = Notes()
    dem = prepare_dem(dem_path, folder, lambda said: None, over["unit"], nodata=over["nodata"])
    layer = _layer(path, kind, dem, notes, is_needed=over["is_needed"])
    return layer.cover, notes.sentences


def _layer(
    path: Path, kind: str, dem: PreparedDem, notes: Notes, *, is_needed: bool
) -> RasterLayer:
    if kind != "twi":
        return RasterLayer.open(path, dem, RASTERS[kind], reporter=notes)
    plan = plan_wetness(dem, path, needed=is_needed, reporter=notes)
    given_wetness(plan, notes)
    assert plan.raster is not None
    return plan.raster


if __name__ == "__main__":
    sys.exit(serve_order(look))
