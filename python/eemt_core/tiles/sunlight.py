"""A tile's sunlight: sums of days into months and the year, daily maps if they are wanted."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .._arrays import FloatArray
from ..calendar365 import month_groups
from ..solar import Irradiation, Sun
from .ground import Ground

if TYPE_CHECKING:
    from ..solar._parameters import SolarParameters
    from .recorder import Recorder
    from .task import TileWork

_PARTS = tuple(field.name for field in dataclasses.fields(Irradiation))
_LAYERS = {"total": "total_wh_m2", "flat_total": "flat_total_wh_m2", "hours": "hours"}
_ANNUAL = {
    "annual_total": ("beam_wh_m2", "diffuse_wh_m2", "reflected_wh_m2"),
    "annual_beam": ("beam_wh_m2",),
    "annual_diffuse": ("diffuse_wh_m2",),
    "annual_reflected": ("reflected_wh_m2",),
    "annual_flat_total": ("flat_beam_wh_m2", "flat_diffuse_wh_m2"),
    "annual_hours": ("hours",),
}


@dataclass(frozen=True)
class Sunlight:
    """Monthly sums, (months, rows, cols) float32, and which months (0 = January) they are."""

    months: tuple[int, ...]
    sums: Irradiation


def compute_sunlight(work: TileWork, ground: Ground, recorder: Recorder) -> Sunlight:
    """Compute and record the sums of all days of the task."""
    solar = work.solar
    months, group_of_day = month_groups(solar.days)
    with recorder.stage("sunlight"):
        sun = _Sun(solar, ground, longitude_deg=work.longitude_deg)
        if solar.daily:
            sums = _by_day(sun, len(months), group_of_day, recorder)
        else:
            sums = sun.sums(solar.days, group_of_day)
    with recorder.stage("sums"):
        for name, part in _LAYERS.items():
            average = f"{name}_average"
            if recorder.wants(name, average):
                for layer, month in enumerate(getattr(sums, part)):
                    recorder.put(name, layer, month)
                    a_day = 1.0 / group_of_day.count(layer)
                    recorder.put(average, layer, month, factor=a_day)
        for name, parts in _ANNUAL.items():
            if recorder.wants(name):
                recorder.put(name, None, _over_groups(sums, parts))
    return Sunlight(tuple(months), sums)


@dataclass(frozen=True)
class _Sun:
    """The call of the kernel, with everything that is the same for all days of the tile."""

    solar: SolarParameters
    ground: Ground
    longitude_deg: float

    def sums(self, days: tuple[int, ...], groups: list[int] | None) -> Irradiation:
        sun = Sun(
            days,
            groups=groups,
            year=self.solar.sun_year,
            longitude_deg=self.longitude_deg,
            step_minutes=self.solar.step_minutes,
            mode=self.ground.landscape.mode,
        )
        return self.ground.landscape.irradiation(
            sun, albedo=self.solar.albedo, threads=self.ground.threads
        )


def _by_day(sun: _Sun, months: int, group_of_day: list[int], recorder: Recorder) -> Irradiation:
    """Compute month by month with a sum for each day; record the days, return the months.

    A month at a time bounds the memory: a year of daily sums would take 9 kB a cell.
    """
    days, core = sun.solar.days, sun.ground.core
    names = [name for name in _LAYERS if recorder.wants(f"daily_{name}")]
    monthly = {part: np.empty((months, *core.shape), np.float32) for part in _PARTS}
    for month in range(months):
        first, count = group_of_day.index(month), group_of_day.count(month)
        sums = sun.sums(days[first : first + count], None)
        for name in names:
            for number, day in enumerate(getattr(sums, _LAYERS[name]), first):
                recorder.put(f"daily_{name}", number, day)
        for part in _PARTS:
            monthly[part][month] = getattr(sums, part).sum(axis=0, dtype=np.float64)
    return Irradiation(**monthly)


def _over_groups(sums: Irradiation, parts: tuple[str, ...]) -> FloatArray:
    """Return the sum of some parts over all groups of days, added in double precision."""
    first: FloatArray = getattr(sums, parts[0])
    total = np.zeros(first.shape[1:], np.float64)
    for part in parts:
        for layer in getattr(sums, part):
            total += layer
    return total
