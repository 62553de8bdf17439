"""Values that cannot be, collected window by window, and the sentence about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .plausible import Quantity

# so many values are named one by one; of more the lowest and the highest
_NAMED = 6
# so many are told apart: more are no fills
_DISTINCT = 4096


def number(value: float) -> str:
    """Return a float32 as text that reads back as itself.

    Examples
    --------
    >>> number(-9999.0), number(-3.4028234663852886e38), number(0.65)
    ('-9999', '-3.4028235e+38', '0.65')
    """
    text = str(np.float32(value))
    return text.removesuffix(".0")


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
        if not odd.size:
            return
        self.cells += odd.size
        self._low = min(self._low, float(odd.min()))
        self._high = max(self._high, float(odd.max()))
        if len(self.counts) <= _DISTINCT:
            values, counts = np.unique(odd, return_counts=True)
            for value, count in zip(values[:_DISTINCT], counts[:_DISTINCT], strict=True):
                self.counts[float(value)] += int(count)

    def __bool__(self) -> bool:
        return self.cells > 0

    @property
    def few(self) -> tuple[float, ...]:
        """The values, the lowest first, if there are so few that they can be named."""
        return tuple(sorted(self.counts)) if len(self.counts) <= _NAMED else ()

    def text(self, where: str = "") -> str:
        """Return what was found: each value with its cells, or the lowest and the highest."""
        if self.few:
            return listed([f"{number(v)} in {cells(self.counts[v])}{where}" for v in self.few])
        return (
            f"values from {number(self._low)} to {number(self._high)} in {cells(self.cells)}{where}"
        )


def cells(count: int) -> str:
    """Return a number of cells in words.

    Examples
    --------
    >>> cells(1), cells(12000)
    ('1 cell', '12000 cells')
    """
    return f"{count} cell{'s' * (count != 1)}"
