"""What becomes of a map's numbers before they are encoded: rounding, overviews, statistics."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from math import fsum, inf, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core

FULL_BITS = 23
"""All bits of the mantissa that float32 stores."""
LEAST_BITS = 6

Cells = NDArray[np.float32]


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
    rows = np.ascontiguousarray(cells, np.float32).reshape(1, -1)
    return _core.blocks.round_mantissa(rows, bits=bits).reshape(np.shape(cells))


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
    return _core.blocks.halve(np.ascontiguousarray(cells, np.float32), circular=circular)


def count(cells: Cells) -> Statistics:
    """Return the statistics of a (rows, cols) float32 array."""
    return Statistics(*_core.blocks.count(np.ascontiguousarray(cells, np.float32)))


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
