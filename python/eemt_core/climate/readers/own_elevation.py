"""The elevation of a climate grid's cells: from a raster of its own, else averaged from the DEM.

Temperatures are corrected by the lapse rate from the elevation of the climate cell to that of the
DEM's cell, so an error of the former biases them. The user is told of an unknown unit, of a
raster that does not cover the DEM, and of a DEM that covers little of the climate's cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ... import rasters
from ...errors import InputError
from ...grids.grid import Grid, Lattice
from .._model import STANDARD_LAPSE_C_PER_KM, Array
from . import placement, reference_elevation
from .raster_set import Entry
from .source import ElevationReader

# if elevations cover less than this share of the climate cells, their means are doubtful
_LITTLE = 0.5

# a raster without a unit is compared with the DEM at _PLACES x _PLACES places, at each over
# _PATCH x _PATCH cells of the DEM
_PLACES, _PATCH = 5, 8

# a smaller difference between raster and DEM [m] may be due to relief, and does little harm if
# it is due to feet
_TELLING_M = 150.0

_FOOT_M = 0.3048


@dataclass(frozen=True)
class Reference:
    """Elevations to which the climate cells' temperatures refer.

    Attributes
    ----------
    mean_m
        (rows, cols) float64 array over the region, mean elevation [m]; NaN where unknown.
    cover
        Share of each cell in which elevations are known [0 to 1].
    notes
        Sentences for the user.
    unit_m
        Metres per unit that the raster declares; None if it declares no unit.
    """

    mean_m: Array
    cover: Array
    notes: tuple[str, ...] = ()
    unit_m: float | None = 1.0


def from_dem(
    grid: Grid,
    row: Lattice,
    col: Lattice,
    region: tuple[int, int, int, int],
    read_elevation: ElevationReader,
    name: str,
) -> Reference:
    """Return the DEM's mean over each climate cell; `name` is a climate file, for messages."""
    low, high = np.inf, -np.inf

    def read(row0: int, col0: int, rows: int, cols: int, /) -> Array:
        nonlocal low, high
        z = read_elevation(row0, col0, rows, cols)
        low = min(low, float(np.fmin.reduce(z, axis=None, initial=np.inf)))
        high = max(high, float(np.fmax.reduce(z, axis=None, initial=-np.inf)))
        return z

    mean_m, cover = reference_elevation.block_mean(read, grid.shape, row, col, region)
    if not np.isfinite(mean_m).any():
        return Reference(mean_m, cover)
    seen, per_m = reference_elevation.typical_cover(cover), STANDARD_LAPSE_C_PER_KM / 1000.0
    if seen >= _LITTLE:
        return Reference(mean_m, cover)
    note = (
        f"The DEM covers {seen:.1%} of the climate cells that it lies in ({name}), so the mean "
        "elevation of that part stands for theirs: temperatures are off by "
        f"{100 * per_m:.2f} degC for every 100 m that the whole cells lie higher or lower (by "
        f"{per_m * (high - low):.1f} degC if as much as the DEM's own relief of {high - low:.0f} "
        "m); give the elevation of the climate's own grid with <<climate_elevation>>."
    )
    return Reference(mean_m, cover, (note,))


def from_raster(
    elevation: Entry,
    native: Grid,
    region: tuple[int, int, int, int],
    values: Mapping[str, Array],
    name: str,
) -> Reference:
    """Return a raster's mean over each climate cell; `name` is a climate file, for messages.

    Raises
    ------
    InputError
        If the raster cannot be read or has no CRS, has values that are not elevations, or an
        unknown unit.
    """
    unit_m = rasters.height_unit_m(elevation.path)
    mean_m, cover = placement.elevation_over(elevation, native, region, unit_m or 1.0)
    notes = []
    if not np.isfinite(mean_m).any():
        return Reference(mean_m, cover, (), unit_m)
    if unit_m not in (None, 1.0):
        notes.append(f"Elevations of {elevation.name} are in feet; they are brought to metres.")
    # climate cells without the margin: their centres enclose all cells of the DEM
    asked = np.zeros(mean_m.shape, bool)
    inner = slice(placement.MARGIN, -placement.MARGIN)
    asked[inner, inner] = np.isfinite(values["tmin_c"][0]).any(axis=0)[inner, inner]
    bare = asked & ~np.isfinite(mean_m)
    if bare.any():
        notes.append(
            f"{elevation.name} has no elevation in {int(bare.sum())} of the {int(asked.sum())} "
            f"climate cells around the DEM ({name}): that of their neighbours stands for theirs."
        )
    elif (typical := reference_elevation.typical_cover(cover)) < _LITTLE:
        notes.append(
            f"{elevation.name} covers {typical:.1%} of the climate cells "
            f"that it lies in ({name}), so temperatures belong to the mean of a part: give an "
            "elevation that reaches over all of each cell with <<climate_elevation>>."
        )
    return Reference(mean_m, cover, tuple(notes), unit_m)


def check_unit(
    elevation: Entry,
    found: Reference,
    grid: Grid,
    row: Lattice,
    col: Lattice,
    region: tuple[int, int, int, int],
    read_elevation: ElevationReader,
) -> None:
    """Raise InputError if a raster without a unit seems, compared with the DEM, to be in feet."""
    pairs = np.array([*_pairs(found, grid, row, col, region, read_elevation)])
    if not len(pairs):
        return
    theirs, ours = pairs.T
    as_metres = float(np.median(np.abs(theirs - ours)))
    as_feet = float(np.median(np.abs(_FOOT_M * theirs - ours)))
    if as_metres > _TELLING_M and as_feet < 0.5 * as_metres:
        raise InputError(
            f"{elevation.name} does not say the unit of its elevations, and they look like feet "
            f"({np.median(theirs):.0f} where the DEM has {np.median(ours):.0f} m)",
            remedy=f"declare it with rio edit-info --bidx 1 --units ft {elevation.file} (or m, if "
            "they are metres)",
        )


def _pairs(
    found: Reference,
    grid: Grid,
    row: Lattice,
    col: Lattice,
    region: tuple[int, int, int, int],
    read_elevation: ElevationReader,
) -> Iterator[tuple[float, float]]:
    """Yield pairs of elevations, the raster's and the DEM's [m], at places all over the DEM."""
    rows, cols = (min(_PATCH, size) for size in grid.shape)
    tops, lefts = (
        np.unique(np.linspace(0, size - edge, _PLACES).astype(int))
        for size, edge in zip(grid.shape, (rows, cols), strict=True)
    )
    for top in tops:
        for left in lefts:
            z = read_elevation(int(top), int(left), rows, cols)
            middle = int(top) + rows // 2, int(left) + cols // 2, 1, 1
            r, c = (int(np.floor(lattice.expand(*middle)[0, 0])) for lattice in (row, col))
            theirs = found.mean_m[r - region[0], c - region[1]]
            if np.isfinite(z).any() and np.isfinite(theirs):
                yield float(theirs), float(np.nanmean(z))
