"""Terrain beyond a DEM."""

from __future__ import annotations

from dataclasses import dataclass

from .._arrays import FloatArray, cell_size, check_plausible, grid_argument
from .._numbers import finite_number
from ..plausible import ELEVATION


@dataclass(frozen=True, eq=False)
class FarLevel:
    """Terrain beyond a DEM, on a coarser grid.

    Parameters
    ----------
    elevation_m
        (rows, cols) array of the DEM's dtype, elevation [m]; NaN where there is none.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].
    x_m, y_m
        Offset of the level's outer north-west corner from the DEM's, to the east and
        to the south [m]: negative where the level reaches beyond the DEM.

    Raises
    ------
    ArgumentError
        If the array has a wrong dtype or shape, the cell size is not positive, or an offset is not
        finite.

    Examples
    --------
    A mountain 3 km east of a small plain:

    >>> import numpy as np
    >>> from eemt_core.terrain import horizon_map
    >>> coarse = np.zeros((5, 11))
    >>> coarse[2, 8] = 2000.0
    >>> beyond = FarLevel(coarse, cell_size_m=1000.0, x_m=-5000.0, y_m=-2000.0)
    >>> plain = np.zeros((10, 10))
    >>> seen = horizon_map(plain, cell_size_m=100.0, directions=4, far_field=[beyond])
    >>> bool(seen[1, 5, 5] > 20.0)
    True
    """

    elevation_m: FloatArray
    cell_size_m: float | tuple[float, float]
    x_m: float
    y_m: float

    def __post_init__(self) -> None:
        elevation_m = grid_argument("elevation_m", self.elevation_m)
        check_plausible("elevation_m", elevation_m, ELEVATION)
        cell_size(self.cell_size_m)
        finite_number("x_m", self.x_m)
        finite_number("y_m", self.y_m)
