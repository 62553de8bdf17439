"""Other rasters resampled to the DEM's grid: turbidity, wetness, leaf area, canopy height."""

from __future__ import annotations

from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from ..errors import InputError
from ..grids.grid import Grid
from ._crs import horizontal_crs
from ._files import Path_, grid_of, opened, read_from, require_band


def read_matched(
    path: Path_, grid: Grid, row0: int, col0: int, rows: int, cols: int, band: int = 1
) -> NDArray[np.float32]:
    """Read a raster, resampled to the cells of a window of another grid.

    Parameters
    ----------
    path
        The raster; it must have a CRS, unless its grid is the same as `grid`.
    grid
        The grid to which the raster is resampled.
    row0, col0, rows, cols
        The window of `grid`.
    band
        Counted from 1.

    Returns
    -------
    values
        (rows, cols) float32 array: the raster's own values if both grids are the same, else
        interpolated bilinearly (averaged if the raster's cells are smaller); NaN for nodata.

    Raises
    ------
    InputError
        If the file is missing or damaged, has no such band, or no CRS.
    """
    with opened(path) as source:
        require_band(source, path, band)
        if same_grid(source, grid):
            return read_from(source, row0, col0, rows, cols, band)
        require_crs(source)
        # warped over the whole grid, so that a cell's value does not depend on the window
        with WarpedVRT(
            source,
            src_crs=horizontal_crs(source.crs),
            crs=CRS.from_wkt(grid.crs),
            transform=Affine(grid.dx, 0, grid.x0, 0, -grid.dy, grid.y0),
            width=grid.cols,
            height=grid.rows,
            resampling=Resampling.bilinear,
            nodata=float("nan"),
            dtype="float32",
            tolerance=0.01,
            warp_mem_limit=64,
        ) as warped:
            return read_from(warped, row0, col0, rows, cols, band)


def require_crs(source: Any) -> None:
    """Raise `InputError` if an open raster has no CRS, so that it cannot be resampled."""
    if not source.crs:
        raise InputError(
            f"{source.name} has no coordinate reference system",
            remedy="declare it, for example with rio edit-info --crs EPSG:32613",
        )


def same_grid(source: object, grid: Grid) -> bool:
    """Return whether a raster has the same grid, to a thousandth of a cell."""
    own = grid_of(source)
    near = 1e-3 * min(grid.dx, grid.dy)
    return (
        own.shape == grid.shape
        and (
            max(
                abs(own.x0 - grid.x0),
                abs(own.y0 - grid.y0),
                abs(own.dx - grid.dx) * grid.cols,
                abs(own.dy - grid.dy) * grid.rows,
            )
            < near
        )
        and (not own.crs or CRS.from_wkt(own.crs) == CRS.from_wkt(grid.crs))
    )
