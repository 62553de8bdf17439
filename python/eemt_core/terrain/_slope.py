"""Shape of the terrain: slope and aspect, horizons, sky view.

Arrays are (rows, cols), row 0 in the north, column 0 in the west; nodata is NaN.
"""

from __future__ import annotations

from .. import _core
from .._arrays import FloatArray, cell_size, grid_argument


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
        Number of threads; 0 means all.

    Returns
    -------
    slope_rad, aspect_rad
        (rows, cols) arrays of the input's dtype: angle from the horizontal [rad], and the
        direction the slope faces, clockwise from grid north [rad, 0 to 2 pi); 0 where flat.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape or the cell size is not positive.

    Notes
    -----
    A neighbour beyond the edge or without data is extrapolated through the opposite
    neighbour, so no ring of cells is lost; a NaN cell is NaN alone.

    References
    ----------
    Horn, B. K. P. (1981). Hill shading and the reflectance map. Proceedings of the IEEE
    69(1), 14-47. doi:10.1109/PROC.1981.11918

    Examples
    --------
    >>> import numpy as np
    >>> south_facing = np.add.outer([3.0, 2.0, 1.0], np.zeros(3))
    >>> slope, aspect = slope_aspect(south_facing, cell_size_m=1.0)
    >>> bool(np.allclose(np.degrees(slope), 45.0)), bool(np.allclose(np.degrees(aspect), 180.0))
    (True, True)
    """
    elevation_m = grid_argument("elevation_m", elevation_m)
    x, y = cell_size(cell_size_m)
    return _core.terrain.slope_aspect(elevation_m, cell_x_m=x, cell_y_m=y, threads=threads)
