"""A tile's sunlight: sums of days into months and the year, daily maps if they are wanted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._arrays import FloatArray
from ..calendar365 import month_groups
from ..parameters import SolarParameters
from ..solar import Irradiation, day_length_hours, irradiation
from .ground import Ground, read_horizon
from .recorder import Recorder

if TYPE_CHECKING:
    from ..task import Task

_PARTS = ("beam", "diffuse", "reflected", "hours", "flat_beam", "flat_diffuse")
_ANNUAL = {
    "annual_total": ("beam", "diffuse", "reflected"),
    "annual_beam": ("beam",),
    "annual_diffuse": ("diffuse",),
    "annual_reflected": ("reflected",),
    "annual_flat_total": ("flat_beam", "flat_diffuse"),
    "annual_hours": ("hours",),
}


@dataclass(frozen=True)
class Sunlight:
    """Monthly sums, (months, rows, cols) float32, and which months (0 = January) they are."""

    months: tuple[int, ...]
    sums: Irradiation


def compute_sunlight(folder: Path, task: Task, ground: Ground, recorder: Recorder) -> Sunlight:
    """Compute and record the sums of all days of the task."""
    solar = SolarParameters.from_dict(task.parameters["solar"])
    horizon = sky_view = None
    if solar.shadows:
        horizon, sky_view = read_horizon(folder, task, ground, recorder)
    months, group_of_day = month_groups(solar.days)
    with recorder.stage("sunlight"):
        sun = _Sun(
            solar,
            ground,
            longitude_deg=float(task.parameters["longitude_deg"]),
            horizon=horizon,
            sky_view=sky_view if solar.mode == "exact" else None,
            linke=_linke(folder, solar),
        )
        if solar.daily:
            sums = _by_day(sun, len(months), group_of_day, recorder)
        else:
            sums = sun.sums(solar.days, group_of_day)
    with recorder.stage("sums"):
        for name in ("total", "flat_total", "hours"):
            if recorder.wants(name):
                recorder.save(name, getattr(sums, name))
        for name, parts in _ANNUAL.items():
            recorder.save(name, _over_groups(sums, parts))
    recorder.cell_steps = _cell_steps(solar, ground)
    return Sunlight(tuple(months), sums)


@dataclass(frozen=True)
class _Sun:
    """The call of the kernel, with everything that is the same for all days of the tile."""

    solar: SolarParameters
    ground: Ground
    longitude_deg: float
    horizon: NDArray[np.int16] | None
    sky_view: FloatArray | None
    linke: Any

    def sums(self, days: tuple[int, ...], groups: list[int] | None) -> Irradiation:
        ground, core = self.ground, self.ground.core.numbers
        if self.solar.mode == "rsun":
            # r.sun takes the latitude of a cell's lower left corner and grid north for true
            # north, and computes in double precision
            latitude = ground.latitude.expand(*core, row_offset=1.0, col_offset=0.0)
            convergence: FloatArray | float = 0.0
            kind: type[np.floating[Any]] = np.float64
        else:
            latitude = ground.latitude.expand(*core)
            convergence = ground.convergence.expand(*core).astype(np.float32)
            kind = np.float32
        return irradiation(
            ground.elevation_m.astype(kind),
            ground.slope_rad.astype(kind),
            ground.aspect_rad.astype(kind),
            latitude_rad=latitude.astype(kind),
            convergence_rad=convergence,
            longitude_deg=self.longitude_deg,
            anchor=core[:2],
            horizon=self.horizon,
            sky_view=self.sky_view,
            days=days,
            groups=groups,
            year=self.solar.year,
            linke=self.linke,
            albedo=self.solar.albedo,
            step_minutes=self.solar.step_minutes,
            mode="rsun" if self.solar.mode == "rsun" else "exact",
            threads=ground.threads,
        )


def _by_day(sun: _Sun, months: int, group_of_day: list[int], recorder: Recorder) -> Irradiation:
    """Compute month by month with a sum for each day; record the days, return the months.

    A month at a time bounds the memory: a year of daily sums would take 9 kB a cell.
    """
    days, core = sun.solar.days, sun.ground.core
    names = [name for name in ("total", "flat_total", "hours") if recorder.wants(f"daily_{name}")]
    stacks = {name: recorder.layers(f"daily_{name}", (len(days), *core.shape)) for name in names}
    monthly = {part: np.empty((months, *core.shape), np.float32) for part in _PARTS}
    for month in range(months):
        first, count = group_of_day.index(month), group_of_day.count(month)
        sums = sun.sums(days[first : first + count], None)
        for name, stack in stacks.items():
            stack[first : first + count] = getattr(sums, name)
        for part in _PARTS:
            monthly[part][month] = getattr(sums, part).sum(axis=0, dtype=np.float64)
    for name, stack in stacks.items():
        recorder.finish(f"daily_{name}", stack)
    return Irradiation(**monthly)


def _over_groups(sums: Irradiation, parts: tuple[str, ...]) -> FloatArray:
    """Return the sum of some parts over all groups of days, added in double precision."""
    first: FloatArray = getattr(sums, parts[0])
    total = np.zeros(first.shape[1:], np.float64)
    for part in parts:
        for layer in getattr(sums, part):
            total += layer
    return total


def _linke(folder: Path, solar: SolarParameters) -> Any:
    if solar.linke:
        return solar.linke[0] if len(solar.linke) == 1 else list(solar.linke)
    return np.load(folder / "linke.npy")


def _cell_steps(solar: SolarParameters, ground: Ground) -> int:
    """Return the evaluations of the sun that the tile took, by the day lengths at its middle."""
    core = ground.core
    middle = ground.latitude.expand(core.row0 + core.rows // 2, core.col0 + core.cols // 2, 1, 1)
    steps = 0
    for day in solar.days:
        hours = float(np.ravel(day_length_hours(middle, day, year=solar.year))[0])
        steps += math.ceil(hours * 60.0 / solar.step_minutes - 1e-9)
    return steps * core.cells
