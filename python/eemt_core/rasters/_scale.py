"""How long and which way the axes of a map are on the ground.

A metre of a map is seldom a metre on the ground: in web mercator at 60 degrees it is half a
metre, in equal-area maps more along one axis and less along the other, and in some maps the axes
mirror the ground. Everything that has to do with slope wants the ground.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..grids.grid import Grid
from ._crs import transform_points

Array = NDArray[np.float64]
Vectors = NDArray[np.complex128]

POLE = "the DEM holds a pole, where north has no direction: cut the DEM so that it does not"

# WGS84
_SEMI_MAJOR_M, _ECCENTRICITY_SQUARED = 6_378_137.0, 0.00669437999014

# Half of the step by which directions are found: long enough that rounding in the projection
# (1e-8 m) turns it by no more than 1e-10 rad, short enough (111 m) that it does not bend.
_STEP_DEG = 1e-3

# Points along each side of a grid at which its axes are looked at.
_PROBES = 33

# Lengths may depart by so much from their middle, and angles from right ones, where one size of
# cells stands for all: slopes are off by no more than that.
LARGEST_SPREAD, LARGEST_SKEW_RAD = 0.01, np.radians(0.5)


@dataclass(frozen=True, slots=True)
class GroundAxes:
    """The axes of a CRS at some points, as vectors on the ground.

    Attributes
    ----------
    lon_deg, lat_deg
        The points (WGS84) [deg]; longitude runs on over the date line.
    along_x, along_y
        Complex arrays, east + i north: metres on the ground in one unit of x and of y.
    """

    lon_deg: Array
    lat_deg: Array
    along_x: Vectors
    along_y: Vectors

    def turn(self) -> Vectors:
        """Return along_y over along_x: i where axes are at right angles and equally long."""
        ratio: Vectors = self.along_y / self.along_x
        return ratio

    def convergence_rad(self) -> Array:
        """Return the angle from true north to grid north, clockwise, in (-pi, pi]."""
        north = self.along_y / np.abs(self.along_y)
        east = self.along_x / np.abs(self.along_x)
        middle = np.where(self.turn().imag > 0, north + 1j * east, north)
        angle: Array = np.angle(1j * middle.conj())
        return angle


def ground_axes(crs: str, x: Array, y: Array) -> GroundAxes:
    """Return how the axes of a projected CRS lie on the ground.

    Parameters
    ----------
    crs
        WKT.
    x, y
        Points in it, two arrays (rows, cols).

    Raises
    ------
    InputError
        If a point lies outside the region where the CRS is defined, or at a pole.

    Notes
    -----
    Each point takes a small step to both sides along its meridian and its parallel, whose lengths
    on the ellipsoid are known. Where these four points lie in the map gives the map's derivatives
    by the ground; what is wanted is their inverse.
    """
    lon, lat = transform_points(crs, "EPSG:4326", x, y)
    middle = lon[lon.shape[0] // 2, lon.shape[1] // 2]
    lon = middle + (lon - middle + 180) % 360 - 180
    if np.abs(lat).max() > 90 - 2 * _STEP_DEG:
        raise InputError(POLE)
    phi = np.radians(lat)
    flat = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    per_lat = np.radians(_SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / flat**1.5)  # m per degree
    per_lon = np.radians(_SEMI_MAJOR_M / np.sqrt(flat)) * np.cos(phi)
    step = _STEP_DEG / np.cos(phi)
    zero = np.zeros_like(lon)
    to_x, to_y = transform_points(
        "EPSG:4326",
        crs,
        lon + np.stack([-step, step, zero, zero]),
        lat + np.stack([zero, zero, zero - _STEP_DEG, zero + _STEP_DEG]),
    )
    west, east, south, north = to_x + 1j * to_y
    here = x + 1j * y
    # at the edge of a map of the world one of the steps leads to the map's other side
    back, ahead = here - west, east - here
    both = np.where(np.abs(ahead) > 1.5 * np.abs(back), 2 * back, back + ahead)
    both = np.where(np.abs(back) > 1.5 * np.abs(ahead), 2 * ahead, both)
    east_m, north_m = both / (2 * step * per_lon), (north - south) / (2 * _STEP_DEG * per_lat)
    area = east_m.real * north_m.imag - east_m.imag * north_m.real
    return GroundAxes(
        lon_deg=lon,
        lat_deg=lat,
        along_x=(north_m.imag - 1j * east_m.imag) / area,
        along_y=(1j * east_m.real - north_m.real) / area,
    )


@dataclass(frozen=True, slots=True)
class GroundScale:
    """How long a grid's axes are on the ground, over all of it.

    Attributes
    ----------
    x, y
        The shortest and the longest length on the ground over that in the map, along x and y.
    skew_rad
        How far the axes depart from right angles, at most.
    mirrored
        Whether y lies to the right of x on the ground: what is clockwise there is not so here.
    bounds_deg
        (west, south, east, north) of the grid's cells; longitude runs on over the date line.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    skew_rad: float
    mirrored: bool
    bounds_deg: tuple[float, float, float, float]

    @property
    def spread(self) -> float:
        """How far lengths depart from the middle of the shortest and the longest, as a share."""
        return max((high - low) / (high + low) for low, high in (self.x, self.y))

    @property
    def error(self) -> float:
        """By how much slopes are off where one size of cells stands for all, as a share."""
        return max(self.spread, self.skew_rad)

    @property
    def is_even(self) -> bool:
        """Whether one size of cells may stand for all."""
        return (
            not self.mirrored
            and self.spread <= LARGEST_SPREAD
            and self.skew_rad <= LARGEST_SKEW_RAD
        )

    def sized(self, grid: Grid) -> Grid:
        """Return the grid with the middle size of its cells on the ground, to a millionth."""
        x, y = (round((low + high) / 2, 6) for low, high in (self.x, self.y))
        return replace(grid, scale_x=x, scale_y=y)


def ground_scale(grid: Grid) -> GroundScale:
    """Return how long the axes of a projected grid are on the ground; raises as `ground_axes`."""
    x = grid.x0 + np.linspace(0, grid.cols, _PROBES) * grid.dx
    y = grid.y0 - np.linspace(0, grid.rows, _PROBES) * grid.dy
    axes = ground_axes(grid.crs, *np.meshgrid(x, y))
    lengths = [np.abs(vectors) / grid.unit_m for vectors in (axes.along_x, axes.along_y)]
    along_x, along_y = ((float(length.min()), float(length.max())) for length in lengths)
    angle = np.abs(np.angle(axes.turn()))
    lon, lat = axes.lon_deg, axes.lat_deg
    return GroundScale(
        x=along_x,
        y=along_y,
        skew_rad=float(np.abs(angle - np.pi / 2).max()),
        mirrored=bool((axes.turn().imag < 0).any()),
        bounds_deg=(float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())),
    )


def true_size(grid: Grid) -> Grid:
    """Return a grid that knows the size of its cells on the ground.

    A geographic grid and one without a CRS are returned as they are.

    Raises
    ------
    InputError
        If the grid leaves the region where its CRS is defined, or holds a pole.

    Examples
    --------
    >>> from rasterio.crs import CRS
    >>> mercator = CRS.from_epsg(3857).to_wkt()
    >>> x, y = true_size(Grid(10, 10, 0.0, 8_400_000.0, 10.0, 10.0, 1.0, mercator)).cell_size_m
    >>> f"{x:.3f} {y:.3f}"
    '5.012 5.004'
    """
    if grid.is_geographic or not grid.crs:
        return grid
    return ground_scale(grid).sized(grid)
