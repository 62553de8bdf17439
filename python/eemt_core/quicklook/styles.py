"""Colours, unit and limits of each quantity in pictures. Drawing itself is in other modules."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
