"""Latitude, longitude and meridian convergence over a projected grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..grids.grid import Grid, Lattice
from ._scale import POLE, WITHOUT_POLE, ground_axes

Array = NDArray[np.float64]

# Largest distance between control points. The error of bilinear interpolation over 50 km of a
# sphere is at most (50 km / Earth radius)^2 / 8 * tan(latitude), 1e-5 rad at 50 degrees latitude.
_LARGEST_STEP_M = 50_000.0


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where the cells of a grid are on the Earth.

    Attributes
    ----------
    latitude_rad, longitude_rad
        Geographic latitude and longitude (WGS84) [rad]. Longitude is continuous over the grid,
        so it may exceed pi, or fall below -pi, beyond the date line.
    convergence_rad
        Meridian convergence: the angle from true north to grid north, clockwise [rad]. An azimuth
        counted from grid north is the azimuth from true north minus this angle.
    """

    latitude_rad: Lattice
    longitude_rad: Lattice
    convergence_rad: Lattice


def geometry(grid: Grid, spacing: int = 64) -> Geometry:
    """Return latitude, longitude and meridian convergence over a grid.

    Parameters
    ----------
    grid
        In any projected CRS.
    spacing
        Largest number of cells between control points; fewer are used if cells are kilometres wide.

    Raises
    ------
    InputError
        If the grid extends beyond the region where its CRS is defined, or contains a pole, where
        the direction of north is undefined.

    Notes
    -----
    Grid north is the direction of the grid's columns on the ground. If its axes are not at right
    angles on the ground, it is the mean of that direction and of the normal to the rows
    (`ground_axes`). This holds for every projection, without using its formulas.

    Examples
    --------
    >>> from rasterio.crs import CRS
    >>> utm = CRS.from_epsg(32613).to_wkt()
    >>> grid = Grid(10, 10, 500_000 - 50, 4_000_000, 10.0, 10.0, 1.0, utm)
    >>> bool(abs(geometry(grid).convergence_rad.expand(0, 5, 1, 1)[0, 0]) < 1e-5)
    True
    """
    spacing = max(1, min(spacing, int(_LARGEST_STEP_M / max(grid.cell_size_m, default=1.0))))
    rows, cols = Lattice.corners(grid.shape, spacing)
    x, y = grid.x0 + cols * grid.dx, grid.y0 - rows * grid.dy
    axes = ground_axes(grid.crs, x, y)
    lat_deg, lon_deg = axes.lat_deg, axes.lon_deg
    convergence = _unwrapped(axes.convergence_rad())
    jump = max(np.abs(np.diff(convergence, axis=axis)).max() for axis in (0, 1))
    if jump > np.pi / 2:
        raise InputError(POLE, remedy=WITHOUT_POLE)
    return Geometry(
        latitude_rad=Lattice(np.radians(lat_deg), spacing),
        longitude_rad=Lattice(np.radians(lon_deg), spacing),
        convergence_rad=Lattice(convergence, spacing),
    )


def _unwrapped(angle_rad: Array) -> Array:
    """Return angles without jumps of 2 pi, starting from the middle of the array."""
    smooth: Array = np.unwrap(np.unwrap(angle_rad, axis=0), axis=1)
    middle = smooth[smooth.shape[0] // 2, smooth.shape[1] // 2]
    return np.ascontiguousarray(smooth - 2 * np.pi * np.round(middle / (2 * np.pi)))
