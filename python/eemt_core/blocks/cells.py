"""What becomes of a map's numbers before they are encoded: rounding, overviews, statistics."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from math import fsum, inf, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FULL_BITS = 23
"""All bits of the mantissa that float32 stores."""
LEAST_BITS = 6

Cells = NDArray[np.float32]
_NAN_BITS = 0x7FC00000


class Statistics(NamedTuple):
    """Of a grid's cells.

    Attributes
    ----------
    cells, gaps
        How many have a value, and how many are NaN.
    total
        Sum of the values, added in double precision in an order that the grid alone sets.
    low, high
        Least and greatest value; NaN where there is none.
    """

    cells: int
    gaps: int
    total: float
    low: float
    high: float


def round_mantissa(cells: Cells, bits: int) -> Cells:
    """Return cells rounded to the nearest number with so many bits of mantissa; ties to even.

    Parameters
    ----------
    cells
        float32 array of any shape.
    bits
        Bits after the binary point that are kept, `LEAST_BITS` to `FULL_BITS`: the relative error
        is at most 2**-(bits + 1). Below 2**-126 the error is that of the smallest normal numbers.

    Notes
    -----
    Infinities stay, and every NaN becomes the one with the bits 0x7FC00000, whatever processor made
    it.

    Examples
    --------
    >>> round_mantissa(np.array([1 + 2**-7, 1 + 2**-6, np.nan], np.float32), 6).tolist()
    [1.0, 1.015625, nan]
    """
    pattern = np.ascontiguousarray(cells).view(np.uint32)
    dropped = FULL_BITS - bits
    rounded = pattern
    if dropped:
        half = np.uint32((1 << (dropped - 1)) - 1)
        odd = (pattern >> np.uint32(dropped)) & np.uint32(1)
        rounded = (pattern + half + odd) & np.uint32(2**32 - (1 << dropped))
    is_nan = (pattern & np.uint32(0x7FFFFFFF)) > np.uint32(0x7F800000)
    chosen: Cells = np.where(is_nan, np.uint32(_NAN_BITS), rounded).view(np.float32)
    return chosen


def halve(cells: Cells, *, circular: bool = False) -> Cells:
    """Return an array half as large, each cell the mean of the valid ones among the four below it.

    Parameters
    ----------
    cells
        (rows, cols) float32 array.
    circular
        Whether they are directions, which have no mean: each cell is then the upper left of the
        four.

    Returns
    -------
    halved
        (ceil(rows / 2), ceil(cols / 2)) float32 array; NaN where none of the four is valid. The
        four are added in double precision, row by row, so the result is the same everywhere.
    """
    if circular:
        return np.ascontiguousarray(cells[::2, ::2])
    rows, cols = cells.shape
    shape = -(-rows // 2), -(-cols // 2)
    total, count = np.zeros(shape), np.zeros(shape)
    for row in (0, 1):
        for col in (0, 1):
            part = cells[row::2, col::2]
            here = slice(part.shape[0]), slice(part.shape[1])
            valid = ~np.isnan(part)
            total[here] += np.where(valid, part, 0.0).astype(np.float64)
            count[here] += valid
    with np.errstate(invalid="ignore", over="ignore"):
        mean: Cells = (total / count).astype(np.float32)
    mean.view(np.uint32)[count == 0] = _NAN_BITS
    return mean


def count(cells: Cells) -> Statistics:
    """Return the statistics of a (rows, cols) float32 array."""
    valid = cells[~np.isnan(cells)]
    if not valid.size:
        return Statistics(0, cells.size, 0.0, nan, nan)
    with np.errstate(invalid="ignore"):  # infinities of both signs
        total = float(valid.sum(dtype=np.float64))
    low, high = float(valid.min()), float(valid.max())
    return Statistics(valid.size, cells.size - valid.size, total, low, high)


def joined(parts: Iterable[Statistics]) -> Statistics:
    """Return the statistics of all cells of several grids; their order does not count."""
    parts = list(parts)
    cells, gaps = sum(part.cells for part in parts), sum(part.gaps for part in parts)
    filled = [part for part in parts if part.cells]
    if not filled:
        return Statistics(0, gaps, 0.0, nan, nan)
    low, high = min(part.low for part in filled), max(part.high for part in filled)
    if not -inf < low <= high < inf:  # `fsum` refuses infinities of both signs
        return Statistics(cells, gaps, sum(part.total for part in filled), low, high)
    total = fsum(min(max(part.total, -sys.float_info.max), sys.float_info.max) for part in filled)
    return Statistics(cells, gaps, total, low, high)
