"""Whether the values of a DEM are elevations: every cell is checked before the computation.

DEMs mark cells without an elevation by a fill value: the same number in many cells. A fill value
may lie far outside the range of elevations, but also within it: -9999 could be a depth of the sea,
and -999 or 0 can occur in many places. Such a value is recognised by its neighbours: the step from
a fill value to all neighbouring cells is larger than real ground has, while the sea floor and the
shore have no such step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import plausible
from ..errors import InputError
from ..grids.grid import METRES_PER_DEGREE
from .odd_values import OddValues, cells, listed, number, stored

Array = NDArray[np.float32]

# Common fill values: taken for elevations only where neighbouring cells have similar values.
_FILLS = (-9999.0, -32768.0, -32767.0, -99999.0, 9999.0, 32767.0, 65535.0, 99999.0)
# Stored values that mean nodata in some files but are real elevations in many others.
_PERHAPS = (-9998.0, -5000.0, -1000.0, -999.0, -500.0, -100.0, -99.0, -32.0, -9.0, -1.0)
_ENDS = {"uint8": (255.0,), "int8": (-128.0, 127.0)}

# Real ground is seldom steeper than 2 m of height per metre, and hardly ever on all sides of a flat
# place. In cells smaller than 15 m the step must be at least 30 m, since a cell may lie at a cliff
# or a wall; a step of 1000 m between neighbouring cells occurs nowhere.
_STEEP, _LEAST_STEP_M, _LARGEST_STEP_M = 2.0, 30.0, 1000.0
# The share of a value's neighbours that must differ by more than such a step. It is less than 1
# since fill cells may touch a few cells with another fill value, or with ground equally low.
_SHARE = 0.9
# The lowest value of a DEM, if it is not a common fill value, is taken for one only if at least 4
# cells have it and all other values are at least 250 m higher. The margin protects surface models
# of cities, where level streets lie well below the roofs around them.
_REPEATED, _FAR_M = 4, 250.0

# Zeros in a smaller share of the cells than this are reported only if they lie beside high ground.
_TOLD_ZEROS = 1e-3


@dataclass
class _Seen:
    """Counts for a value that may be a fill: its cells, and their neighbours of other values."""

    cells: int = 0
    neighbours: int = 0
    steep: int = 0

    @property
    def stands_off(self) -> bool:
        """Whether nearly all neighbours differ by a step larger than real ground has."""
        return self.neighbours > 0 and self.steep >= _SHARE * self.neighbours


@dataclass
class DemValues:
    """Collects the values of a DEM, window by window, and judges whether they are elevations.

    Attributes
    ----------
    cols
        Columns of the DEM.
    cell_m
        Larger edge of a cell [m].
    unit_m
        Metres per unit of its elevations.
    scale, offset
        The added values are ``stored * scale + offset``.
    dtype
        Data type of the stored values.
    valid
        How many of the values are no NaN.
    lowest, highest
        The least and the greatest of those that can be elevations.
    """

    cols: int
    cell_m: float
    unit_m: float
    scale: float = 1.0
    offset: float = 0.0
    dtype: str = "float32"
    valid: int = field(init=False, default=0)
    lowest: float = field(init=False, default=np.inf)
    highest: float = field(init=False, default=-np.inf)
    odd: OddValues = field(init=False)
    _seen: dict[float, _Seen] = field(init=False, default_factory=dict)
    _zero: float = field(init=False)
    _above: Array = field(init=False)
    _left: Array | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        elevation = plausible.ELEVATION
        self.odd = OddValues(
            plausible.Quantity(
                elevation.name,
                elevation.unit,
                elevation.lowest / self.unit_m,
                elevation.highest / self.unit_m,
            )
        )
        self._above = np.full(self.cols, np.nan, np.float32)
        ends = _ENDS.get(self.dtype, ())
        self._known = {
            self._elevation(value): value in _FILLS for value in (*_PERHAPS, 0.0, *ends, *_FILLS)
        }
        # how the file stores an elevation of 0 (with an offset, as another number)
        zero = -self.offset / self.scale
        self._zero = self._elevation(zero if self.dtype.startswith("float") else round(zero))
        self._known[self._zero] = False

    def _elevation(self, value: float) -> float:
        return float(np.float32(value * self.scale + self.offset))

    def add(self, values: Array, col0: int) -> None:
        """Add the next window, (rows, cols) with NaN for nodata, in order of rows, then columns."""
        if col0 == 0:
            self._left = None
        rows, cols = values.shape
        around = np.full((rows + 1, cols + 1), np.nan, np.float32)
        around[1:, 1:] = values
        around[0, 1:] = self._above[col0 : col0 + cols]
        if self._left is not None and len(self._left) == rows:
            around[1:, 0] = self._left
        self._above[col0 : col0 + cols] = values[-1]
        self._left = values[:, -1].copy()
        self._look(values, around)

    def _look(self, values: Array, around: Array) -> None:
        count = int(np.isfinite(values).sum())
        if not count:
            return
        self.valid += count
        odd = self.odd.mark(values)
        if odd.any():
            self.odd.add(values[odd])
            values, around = (
                np.where(odd, np.nan, values),
                np.where(self.odd.mark(around), np.nan, around),
            )
        # `around` includes cells of the neighbouring windows: a fill may end at the window's edge
        low, high = (
            float(np.fmin.reduce(around, axis=None)),
            float(np.fmax.reduce(around, axis=None)),
        )
        if np.isnan(low):
            return
        self.lowest, self.highest = min(self.lowest, low), max(self.highest, high)
        asked = {value for value in self._known if low <= value <= high}
        if self._lowest_stands_off(around, low):
            asked.add(low)
        for value in asked:
            self._count(value, around)

    @property
    def _step(self) -> float:
        """The difference to a neighbour that real ground does not have [units of elevation]."""
        step_m = min(max(_STEEP * self.cell_m, _LEAST_STEP_M), _LARGEST_STEP_M)
        return step_m / self.unit_m

    def _lowest_stands_off(self, values: Array, low: float) -> bool:
        here = values == low
        if np.count_nonzero(here) < _REPEATED:
            return False
        rest = values[~here]
        far = max(self._step, _FAR_M / self.unit_m)
        # only below sea level: a level plain below a plateau also has one lowest value, far below
        # all others, but its elevation is hardly ever negative
        return low < 0 and bool(np.fmin.reduce(rest, initial=np.inf) - low > far)

    def _count(self, value: float, around: Array) -> None:
        here = around == value
        if not here.any():
            return
        seen = self._seen.setdefault(value, _Seen())
        # the first row and column belong to the windows before, where they were counted
        seen.cells += int(np.count_nonzero(here[1:, 1:]))
        for one, other in (
            (np.s_[:-1, 1:], np.s_[1:, 1:]),
            (np.s_[1:, :-1], np.s_[1:, 1:]),
        ):
            edge = here[one] != here[other]
            steps = np.abs(around[one][edge] - around[other][edge])
            steps = steps[np.isfinite(steps)]
            seen.neighbours += steps.size
            seen.steep += int(np.count_nonzero(steps > self._step))

    def fills(self) -> dict[float, int]:
        """Return the values judged to be fills, with their numbers of cells; 0 is left out."""
        found = {}
        for value, seen in self._seen.items():
            if value == self._zero or not seen.cells:
                continue
            alone = self._known.get(value, False) and seen.neighbours == 0
            if seen.stands_off or alone:
                found[value] = seen.cells
        return found

    def check(self, name: str) -> None:
        """Raise InputError, naming the values, if there are any that are not elevations."""
        fills = self.fills()
        if self.odd.few or not self.odd:
            fills |= {value: self.odd.counts[value] for value in self.odd.few}
        else:
            raise InputError(
                f"{name} has {self.odd.text()}, which are no elevations",
                remedy="say their unit with <<elevation_unit>>, or mark what is no ground as nodata"
                " before the DEM is resampled",
                field="elevation_unit",
            )
        if not fills:
            return
        values = sorted(fills)
        what = listed([f"{number(v)} ({cells(fills[v])})" for v in values])
        remedy = ",".join(stored(v, self.scale, self.offset, self.dtype) for v in values)
        is_none = "is no elevation" if len(values) == 1 else "are no elevations"
        raise InputError(
            f"{name} has cells of {what}, which {is_none}",
            remedy=f"give <<nodata={remedy}>>, or declare it in the file",
            field="nodata",
            value=values,
        )

    def note(self, name: str) -> str:
        """Return a sentence about cells of exactly 0, empty if they are few or the only ones."""
        zeros = self._seen.get(self._zero, _Seen())
        if not 0 < zeros.cells < self.valid:
            return ""
        share = zeros.cells / self.valid
        if share < _TOLD_ZEROS and not (zeros.stands_off and zeros.cells >= _REPEATED):
            return ""
        beside = "; they lie beside ground that is far higher" if zeros.stands_off else ""
        return (
            f"In {name} {100 * share:.3g} % of the cells are exactly 0: give"
            f" <<nodata={stored(self._zero, self.scale, self.offset, self.dtype)}>>"
            f" if they are not land{beside}."
        )


def cell_m(grid: Any) -> float:
    """Return the longer edge of a cell [m], approximately if the grid is in degrees."""
    return float(max(grid.dx, grid.dy) * (grid.unit_m or METRES_PER_DEGREE))
