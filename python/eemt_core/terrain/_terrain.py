"""Terrain as a user hands it over: a DEM with its place on the Earth, or cells already measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arrays import (
    FloatArray,
    array_or_number,
    cell_size,
    check_plausible,
    elevation_argument,
    grid_argument,
    is_array,
)
from ..plausible import ELEVATION
from ._far_level import FarLevel
from ._horizon import check_horizon
from ._horizon_codes import checked_anchor, checked_levels, checked_window
from ._slope import slope_aspect

WindowNumbers = tuple[int, int, int, int]
"""Row and column of its first cell, and how many rows and columns it has."""

_LATITUDES_DEG = (-90.0, 90.0)
_SLOPES_DEG = (0.0, 90.0)
_TURN_DEG = (-360.0, 360.0)


@dataclass(frozen=True, eq=False)
class Surface:
    """Cells whose slope and aspect are known: what the sun falls on.

    `Terrain.surface` makes one of a DEM. A single plane may be all numbers: it counts as one
    cell, an array of shape (1, 1).

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array or a number, elevation [m].
    slope_deg, aspect_deg
        (rows, cols) arrays or numbers: angle from the horizontal, and the direction the slope
        faces, clockwise from grid north [degrees]. 0 by default: a level surface.
    latitude_deg
        (rows, cols) array or number, latitude, north positive [degrees].
    convergence_deg
        (rows, cols) array or number, true azimuth minus grid azimuth [degrees].
    horizon_deg
        (directions, rows, cols) array of `horizon_map`, elevation angles of the skyline
        [degrees]; without it nothing shades the cells.
    sky_view
        (rows, cols) array of `sky_view_factor`, 0 to 1 [-]; without it that of an open slope.

    Raises
    ------
    ArgumentError
        If arrays differ in shape or dtype, or an angle is out of range.

    Examples
    --------
    >>> roof = Surface(20.0, slope_deg=35.0, aspect_deg=180.0, latitude_deg=48.0)
    >>> roof.shape
    (1, 1)
    """

    elevation_m: FloatArray | float
    _: KW_ONLY
    slope_deg: FloatArray | float = 0.0
    aspect_deg: FloatArray | float = 0.0
    latitude_deg: FloatArray | float
    convergence_deg: FloatArray | float = 0.0
    horizon_deg: NDArray[np.float32] | None = None
    sky_view: FloatArray | None = None

    def __post_init__(self) -> None:
        ranges = {
            "elevation_m": None,
            "slope_deg": _SLOPES_DEG,
            "aspect_deg": _TURN_DEG,
            "latitude_deg": _LATITUDES_DEG,
            "convergence_deg": _TURN_DEG,
        }
        like = self.first_array
        for name, within in ranges.items():
            array_or_number(name, getattr(self, name), like=like, within=within)
        if is_array(self.elevation_m):
            check_plausible("elevation_m", self.elevation_m, ELEVATION)
        if self.sky_view is not None:
            grid_argument("sky_view", self.sky_view, like=like)
        if self.horizon_deg is not None:
            check_horizon(self.horizon_deg, self.shape)

    @property
    def first_array(self) -> NDArray[Any] | None:
        """The array that gives all others their shape and dtype; None if there are but numbers."""
        numbers_or_arrays = (
            self.elevation_m,
            self.slope_deg,
            self.aspect_deg,
            self.latitude_deg,
            self.convergence_deg,
        )
        arrays = [value for value in numbers_or_arrays if is_array(value)]
        return arrays[0] if arrays else self.sky_view

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, cols) of the cells."""
        return (1, 1) if self.first_array is None else self.first_array.shape


@dataclass(frozen=True, eq=False)
class Terrain:
    """A DEM and where on the Earth it lies.

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array, elevation [m]; NaN where there is none.
    cell_size_m
        Edge length of a cell on the ground, or a pair (x, y) [m].
    latitude_deg
        Number or (rows, cols) array, latitude, north positive [degrees]. One number is the same
        latitude for all cells: enough for some kilometres.
    convergence_deg
        Number or (rows, cols) array, true azimuth minus grid azimuth [degrees]: 0 where the
        grid's columns run to true north.
    window
        (row, col, rows, cols) of the cells that results are wanted for; without it all. The
        cells around it only cast shadows and reflect light.
    anchor
        (row, col) of ``elevation_m[0, 0]`` in the whole DEM that it was cut from: with it and
        enough terrain around, windows give the bits that the whole DEM gives.
    far_field
        Terrain beyond the DEM (`FarLevel`), from fine to coarse.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape, or a number is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> south_facing = np.add.outer([30.0, 20.0, 10.0], np.zeros(4))
    >>> terrain = Terrain(south_facing, cell_size_m=10.0, latitude_deg=45.0)
    >>> float(terrain.surface.slope_deg[1, 1]), float(terrain.surface.aspect_deg[1, 1])
    (45.0, 180.0)
    """

    elevation_m: FloatArray
    _: KW_ONLY
    cell_size_m: float | tuple[float, float]
    latitude_deg: FloatArray | float
    convergence_deg: FloatArray | float = 0.0
    window: WindowNumbers | None = None
    anchor: tuple[int, int] = (0, 0)
    far_field: Sequence[FarLevel] = ()

    def __post_init__(self) -> None:
        dem = grid_argument("elevation_m", self.elevation_m)
        check_plausible("elevation_m", dem, ELEVATION)
        cell_size(self.cell_size_m)
        array_or_number("latitude_deg", self.latitude_deg, like=dem, within=_LATITUDES_DEG)
        array_or_number("convergence_deg", self.convergence_deg, like=dem, within=_TURN_DEG)
        checked_window(self.window, dem.shape)
        checked_anchor(self.anchor)
        checked_levels(self.far_field, dem.dtype)

    @cached_property
    def surface(self) -> Surface:
        """The window's cells with their slope and aspect (`slope_aspect`), under an open sky."""
        row, col, rows, cols = checked_window(self.window, self.elevation_m.shape)
        cells = np.s_[row : row + rows, col : col + cols]

        def cut(value: FloatArray | float) -> FloatArray | float:
            return value[cells] if is_array(value) else value

        elevation_m = elevation_argument("elevation_m", self.elevation_m)
        slope_deg, aspect_deg = slope_aspect(elevation_m, cell_size_m=self.cell_size_m)
        return Surface(
            elevation_m[cells],
            slope_deg=slope_deg[cells],
            aspect_deg=aspect_deg[cells],
            latitude_deg=cut(self.latitude_deg),
            convergence_deg=cut(self.convergence_deg),
        )
