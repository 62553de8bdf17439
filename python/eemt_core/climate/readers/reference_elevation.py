"""The elevation that a climate grid's temperatures belong to.

Either a raster that comes with the grid, or the user's own DEM averaged over each of the
climate's cells. Plain arithmetic over windows: what reads them is handed in.
"""

from __future__ import annotations

import math

import numpy as np

from ...grids.grid import Lattice
from .._model import Array
from .source import ElevationReader

# DEM cells held at a time, in rows and columns
_BLOCK = 512

# how far outside the DEM its outline is drawn, in DEM cells: where climate cells end just at the
# DEM's edge, rounding must not have it lie in them
_OUTSIDE = 0.01

# samples to a climate cell's edge below which DEM cells are split into equal parts, so that a
# climate grid finer than the DEM still finds an elevation in each of its cells
_SAMPLES = 3.0

#: Trust in an elevation that the DEM does not give.
LEAST_WEIGHT = 1e-3


def block_mean(
    read_elevation: ElevationReader,
    shape: tuple[int, int],
    row: Lattice,
    col: Lattice,
    region: tuple[int, int, int, int],
) -> tuple[Array, Array]:
    """Mean elevation over each cell of a climate grid, and how much of the cell it covers.

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
        (rows, cols) float64 arrays over the region: mean of the DEM cells whose centre lies in
        the climate cell [m], NaN where there is none, and the part of the climate cell that has
        elevations [0 to 1]: exactly 1 in a cell that lies wholly within the DEM and has no hole.

    Notes
    -----
    One pass in windows, so memory does not grow with the DEM. The windows are the same in
    every run, hence also the order of the sums and the bits of the mean.
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
    # where the DEM's edge crosses a climate cell, what lies beyond counts as missing
    cover = np.where(_crossed(shape, row, col, region), np.minimum(there, 1.0), np.nan_to_num(part))
    return mean.reshape(rows, cols), cover.reshape(rows, cols)


def _crossed(
    shape: tuple[int, int], row: Lattice, col: Lattice, region: tuple[int, int, int, int]
) -> Array:
    """Return, flat, which climate cells the outline of the DEM passes through.

    It is followed in steps of a DEM cell, or in shorter ones where these are larger than climate
    cells; a corner that slips between two steps is a thousandth of a climate cell.
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
    """Return how much of the climate cell around it is covered, at the average place of a DEM."""
    return float((cover**2).sum() / cover.sum())


def _cell_area(row: Lattice, col: Lattice, window: tuple[int, int, int, int]) -> float:
    """Return the area of a DEM cell in the middle of a window [climate cells]."""
    i, j = window[0] + window[2] // 2, window[1] + window[3] // 2
    r, c = (
        [lattice.expand(i, j, 1, 1, *at)[0, 0] for at in ((0, 0), (1, 0), (0, 1))]
        for lattice in (row, col)
    )
    return float(abs((r[1] - r[0]) * (c[2] - c[0]) - (r[2] - r[0]) * (c[1] - c[0])))


def trusted(mean_m: Array, cover: Array) -> tuple[Array, Array]:
    """Return (reference_m, weight), float32, with no cell left without an elevation.

    Why weights. At the DEM's edge climate cells are covered in part, and some that the
    interpolation reaches not at all; there the mean is not the cell's own. It is still the
    best guess: on an even slope a part of width f is off by (1 - f) / 2 of the rise across a
    cell, the neighbour's mean by a whole one. So every part is kept, whatever its size, and a
    cell without any gets the mean of its nearest neighbours; but each enters with the square of
    its cover. Temperature reduced to sea level varies slowly from cell to cell, while an
    elevation wrong by 100 m costs 0.65 degC: leaning towards the well-known cells loses less
    than trusting a bad one. Over a climate linear in elevation the root mean square error near
    the edge falls to less than half (a test holds it to that).
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
