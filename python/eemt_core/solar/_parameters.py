"""What a user can choose about the sun, with the one default and range of each choice.

`Sun` and `Air` (`_sun`) have them, and `SolarParameters`: plain data that a command builds, every
tile's task carries and every map's tags show. Without NumPy, so that commands start at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from .._numbers import (
    choice_argument,
    instance_of,
    kept,
    listed,
    number_in,
    whole_number_in,
    whole_numbers_in,
)
from .._settings import shown
from ..calendar365 import ALL_DAYS
from ..errors import ArgumentError
from ..plausible import (
    ALBEDO,
    DEFAULT_ALBEDO,
    DEFAULT_DIRECTIONS,
    DEFAULT_LINKE,
    DIRECTIONS,
    LINKE,
)

Mode = Literal["exact", "rsun"]
MODES = get_args(Mode)
DEFAULT_MODE: Mode = "exact"
VARIANTS = ("trad", "topo", "topo-veg")

DEFAULT_STEP_MINUTES = 15.0
STEP_MINUTES_LOW, STEP_MINUTES_HIGH = 1.0, 60.0
_FIRST_DAY, _LAST_DAY = ALL_DAYS[0], ALL_DAYS[-1]

RANGES = {
    "days": (_FIRST_DAY, _LAST_DAY),
    "year": (1900, 2200),
    "step_minutes": (STEP_MINUTES_LOW, STEP_MINUTES_HIGH),
    "linke": (LINKE.lowest, LINKE.highest),
    "albedo": (ALBEDO.lowest, ALBEDO.highest),
    "directions": (int(DIRECTIONS.lowest), int(DIRECTIONS.highest)),
}
"""Least and greatest value of each number, and of those in lists."""

WHY_SUN_YEARS = "the sun's place is known well enough for these"
"""Why no other years than those of `RANGES`."""

DEFAULT_SUN_YEAR = 2001
"""The sun's year where nobody names one: a common year, as all years of the 365 days are."""


def checked_year(year: object) -> int:
    """Return a year of the sun within its range, or raise."""
    first, last = RANGES["year"]
    return whole_number_in("year", year, int(first), int(last))


def checked_days(days: object) -> tuple[int, ...]:
    """Return day numbers of a year of 365 days, at least one, or raise."""
    checked = whole_numbers_in("days", days, _FIRST_DAY, _LAST_DAY)
    if not checked:
        raise ArgumentError("days must name at least one day", field="days", value=checked)
    return checked


def checked_step_minutes(step_minutes: object) -> float:
    """Return a time step [min] within its range, or raise."""
    return number_in("step_minutes", step_minutes, *RANGES["step_minutes"])


def checked_albedo(albedo: object) -> float:
    """Return a share of light that the ground reflects, or raise."""
    return number_in("albedo", albedo, *RANGES["albedo"])


def checked_linke(values: Sequence[object]) -> tuple[float, ...]:
    """Return one turbidity or twelve within their range, or raise."""
    if len(values) not in (1, 12):
        raise ArgumentError(
            f"linke must be one number or twelve, got {len(values)}",
            field="linke",
            value=kept(values),
        )
    return tuple(number_in("linke", value, *RANGES["linke"]) for value in values)


def checked_mode(mode: object) -> Mode:
    """Return the mode, or raise."""
    return "rsun" if choice_argument("mode", mode, MODES) == "rsun" else "exact"


def checked_directions(directions: object) -> int:
    """Return a number of directions of the horizon within its range, or raise."""
    lowest, highest = int(DIRECTIONS.lowest), int(DIRECTIONS.highest)
    return whole_number_in("directions", directions, lowest, highest)


@dataclass(frozen=True, repr=False)
class SolarParameters:
    """What a run of ``eemt-run`` chooses about the sun; the array functions take `Sun` and `Air`.

    Parameters
    ----------
    days
        Days of the year of 365 days, 1 to 365 (31 December), rising; without them all.
    year
        The sun's year; without it the middle of the years of a run's climate, and where there are
        none a common year.
    step_minutes
        Time step at which the clear sky is integrated over each day, 1 to 60 [min].
    linke
        Linke turbidity, the haze of the air, 1 to 16 [-]: one number, or twelve for the months
        January to December.
    albedo
        Share of light that the ground reflects, 0 to 1 [-].
    mode
        ``exact`` for accurate sun and sky view, or ``rsun`` for r.sun's own formulas and time grid.
    shadows
        Whether terrain casts shadows on other terrain.
    directions
        Number of directions in which each cell's horizon is looked for, 8 to 720.
    daily
        Whether a map of each day is kept, beside those of months and the year.

    Raises
    ------
    ArgumentError
        If a choice lies outside its range.

    Examples
    --------
    >>> SolarParameters(days=(15, 172), linke=(2.5,)).step_minutes
    15.0
    """

    days: tuple[int, ...] = field(default_factory=lambda: ALL_DAYS)  # a short signature
    year: int | None = None
    step_minutes: float = DEFAULT_STEP_MINUTES
    linke: tuple[float, ...] = (DEFAULT_LINKE,)
    albedo: float = DEFAULT_ALBEDO
    mode: Mode = DEFAULT_MODE
    shadows: bool = True
    directions: int = DEFAULT_DIRECTIONS
    daily: bool = False

    def __post_init__(self) -> None:
        days = checked_days(self.days)
        if list(days) != sorted(set(days)):
            raise ArgumentError(
                "days must be different and rising, and at least one", field="days", value=days
            )
        object.__setattr__(self, "days", days)
        if self.year is not None:
            checked_year(self.year)
        checked_step_minutes(self.step_minutes)
        is_number = isinstance(self.linke, int | float)
        linke = (self.linke,) if is_number else listed("linke", self.linke)
        object.__setattr__(self, "linke", checked_linke(linke) if linke else ())
        checked_albedo(self.albedo)
        checked_mode(self.mode)
        for name in ("shadows", "daily"):
            instance_of(name, getattr(self, name), bool)
        checked_directions(self.directions)

    def __repr__(self) -> str:
        return shown(self)

    @property
    def sun_year(self) -> int:
        """The sun's year, of a run whose years of climate have been looked at."""
        return DEFAULT_SUN_YEAR if self.year is None else self.year

    def to_dict(self) -> dict[str, Any]:
        """Return the choices as plain data for JSON."""
        # not `asdict`, which copies each day by itself: every tile's task asks
        return {**vars(self), "days": list(self.days), "linke": list(self.linke)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SolarParameters:
        """Return the choices that `to_dict` wrote."""
        return cls(**{**data, "days": tuple(data["days"]), "linke": tuple(data["linke"])})
