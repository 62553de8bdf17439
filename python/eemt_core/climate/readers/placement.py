"""The position of a DEM's cells in a climate grid, and whether that grid covers the DEM.

Coordinates in the climate grid are (row, col) in cells from its outer north-west corner, so the
centre of its first cell is at (0.5, 0.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from ... import rasters
from ...errors import InputError
from ...grids.grid import METRES_PER_DEGREE, Grid, Lattice
from ...plausible import Quantity
from ...rasters.odd_values import OddValues
from .._model import Array
from . import reference_elevation, units
from .raster_set import Entry

#: Number of climate cells read beyond the DEM on each side.
MARGIN = 2

# Distance of control points [m]. A line of length s that is straight in one projection deviates in
# another by about s**2 / (8 R), with R the Earth's radius: 1 m over 8 km, a thousandth of a
# climate cell.
_SPACING_M = 8000.0
_LARGEST_SPACING = 256

#: Range of elevations of land [m], from the shore of the Dead Sea to Mount Everest.
LOWEST_M, HIGHEST_M = -500.0, 9000.0

# number of points along each side of the DEM at which its position is computed
_PROBES = 129


def lattices(grid: Grid, native: Grid) -> tuple[Lattice, Lattice]:
    """Return the climate grid's row and col at the cells of a DEM, as plain lattices."""
    cell_m = (
        max(grid.dx, grid.dy) * METRES_PER_DEGREE if grid.is_geographic else max(grid.cell_size_m)
    )
    spacing = int(np.clip(_SPACING_M / cell_m, 1, _LARGEST_SPACING))
    rows, cols = Lattice.corners(grid.shape, spacing)
    row, col = _native(grid, native, rows, cols)
    return Lattice(row, spacing), Lattice(col, spacing)


def require_cover(grid: Grid, native: Grid, name: str) -> None:
    """Raise InputError, with the sides and lengths missing, unless climate cells cover the DEM."""
    row, col = _probe(grid, native)
    unit = "degrees" if native.is_geographic else "km"
    per_row, per_col = (
        (native.dy, native.dx)
        if native.is_geographic
        else tuple(size / 1000.0 for size in reversed(native.cell_size_m))
    )
    # interpolation needs the centre of a climate cell beyond the DEM on every side, and centres
    # lie half a cell inside the grid's edge
    short = {
        "north": (0.5 - row.min(), per_row),
        "south": (row.max() - native.rows + 0.5, per_row),
        "west": (0.5 - col.min(), per_col),
        "east": (col.max() - native.cols + 0.5, per_col),
    }
    lacking = [
        f"{cells * size:.3g} {unit} ({cells:.2g} cells) in the {side}"
        for side, (cells, size) in short.items()
        if cells > 1e-6
    ]
    if lacking:
        raise InputError(
            f"{name} does not cover the DEM, it lacks {' and '.join(lacking)}",
            remedy=f"give climate that reaches at least {MARGIN} of its cells beyond the DEM",
        )


def region(grid: Grid, native: Grid) -> tuple[int, int, int, int]:
    """Return the window (row0, col0, rows, cols) of the climate grid over a DEM, with margin.

    The window may extend beyond the climate grid; reading gives NaN there.
    """
    row, col = _probe(grid, native)
    row0, col0 = (int(np.floor(p.min() - 0.5)) - MARGIN for p in (row, col))
    row1, col1 = (int(np.floor(p.max() - 0.5)) + 2 + MARGIN for p in (row, col))
    return row0, col0, row1 - row0, col1 - col0


def gaps(
    values: Mapping[str, Array],
    grid: Grid,
    native: Grid,
    region: tuple[int, int, int, int],
    name: str,
) -> Iterator[str]:
    """Yield a sentence if part of the DEM has no climate data; raise InputError if all of it."""
    row, col = _probe(grid, native)
    missing = np.zeros(region[2:], bool)
    for array in values.values():
        for period in array:
            missing |= np.isnan(period).any(axis=0)
    r, c = (np.floor(p).astype(int) - o for p, o in zip((row, col), region, strict=False))
    part = float(missing[r, c].mean())
    if part == 1.0:
        raise InputError(
            f"{name} and the files beside it hold no data over the DEM (sea, or cut to another "
            "area)",
            remedy="give climate of the DEM's region",
        )
    if part > 0:
        yield f"About {part:.1%} of the DEM's extent lies in climate cells without data ({name})."


def elevation_over(
    elevation: Entry, native: Grid, region: tuple[int, int, int, int], unit_m: float
) -> tuple[Array, Array]:
    """Return a raster's mean elevation [m] over the cells of a region, and the share it covers.

    The raster may have any grid: its cells are averaged over each climate cell; cells larger than
    that are split first. `unit_m` is the number of metres per unit of the raster.
    """
    path = elevation.path
    info = rasters.raster_info(path)
    theirs = info.grid
    if theirs is not None and not theirs.crs and path.lower().endswith(".asc"):
        theirs = in_degrees(theirs, native.crs if native.is_geographic else "")
    if theirs is None or not theirs.crs:
        raise InputError(
            f"{path} has no coordinate reference system",
            remedy="declare the one it is in, for example with rio edit-info --crs",
        )
    cells = native.window(*region)
    window = _window_over(theirs, cells)
    part = theirs.window(*window)
    row, col = lattices(part, cells)

    odd = OddValues(Quantity("elevation", "", LOWEST_M / unit_m, HIGHEST_M / unit_m))
    sound = 0

    def read(row0: int, col0: int, rows: int, cols: int, /) -> Array:
        nonlocal sound
        z = rasters.read_window(path, window[0] + row0, window[1] + col0, rows, cols)
        z = units.without_fill(z)
        impossible = odd.mark(z)
        odd.add(z[impossible])
        z[impossible] = np.nan
        sound += int(np.isfinite(z).sum())
        return z * np.float32(unit_m)

    means = reference_elevation.block_mean(read, part.shape, row, col, (0, 0, *region[2:]))
    if odd:
        which = "which is no elevation" if len(odd.few) == 1 else "which are no elevations"
        remedy = (
            units.mend_file(odd, path, elevation.file, info)
            if odd.few and sound
            else "declare the unit of its elevations, if they are feet, with rio edit-info --bidx 1"
            f" --units ft {path}, or give another raster"
        )
        raise InputError(f"{path} holds {odd.text()}, {which}", remedy=remedy)
    return means


def in_degrees(grid: Grid, crs: str) -> Grid:
    """Return a grid without a CRS with the geographic `crs`, if its extent is possible in degrees.

    If it is not, or `crs` is empty, the grid is returned unchanged.
    """
    west, south, east, north = grid.bounds
    if not crs or west < -180.1 or east > 360.1 or south < -90.1 or north > 90.1:
        return grid
    return replace(grid, crs=rasters.crs_wkt(crs), unit_m=0.0)


def _window_over(grid: Grid, cells: Grid) -> tuple[int, int, int, int]:
    """Return the window of `grid` that contains another grid and one more cell on each side."""
    row, col = _probe(cells, grid, inset=0.0)
    row0, col0 = max(int(row.min()) - 2, 0), max(int(col.min()) - 2, 0)
    row1, col1 = min(int(row.max()) + 3, grid.rows), min(int(col.max()) + 3, grid.cols)
    if row1 <= row0 or col1 <= col0:
        return 0, 0, 1, 1
    return row0, col0, row1 - row0, col1 - col0


def _probe(grid: Grid, native: Grid, inset: float = 0.5) -> tuple[Array, Array]:
    """Return the climate grid's (row, col) at points spread over a DEM's extent.

    With an `inset` of 0.5 the outermost points are centres of cells; with 0 they lie on the DEM's
    outer edge.
    """
    rows, cols = (np.linspace(inset, n - inset, min(n + 1, _PROBES)) for n in grid.shape)
    return _native(grid, native, *np.meshgrid(rows, cols, indexing="ij"))


def _native(grid: Grid, native: Grid, rows: Array, cols: Array) -> tuple[Array, Array]:
    """Convert (row, col) of the DEM, from its outer corner, to those of the climate grid."""
    x, y = grid.x0 + cols * grid.dx, grid.y0 - rows * grid.dy
    x, y = rasters.transform_points(grid.crs, native.crs, x, y)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError(
            "part of the DEM has no place in the climate's projection",
            remedy="give climate made for the DEM's region",
        )
    return (native.y0 - y) / native.dy, (x - native.x0) / native.dx
