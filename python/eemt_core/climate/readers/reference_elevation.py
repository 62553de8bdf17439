"""The elevation to which the temperatures of a climate grid refer.

Elevations, either from a raster that comes with the climate or from the user's DEM, are averaged
over each climate cell. This module only does arithmetic on windows; the caller passes a function
that reads them.
"""

from __future__ import annotations

import math

import numpy as np

from ...grids.grid import Lattice
from .._model import Array
from .source import ElevationReader

# edge of the windows of the DEM that are read, in cells
_BLOCK = 512

# The outline of the DEM is followed this far outside its edge, in DEM cells: if climate cells end
# exactly at the DEM's edge, rounding must not place the outline inside them.
_OUTSIDE = 0.01

# Fewest samples along the edge of a climate cell. DEM cells are split into equal parts to reach
# it, so that each cell of a climate grid finer than the DEM gets an elevation too.
_SAMPLES = 3.0

#: Smallest weight of a climate cell, also of one without any known elevation.
LEAST_WEIGHT = 1e-3


def block_mean(
    read_elevation: ElevationReader,
    shape: tuple[int, int],
    row: Lattice,
    col: Lattice,
    region: tuple[int, int, int, int],
) -> tuple[Array, Array]:
    """Mean elevation over each cell of a climate grid, and the share of the cell that is covered.

    Parameters
    ----------
    read_elevation
        Reads a window of the DEM [m].
    shape
        (rows, cols) of the DEM.
    row, col
        The climate grid's (cell-edge) row and column over the DEM.
    region
        (row0, col0, rows, cols) of the climate grid.

    Returns
    -------
    mean_m, cover
        (rows, cols) float64 arrays over the region. `mean_m` is the mean of the DEM cells whose
        centre lies in the climate cell [m], NaN if there is none. `cover` is the share of the
        climate cell that has elevations [0 to 1]: exactly 1 for a cell that lies wholly within the
        DEM and contains no nodata.

    Notes
    -----
    The DEM is read once, by windows, so memory does not grow with its size. The windows are the
    same in every run, so sums are formed in the same order and means are identical to the last bit.
    """
    row0, col0, rows, cols = region
    count = rows * cols
    total, area, there = np.zeros(count), np.zeros(count), np.zeros(count)
    for top in range(0, shape[0], _BLOCK):
        for left in range(0, shape[1], _BLOCK):
            window = top, left, min(_BLOCK, shape[0] - top), min(_BLOCK, shape[1] - left)
            z = read_elevation(*window).astype(float)
            valid = np.isfinite(z)
            of_cell = _cell_area(row, col, window)
            parts = max(1, math.ceil(_SAMPLES * math.sqrt(of_cell)))
            share = of_cell / parts**2
            for i in range(parts):
                for j in range(parts):
                    offset = (i + 0.5) / parts, (j + 0.5) / parts
                    r = np.floor(row.expand(*window, *offset)).astype(np.int64) - row0
                    c = np.floor(col.expand(*window, *offset)).astype(np.int64) - col0
                    inside = (r >= 0) & (r < rows) & (c >= 0) & (c < cols)
                    index = r * cols + c
                    area += share * np.bincount(index[inside], minlength=count)
                    inside &= valid
                    total += share * np.bincount(index[inside], z[inside], count)
                    there += share * np.bincount(index[inside], minlength=count)
    with np.errstate(invalid="ignore"):
        mean, part = total / there, there / area
    # in climate cells crossed by the DEM's edge the part outside the DEM counts as not covered
    cover = np.where(_crossed(shape, row, col, region), np.minimum(there, 1.0), np.nan_to_num(part))
    return mean.reshape(rows, cols), cover.reshape(rows, cols)


def _crossed(
    shape: tuple[int, int], row: Lattice, col: Lattice, region: tuple[int, int, int, int]
) -> Array:
    """Return, as a flat array, which climate cells the outline of the DEM passes through.

    The outline is followed in steps of a DEM cell, or of less if DEM cells are larger than climate
    cells. A climate cell of which only a corner lies between two steps may be missed, which
    changes its cover by about a thousandth.
    """
    row0, col0, rows, cols = region
    crossed = np.zeros((rows, cols), bool)
    middle = (shape[0] // 2, shape[1] // 2, 1, 1)
    parts = max(1, math.ceil(_SAMPLES * math.sqrt(_cell_area(row, col, middle))))
    steps = np.linspace(0.0, 1.0, parts + 1).tolist()
    last_row, last_col = shape[0] - 1, shape[1] - 1
    sides = [((r, 0, 1, shape[1]), [(down, s) for s in steps]) for r, down in _ends(last_row)]
    sides += [((0, c, shape[0], 1), [(s, right) for s in steps]) for c, right in _ends(last_col)]
    for window, offsets in sides:
        for at in offsets:
            r = np.floor(row.expand(*window, *at)).astype(np.int64).ravel() - row0
            c = np.floor(col.expand(*window, *at)).astype(np.int64).ravel() - col0
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < cols)
            crossed[r[inside], c[inside]] = True
    return crossed.ravel()


def _ends(last: int) -> tuple[tuple[int, float], tuple[int, float]]:
    """Return the first and the last row (or column), each with the offset of its outer edge."""
    return (0, -_OUTSIDE), (last, 1.0 + _OUTSIDE)


def typical_cover(cover: Array) -> float:
    """Return the cover of the climate cell around a point, averaged over all points of the DEM."""
    return float((cover**2).sum() / cover.sum())


def _cell_area(row: Lattice, col: Lattice, window: tuple[int, int, int, int]) -> float:
    """Return the area of the DEM cell in the middle of a window [climate cells]."""
    i, j = window[0] + window[2] // 2, window[1] + window[3] // 2
    r, c = (
        [lattice.expand(i, j, 1, 1, *at)[0, 0] for at in ((0, 0), (1, 0), (0, 1))]
        for lattice in (row, col)
    )
    return float(abs((r[1] - r[0]) * (c[2] - c[0]) - (r[2] - r[0]) * (c[1] - c[0])))


def trusted(mean_m: Array, cover: Array) -> tuple[Array, Array]:
    """Return (reference_m, weight), float32, with an elevation for every cell.

    Why weights: at the DEM's edge climate cells are covered only in part, and some that are needed
    for interpolation are not covered at all. The mean over the covered part differs from the mean
    over the cell, but is the best estimate: on a uniform slope the mean over a covered part of
    width f is wrong by (1 - f) / 2 of the rise across a cell, and the mean of the neighbouring cell
    by the whole rise. So a mean is used whatever the cover, and a cell without any cover gets the
    mean of its nearest neighbours.

    In interpolation each cell has the square of its cover as weight. Temperature reduced to sea
    level varies slowly from cell to cell, while an error of 100 m in elevation changes it by
    0.65 degC; so preferring cells with well-known elevations causes less error than giving poorly
    known ones full weight. For a climate linear in elevation the root mean square error near the
    edge becomes less than half (a test checks that).
    """
    reference = mean_m.copy()
    missing = ~np.isfinite(reference)
    if missing.all():
        raise ValueError("at least one cell must have an elevation")
    while missing.any():
        padded = np.pad(reference, 1, constant_values=np.nan)
        rows, cols = reference.shape
        around = np.stack([padded[i : i + rows, j : j + cols] for i in range(3) for j in range(3)])
        known = np.isfinite(around)
        with np.errstate(invalid="ignore"):
            mean = np.where(known, around, 0.0).sum(axis=0) / known.sum(axis=0)
        reference = np.where(missing, mean, reference)
        missing = ~np.isfinite(reference)
    weight = np.maximum(cover**2, LEAST_WEIGHT)
    return reference.astype(np.float32), weight.astype(np.float32)
