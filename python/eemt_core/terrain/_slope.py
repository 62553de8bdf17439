"""Slope and aspect."""

from __future__ import annotations

import numpy as np

from .. import _core
from .._arrays import FloatArray, cell_size, elevation_argument, thread_count


def slope_aspect(
    elevation_m: FloatArray, *, cell_size_m: float | tuple[float, float], threads: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Slope and aspect after Horn.

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array, elevation [m]; NaN where there is none.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    slope_deg, aspect_deg
        (rows, cols) arrays of the input's dtype: angle from the horizontal [degrees], and the
        direction the slope faces, clockwise from grid north [degrees, 0 to 360); 0 where flat.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape or the cell size is not positive.

    Notes
    -----
    An infinite elevation counts as no data. A neighbour beyond the edge or without data is
    extrapolated through the opposite neighbour, so no ring of cells is lost; a NaN cell is NaN
    alone.

    References
    ----------
    Horn, B. K. P. (1981). Hill shading and the reflectance map. Proceedings of the IEEE
    69(1), 14-47. doi:10.1109/PROC.1981.11918

    Examples
    --------
    >>> import numpy as np
    >>> south_facing = np.add.outer([3.0, 2.0, 1.0], np.zeros(3))
    >>> slope_deg, aspect_deg = slope_aspect(south_facing, cell_size_m=1.0)
    >>> float(slope_deg[1, 1]), float(aspect_deg[1, 1])
    (45.0, 180.0)
    """
    slope_rad, aspect_rad = slope_aspect_rad(elevation_m, cell_size_m=cell_size_m, threads=threads)
    return np.degrees(slope_rad), np.degrees(aspect_rad)


def slope_aspect_rad(
    elevation_m: FloatArray, *, cell_size_m: float | tuple[float, float], threads: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Slope and aspect as `slope_aspect` has them, in radians."""
    elevation_m = elevation_argument("elevation_m", elevation_m)
    x, y = cell_size(cell_size_m)
    return _core.terrain.slope_aspect(
        elevation_m, cell_x_m=x, cell_y_m=y, threads=thread_count(threads)
    )
