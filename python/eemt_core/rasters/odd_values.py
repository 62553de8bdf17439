"""Values that cannot be, collected window by window, and the sentence about them."""

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

# so many are told apart: more are no fills
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
    """Return what a file of that scale, offset and type holds for a value, as text.

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
    # a float32 holds the last values of 32 bits but nearly
    ends = np.iinfo(dtype)
    return str(min(max(round(raw), int(ends.min)), int(ends.max)))


def listed(words: Sequence[str]) -> str:
    """Return words joined for a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


class OddValues:
    """The values of a raster that its quantity cannot have, and how many cells hold each."""

    most_named = 8
    """So many values are named one by one; of more the lowest and the highest."""

    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity
        self.cells = 0
        self.counts: Counter[float] = Counter()
        self._low, self._high = np.inf, -np.inf

    def mark(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return where values lie beyond the range or are flags; NaN is neither."""
        quantity = self.quantity
        odd: NDArray[np.bool_] = (values < quantity.lowest) | (values > quantity.highest)
        for flag in quantity.flags:
            odd |= values == flag
        return odd

    def add(self, odd: NDArray[Any]) -> None:
        """Take values that `mark` found."""
        if odd.size:
            values, counts = np.unique(odd, return_counts=True)
            self._add(values, counts)

    def add_counted(self, values: NDArray[Any], count: int) -> None:
        """Take different values that `mark` found, in so many cells altogether."""
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
        """Return by what the middle one of the values must be divided to be possible."""
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
        """The values, the lowest first, if there are so few that they can be named."""
        return tuple(sorted(self.counts)) if len(self.counts) <= self.most_named else ()

    def text(self, where: str = "") -> str:
        """Return what was found: each value with its cells, or the lowest and the highest."""
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
    """Return the command that makes a raster anew with nodata in place of what cannot be.

    `scale`, `offset` and `nodata` are those that the file declares, `divisor` is one that it does
    not; `made` is the new file, by default one beside the place where the command is given.
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
    # rio calc computes with masked cells' own numbers, so the declared value is left out by name
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
    """Return a number of cells in words.

    Examples
    --------
    >>> cells(1), cells(12000)
    ('1 cell', '12000 cells')
    """
    return f"{count} cell{'s' * (count != 1)}"
