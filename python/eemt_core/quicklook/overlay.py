"""The relief as a grey picture without frame, to be laid over a web map."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .._arrays import FloatArray
from ..grids.grid import Grid
from ..rasters import web_overlay, write_png
from .canvas import hillshade

_FLAT_GREY = 180
"""Grey of flat ground, 0 to 255: light enough that sunlit slopes still stand out from it."""


def write_hillshade(
    path: Path, elevation_m: FloatArray, grid: Grid, *, max_size: int = 1024
) -> tuple[float, float, float, float]:
    """Write a DEM's hillshade as PNG in Web Mercator; on failure no file of that name is left.

    Parameters
    ----------
    path
        The picture; it is replaced.
    elevation_m
        (rows, cols) elevations on `grid`, NaN for nodata, which becomes transparent.
    max_size
        Largest number of pixels along the longer side.

    Returns
    -------
    bounds
        Where it lies: (west, south, east, north) in degrees.
    """
    light, bounds = web_overlay(hillshade(elevation_m, grid), grid, max_size)
    grey = np.clip(np.nan_to_num(light) * _FLAT_GREY, 0, 255).astype(np.uint8)
    write_png(path, grey, np.where(np.isfinite(light), 255, 0).astype(np.uint8))
    return bounds
