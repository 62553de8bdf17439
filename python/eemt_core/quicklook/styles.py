"""Colours, unit and limits of each quantity in pictures. Drawing itself is in other modules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..errors import ArgumentError

Array = NDArray[np.float32]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Style:
    """Colours of a quantity.

    Attributes
    ----------
    colours
        Name of one of matplotlib's perceptually uniform colour maps; a cyclic one for angles.
    limits
        Fixed limits; None if they are computed from the values.
    circular
        Whether the quantity is a direction, which cannot be averaged.
    """

    colours: str
    limits: tuple[float, float] | None = None
    circular: bool = False


# beginning of the name of a map's file or folder -> style
_STYLES = (
    (("aspect",), Style("twilight_shifted", (0.0, 360.0), circular=True)),
    (("slope",), Style("magma")),
    (("sky_view",), Style("cividis")),
    (("twi",), Style("YlGnBu")),
    (("hours_sun", "insol"), Style("cividis")),
    (("EEMT", "E_BIO", "E_PPT"), Style("viridis")),
    (("total_sun", "flat_total_sun", "beam", "diffuse", "reflected"), Style("inferno")),
)


def style_of(file_name: str) -> Style:
    """Return the style of a map by its file's name; for unknown names with viridis."""
    for beginnings, style in _STYLES:
        if file_name.startswith(beginnings):
            return style
    return Style("viridis")


COLOURS = ("viridis", "cividis", "inferno", "magma", "plasma", "YlGnBu", "twilight_shifted")
"""Colour scales for pages: perceptually uniform ones, and that of wetness."""


@cache
def colour_table(name: str, count: int) -> NDArray[np.uint8]:
    """Return a scale of `COLOURS` as (count, 3) red, green and blue, from low to high values.

    Raises
    ------
    ArgumentError
        If there is no such scale.

    Examples
    --------
    >>> colour_table("viridis", 3)[0].tolist()
    [68, 1, 84]
    """
    import matplotlib

    if name not in COLOURS:
        raise ArgumentError(
            f"there is no colour scale {name!r:.40}",
            remedy=f"choose one of {', '.join(COLOURS)}",
            field="colors",
            value=name,
        )
    rgb = matplotlib.colormaps[name](np.linspace(0.0, 1.0, count))[:, :3]
    table: NDArray[np.uint8] = np.rint(rgb * 255).astype(np.uint8)
    table.flags.writeable = False
    return table


def pretty_unit(unit: str) -> str:
    """Return a unit with superscript exponents.

    Examples
    --------
    >>> pretty_unit("MJ m-2 yr-1")
    'MJ m⁻² yr⁻¹'
    """
    return re.sub(r"(?<=[a-zA-Z])-?\d+", lambda m: m.group().translate(_SUPERSCRIPT), unit)


def readable(values: Array, unit: str) -> tuple[Array, str]:
    """Return values and unit such that numbers are short: large sums in kilo-units (kWh)."""
    if unit.startswith("Wh ") and np.nanpercentile(values, 98) > 10_000:
        return values / np.float32(1000), "k" + unit
    return values, unit


def robust_limits(values: list[Array]) -> tuple[float, float]:
    """Return the 2nd and 98th percentile of all valid values; different even if all are equal."""
    valid = np.concatenate([v[np.isfinite(v)].ravel() for v in values])
    low, high = (float(x) for x in np.percentile(valid, [2, 98]))
    if high - low < 1e-6 * max(abs(low), abs(high), 1e-6):
        spread = 0.05 * abs(low) or 1.0
        return low - spread, high + spread
    return low, high
