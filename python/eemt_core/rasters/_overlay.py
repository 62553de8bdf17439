"""A raster on the grid of web maps (Web Mercator, EPSG:3857), to be laid over one as a picture."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning
from rasterio.warp import calculate_default_transform, reproject, transform_bounds

from ..errors import InputError
from ..grids.grid import Grid
from ._crs import GDAL_ERRORS
from ._files import gdal

_WEB_MERCATOR = "EPSG:3857"
_LAST_LATITUDE = 85.0
"""Web Mercator ends there, and so do web maps [degrees]."""

Bounds = tuple[float, float, float, float]


def bounds_deg(grid: Grid) -> Bounds:
    """Return the extent of a grid as (west, south, east, north) in degrees (WGS 84).

    A grid across the date line has a west that is greater than its east.

    Raises
    ------
    InputError
        If a part of it lies where its CRS is not defined.
    """
    with gdal():
        try:
            found = transform_bounds(CRS.from_wkt(grid.crs), CRS.from_epsg(4326), *grid.bounds)
        except GDAL_ERRORS as error:
            raise _no_place() from error
    if not np.isfinite(found).all():
        raise _no_place()
    west, south, east, north = (float(value) for value in found)
    return west, south, east, north


def web_overlay(
    values: NDArray[np.float32], grid: Grid, max_size: int
) -> tuple[NDArray[np.float32], Bounds]:
    """Return values on a grid of Web Mercator, and its extent in degrees.

    Parameters
    ----------
    values
        (rows, cols) array on `grid`, NaN for nodata.
    max_size
        Largest number of cells along the longer side of the result.

    Returns
    -------
    values, bounds
        (rows, cols) float32 array, NaN where there is nothing; (west, south, east, north) in
        degrees. What lies beyond 85 degrees of latitude is cut off, as web maps do.

    Raises
    ------
    InputError
        If the grid lies where Web Mercator or its own CRS is not defined.
    """
    source = CRS.from_wkt(grid.crs)
    west, south, east, north = grid.bounds
    place = Affine(grid.dx, 0, west, 0, -grid.dy, north)
    with gdal():
        try:
            if grid.is_geographic:
                south, north = max(south, -_LAST_LATITUDE), min(north, _LAST_LATITUDE)
            transform, cols, rows = calculate_default_transform(
                source, _WEB_MERCATOR, grid.cols, grid.rows, west, south, east, north
            )
            shrink = max(rows, cols) / min(max_size, max(grid.shape))
            wide, high = transform.a * cols, -transform.e * rows
            cols, rows = max(1, round(cols / shrink)), max(1, round(rows / shrink))
            fitted = Affine(wide / cols, 0, transform.c, 0, -high / rows, transform.f)
            result = np.full((rows, cols), np.nan, np.float32)
            reproject(
                values, result, src_transform=place, src_crs=source, src_nodata=np.nan,
                dst_transform=fitted, dst_crs=_WEB_MERCATOR, dst_nodata=np.nan,
                resampling=Resampling.bilinear,
            )  # fmt: skip
            left, top = fitted.c, fitted.f
            bounds = transform_bounds(
                _WEB_MERCATOR, CRS.from_epsg(4326), left, top - high, left + wide, top
            )
        except (*GDAL_ERRORS, ZeroDivisionError, OverflowError) as error:
            raise _no_place() from error
    if not np.isfinite(bounds).all():
        raise _no_place()
    return result, tuple(float(value) for value in bounds)  # type: ignore[return-value]


def write_png(path: Path, grey: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> None:
    """Write a grey picture, (rows, cols) of brightness and opacity; it is there whole or not."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    shape = {"height": grey.shape[0], "width": grey.shape[1], "count": 2, "dtype": "uint8"}
    try:
        with gdal(), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(part, "w", driver="PNG", **shape) as target:
                target.write(np.stack([grey, alpha]))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _no_place() -> InputError:
    return InputError(
        "the raster reaches beyond the region where web maps or its coordinate reference system "
        "are defined",
        remedy="check its georeference, or cut it to that region",
    )
