"""What a user can choose about the sun, with the one default of each choice.

Plain data: the command line builds it, every tile's task carries it, every map's tags show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..calendar365 import ALL_DAYS
from ..errors import ArgumentError
from ..plausible import LINKE

MODES = ("exact", "rsun")
VARIANTS = ("trad", "topo", "topo-veg")
STEP_MINUTES_LOW, STEP_MINUTES_HIGH = 1.0, 60.0

DEFAULT_SUN_YEAR = 2001
"""The sun's year of a run without climate: a common year, as all years of the 365 days are."""


@dataclass(frozen=True)
class SolarParameters:
    """Choices of the radiation model.

    Attributes
    ----------
    days
        Days of the 365-day year, rising.
    year
        Year of the ephemeris.
    step_minutes
        Time step [minutes].
    linke
        Linke turbidity: one number, or twelve for the months January to December; empty where
        a raster gives it.
    albedo
        Reflectance of the ground, 0 to 1.
    mode
        ``exact``, or ``rsun`` for r.sun's own formulas and time grid.
    shadows
        Whether terrain casts shadows.
    directions
        Number of directions of the horizon.
    daily
        Whether daily maps are kept.
    """

    days: tuple[int, ...] = ALL_DAYS
    year: int = DEFAULT_SUN_YEAR
    step_minutes: float = 15.0
    linke: tuple[float, ...] = (3.0,)
    albedo: float = 0.2
    mode: str = "exact"
    shadows: bool = True
    directions: int = 72
    daily: bool = False

    def __post_init__(self) -> None:
        if not self.days or list(self.days) != sorted(set(self.days)):
            raise ArgumentError("days must be different and rising, and at least one")
        if not STEP_MINUTES_LOW <= self.step_minutes <= STEP_MINUTES_HIGH:
            raise ArgumentError(
                f"step_minutes must lie in [{STEP_MINUTES_LOW:g}, {STEP_MINUTES_HIGH:g}], "
                f"got {self.step_minutes:g}"
            )
        if len(self.linke) not in (0, 1, 12):
            raise ArgumentError(f"linke must be one number or twelve, got {len(self.linke)}")
        for value in self.linke:
            if not LINKE.lowest <= value <= LINKE.highest:
                raise ArgumentError(
                    f"linke must lie in [{LINKE.lowest:g}, {LINKE.highest:g}], got {value:g}"
                )
        if not 0.0 <= self.albedo <= 1.0:
            raise ArgumentError(f"albedo must lie in [0, 1], got {self.albedo:g}")
        if self.mode not in MODES:
            raise ArgumentError(f"mode must be one of {', '.join(MODES)}, got {self.mode!r}")
        if not 8 <= self.directions <= 720:
            raise ArgumentError(f"directions must lie in [8, 720], got {self.directions}")

    def to_dict(self) -> dict[str, Any]:
        """Return the choices as plain data for JSON."""
        data = asdict(self)
        return {**data, "days": list(self.days), "linke": list(self.linke)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SolarParameters:
        """Return the choices that `to_dict` wrote."""
        return cls(**{**data, "days": tuple(data["days"]), "linke": tuple(data["linke"])})
