"""The sun and the air of a computation: which days, which sky."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._arrays import described, float_array
from .._numbers import brief, kept, number_in, whole_numbers_in
from ..calendar365 import month_groups
from ..errors import ArgumentError
from ..plausible import DEFAULT_ALBEDO, DEFAULT_LINKE, LINKE
from ._parameters import (
    DEFAULT_MODE,
    DEFAULT_STEP_MINUTES,
    DEFAULT_SUN_YEAR,
    Mode,
    checked_albedo,
    checked_days,
    checked_linke,
    checked_mode,
    checked_step_minutes,
    checked_year,
)

Linke = float | Sequence[float] | NDArray[Any]


@dataclass(frozen=True)
class Sun:
    """The days that the sun shines, and how its way is followed.

    Parameters
    ----------
    days
        Day numbers of a year of 365 days, 1 (1 January) to 365 (31 December).
    groups
        For each day the index of the sum it belongs to, from 0 and rising; ``"months"`` for a
        sum of each month that the days touch. Without it every day is a sum of its own.
    year
        The sun's year, 1900 to 2200 (mode ``exact``; r.sun's sun is the same in all years).
    longitude_deg
        Longitude, east positive [degrees], whose noon dates the sun's declination: 180 degrees
        off change a day's sum by less than 0.5 %, so one serves for the widest raster.
    step_minutes
        Longest time step, 1 to 60 [min]. In mode ``exact`` the step at which the clear sky is
        integrated; shadows do not depend on it.
    mode
        ``"exact"``: an accurate ephemeris, days from true sunrise to true sunset, the moments
        solved for at which the sun passes a cell's horizon and plane. ``"rsun"``: the formulas
        and the time grid of GRASS's r.sun.

    Raises
    ------
    ArgumentError
        If a day, a group or a number is out of range.

    Examples
    --------
    >>> sun = Sun(range(1, 366), groups="months", year=2020)
    >>> sun.group_count
    12
    """

    days: Sequence[int]
    _: KW_ONLY
    groups: Sequence[int] | Literal["months"] | None = None
    year: int = DEFAULT_SUN_YEAR
    longitude_deg: float = 0.0
    step_minutes: float = DEFAULT_STEP_MINUTES
    mode: Mode = DEFAULT_MODE

    def __post_init__(self) -> None:
        days = checked_days(self.days)
        object.__setattr__(self, "days", days)
        groups = _checked_groups(self.groups, days)
        object.__setattr__(self, "groups", "months" if isinstance(self.groups, str) else groups)
        object.__setattr__(self, "year", checked_year(self.year))
        number_in("longitude_deg", self.longitude_deg, -360.0, 360.0)
        checked_step_minutes(self.step_minutes)
        checked_mode(self.mode)

    @cached_property
    def group_of_day(self) -> tuple[int, ...]:
        """For each day the index of its sum."""
        return _checked_groups(self.groups, tuple(self.days))

    @property
    def group_count(self) -> int:
        """Number of sums."""
        return self.group_of_day[-1] + 1


def _checked_groups(groups: Any, days: tuple[int, ...]) -> tuple[int, ...]:
    if groups is None:
        return tuple(range(len(days)))
    if isinstance(groups, str):
        if groups != "months":
            raise ArgumentError(
                f"groups must be a number for each day or 'months', got {groups!r}",
                field="groups",
                value=groups,
            )
        groups = month_groups(days)[1]
    group_of = whole_numbers_in("groups", groups, 0, len(days) - 1)
    if len(group_of) != len(days):
        raise ArgumentError(
            f"groups must have one entry per day, got {len(group_of)} for {len(days)} days",
            field="groups",
            value=kept(groups),
        )
    if any(not 0 <= step <= 1 for step in map(operator.sub, group_of, (0, *group_of))):
        raise ArgumentError(
            f"groups must rise from 0 by single steps, got {brief(group_of)}",
            field="groups",
            value=kept(group_of),
        )
    return group_of


@dataclass(frozen=True, eq=False)
class Air:
    """What weakens the sun's light, and what throws it back.

    Parameters
    ----------
    linke
        Linke turbidity, 1 to 16 [-]: a number, twelve numbers for the middles of the months
        (days in between are interpolated), a (rows, cols) array, or a (12, rows, cols) array.
    albedo
        Share of light that the ground reflects, 0 to 1 [-].

    Raises
    ------
    ArgumentError
        If a value lies outside its range, or there are not one or twelve.

    References
    ----------
    Linke, F. (1922). Transmissions-Koeffizient und Trübungsfaktor. Beiträge zur Physik der
    freien Atmosphäre 10, 91-103.

    Examples
    --------
    >>> Air(linke=2.0).albedo
    0.2
    """

    linke: Linke = DEFAULT_LINKE
    albedo: float = DEFAULT_ALBEDO

    def __post_init__(self) -> None:
        checked_albedo(self.albedo)
        maps, values = self.maps, self.values
        if values is not None:
            checked_linke(values)
        elif maps is not None:
            float_array("linke", maps)
            if maps.ndim != 3 or maps.shape[0] not in (1, 12) or not maps.size:
                raise ArgumentError(
                    "linke must have shape (rows, cols) or (12, rows, cols), got shape "
                    f"{np.shape(self.linke)}",
                    field="linke",
                    value=described(self.linke),
                )
            low, high = LINKE.lowest, LINKE.highest
            known = maps[~np.isnan(maps)]
            if known.size and not (low <= known.min() and known.max() <= high):
                raise ArgumentError(
                    f"linke must lie in [{low:g}, {high:g}] everywhere",
                    field="linke",
                    value=described(self.linke),
                )

    @property
    def maps(self) -> NDArray[Any] | None:
        """Turbidity as (1 or 12, rows, cols), where it is an array of cells."""
        if not isinstance(self.linke, np.ndarray) or self.linke.ndim < 2:
            return None
        return self.linke[np.newaxis] if self.linke.ndim == 2 else self.linke

    @property
    def values(self) -> tuple[float, ...] | None:
        """Turbidity as 1 or 12 numbers, where it is the same in all cells."""
        linke: Any = self.linke
        if isinstance(linke, np.ndarray) and linke.ndim >= 2:
            return None
        several = isinstance(linke, Sequence) and not isinstance(linke, str)
        several |= isinstance(linke, np.ndarray) and linke.ndim > 0
        return tuple(linke) if several else (linke,)
