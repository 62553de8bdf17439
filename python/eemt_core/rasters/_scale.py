"""Scale and direction of a map's axes on the ground.

A metre in map coordinates is seldom a metre on the ground. In web mercator at 60 degrees latitude
it is half a metre; in equal-area projections it is more along one axis and less along the other;
some maps are mirror images of the ground. Slope, and all that depends on it, needs lengths on the
ground.
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

POLE = "the DEM holds a pole, where north has no direction"
WITHOUT_POLE = "cut the DEM so that it does not"

# the WGS84 ellipsoid
_SEMI_MAJOR_M, _ECCENTRICITY_SQUARED = 6_378_137.0, 0.00669437999014

# Half of the step for finite differences. It is long enough that rounding in the projection
# (1e-8 m) changes directions by at most 1e-10 rad, and short enough (111 m) that the curvature of
# lines in the map does not matter.
_STEP_DEG = 1e-3

# Number of points along each side of a grid at which its axes are computed.
_PROBES = 33

# One size is assumed for all cells if lengths deviate from their midrange by at most this share,
# and the axes from right angles by at most this angle. Slopes are then wrong by no more than that.
LARGEST_SPREAD, LARGEST_SKEW_RAD = 0.01, np.radians(0.5)


@dataclass(frozen=True, slots=True)
class GroundAxes:
    """The axes of a CRS at some points, as vectors on the ground.

    Attributes
    ----------
    lon_deg, lat_deg
        The points (WGS84) [deg]; longitude is continuous across the date line.
    along_x, along_y
        Complex arrays, east + i north: the vector on the ground [m] that corresponds to one unit
        along x, and along y.
    """

    lon_deg: Array
    lat_deg: Array
    along_x: Vectors
    along_y: Vectors

    def turn(self) -> Vectors:
        """Return along_y / along_x: i if the axes are at right angles and units equally long."""
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
    """Return the axes of a projected CRS as vectors on the ground.

    Parameters
    ----------
    crs
        The CRS as WKT.
    x, y
        Points in that CRS, two arrays (rows, cols).

    Raises
    ------
    InputError
        If a point lies outside the region where the CRS is defined, or at a pole.

    Notes
    -----
    From each point small steps are taken both ways along its meridian and its parallel, whose
    lengths on the ellipsoid are known. The map coordinates of these four points give the
    derivatives of map coordinates with respect to the ground; the result is the inverse of that
    matrix.
    """
    lon, lat = transform_points(crs, "EPSG:4326", x, y)
    middle = lon[lon.shape[0] // 2, lon.shape[1] // 2]
    lon = middle + (lon - middle + 180) % 360 - 180
    if np.abs(lat).max() > 90 - 2 * _STEP_DEG:
        raise InputError(POLE, remedy=WITHOUT_POLE)
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
    # at the edge of a world map one of the steps may end at the opposite edge
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
    """The scale of a grid's axes on the ground, over the whole grid.

    Attributes
    ----------
    x, y
        Smallest and largest ratio of length on the ground to length in the map, along x and y.
    skew_rad
        Largest deviation of the axes from right angles.
    mirrored
        Whether the map is a mirror image of the ground: clockwise there is anticlockwise here.
    bounds_deg
        (west, south, east, north) of the grid's cells; longitude is continuous across the date
        line.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    skew_rad: float
    mirrored: bool
    bounds_deg: tuple[float, float, float, float]

    @property
    def spread(self) -> float:
        """Largest deviation of the scale from its midrange, as a share of the midrange."""
        return max((high - low) / (high + low) for low, high in (self.x, self.y))

    @property
    def error(self) -> float:
        """Largest relative error of slopes if one size is assumed for all cells."""
        return max(self.spread, self.skew_rad)

    @property
    def is_even(self) -> bool:
        """Whether one size may be assumed for all cells."""
        return (
            not self.mirrored
            and self.spread <= LARGEST_SPREAD
            and self.skew_rad <= LARGEST_SKEW_RAD
        )

    def sized(self, grid: Grid) -> Grid:
        """Return the grid with the midrange of its scale on the ground, rounded to 1e-6."""
        x, y = (round((low + high) / 2, 6) for low, high in (self.x, self.y))
        return replace(grid, scale_x=x, scale_y=y)


def ground_scale(grid: Grid) -> GroundScale:
    """Return the scale of a projected grid on the ground; raises as `ground_axes` does."""
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
    """Return the grid with the size of its cells on the ground (`Grid.cell_size_m`) set.

    A geographic grid, or one without a CRS, is returned unchanged.

    Raises
    ------
    InputError
        If the grid extends beyond the region where its CRS is defined, or contains a pole.

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
