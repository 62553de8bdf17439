"""Impossible values of a raster, collected window by window, and messages about them."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..plausible import Quantity

# largest number of different values counted one by one: fill values are fewer
_DISTINCT = 4096


def number(value: float) -> str:
    """Return a float32 as text that reads back as itself.

    Examples
    --------
    >>> number(-9999.0), number(-3.4028234663852886e38), number(0.65)
    ('-9999', '-3.4028235e+38', '0.65')
    """
    with np.errstate(over="ignore"):
        text = str(np.float32(value))
    return text.removesuffix(".0")


def stored(value: float, scale: float, offset: float, dtype: str) -> str:
    """Return, as text, the stored number for a value in a file of that scale, offset and type.

    Examples
    --------
    >>> stored(np.float32(2.4987), 1e-4, 0.0, "int16")
    '24987'
    >>> stored(np.float32(4294967295), 1.0, 0.0, "uint32")
    '4294967295'
    """
    raw = (float(value) - offset) / scale
    if not dtype.startswith(("int", "uint")):
        return number(raw)
    # float32 cannot hold the largest 32-bit integers exactly
    ends = np.iinfo(dtype)
    return str(min(max(round(raw), int(ends.min)), int(ends.max)))


def listed(words: Sequence[str]) -> str:
    """Return words joined by commas and "and".

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


class OddValues:
    """The values of a raster that are impossible for its quantity, and their numbers of cells."""

    most_named = 8
    """Up to so many values are named one by one; of more, only the lowest and the highest."""

    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity
        self.cells = 0
        self.counts: Counter[float] = Counter()
        self._low, self._high = np.inf, -np.inf

    def mark(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return where values are outside the quantity's range or flags; False for NaN."""
        quantity = self.quantity
        odd: NDArray[np.bool_] = (values < quantity.lowest) | (values > quantity.highest)
        for flag in quantity.flags:
            odd |= values == flag
        return odd

    def add(self, odd: NDArray[Any]) -> None:
        """Add values that `mark` found."""
        if odd.size:
            values, counts = np.unique(odd, return_counts=True)
            self._add(values, counts)

    def add_counted(self, values: NDArray[Any], count: int) -> None:
        """Add different values that `mark` found, which `count` cells hold altogether."""
        if count:
            share, rest = divmod(count, len(values))
            self._add(values, np.where(np.arange(len(values)) < rest, share + 1, share))

    def _add(self, values: NDArray[Any], counts: NDArray[Any]) -> None:
        self.cells += int(counts.sum())
        self._low, self._high = min(self._low, values[0]), max(self._high, values[-1])
        if len(self.counts) <= _DISTINCT:
            step = max(1, len(values) // _DISTINCT)
            for value, count in zip(values[::step], counts[::step], strict=True):
                self.counts[float(value)] += int(count)

    def divisor(self) -> int:
        """Return the divisor that brings the median of the values into the quantity's range."""
        middle, below = 0.0, 0
        for value in sorted(self.counts):
            middle, below = abs(value), below + self.counts[value]
            if 2 * below >= sum(self.counts.values()):
                break
        divisors = self.quantity.divisors or (1,)
        return next((d for d in divisors if middle / d <= self.quantity.highest), divisors[-1])

    def __bool__(self) -> bool:
        return self.cells > 0

    @property
    def few(self) -> tuple[float, ...]:
        """The values in ascending order if they are at most `most_named`, else none."""
        return tuple(sorted(self.counts)) if len(self.counts) <= self.most_named else ()

    def text(self, where: str = "") -> str:
        """Return words for what was found: each value with its cells, or the lowest and highest."""
        if self.few:
            return listed([f"{number(v)} in {cells(self.counts[v])}{where}" for v in self.few])
        return (
            f"values from {number(self._low)} to {number(self._high)} in {cells(self.cells)}{where}"
        )


def mend(
    name: str,
    odd: OddValues,
    *,
    scale: float = 1.0,
    offset: float = 0.0,
    divisor: int = 1,
    nodata: float | None = None,
    made: str | None = None,
) -> str:
    """Return a command that writes a copy of a raster with nodata for impossible values.

    `scale`, `offset` and `nodata` are those that the file declares; `divisor` is one that it should
    have declared. `made` is the new file, by default one in the current folder.
    """
    quantity = odd.quantity
    low, high = (
        number((end - offset) / scale * divisor) for end in (quantity.lowest, quantity.highest)
    )
    left_out = [
        (flag - offset) / scale * divisor
        for flag in quantity.flags
        if divisor == 1 or quantity.flags_are_multiplied
    ]
    # rio calc also computes with the stored numbers of masked cells, so the declared nodata value
    # must be excluded explicitly
    is_named = nodata is not None and math.isfinite(nodata)
    left_out += [nodata] if nodata is not None and is_named else []
    others = "".join(f" (!= (read 1) {number(value)})" for value in left_out)
    inside = f"(& (>= (read 1) {low}) (<= (read 1) {high}){others})"
    factor, shift = number(scale / divisor), number(offset / divisor)
    value = "(read 1)" if factor == "1" else f"(* (read 1) {factor})"
    value = value if shift == "0" else f"(+ {value} {shift})"
    made = made or f"{Path(name).stem}-mended.tif"
    return (
        f"with rio calc --dtype float32{' --not-masked' * is_named} --profile nodata=-9999"
        f" '(where {inside} {value} -9999.0)' {shlex.quote(name)} {shlex.quote(made)}"
    )


def cells(count: int) -> str:
    """Return a number of cells as text.

    Examples
    --------
    >>> cells(1), cells(12000)
    ('1 cell', '12000 cells')
    """
    return f"{count} cell{'s' * (count != 1)}"
