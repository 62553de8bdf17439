"""A tile's energy balance: EEMT of every variant, month and year, and the means over the years."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._arrays import FloatArray
from ..calendar365 import days_of_month
from ..climate import ClimateCut, Downscaler
from ..energy import EnergyMonth, MonthClimate, MonthSun, Vegetation, eemt_topo_veg, eemt_trad
from ..energy._balance import topo_terms
from ..solar._position import day_length_hours_rad
from .contract import read_climate, read_layer
from .ground import Ground
from .sunlight import Sunlight

if TYPE_CHECKING:
    from ..climate._model import Period
    from .recorder import Recorder
    from .task import EnergyWork, TileWork

# 600 m on the ground: next to it a month's mean day length runs straight, since the sun that just
# does not set moves on by kilometres from one day to the next.
_LATITUDE_STEP_RAD = 1e-4


def compute_balance(
    folder: Path,
    work: TileWork,
    energy: EnergyWork,
    ground: Ground,
    sunlight: Sunlight,
    recorder: Recorder,
) -> None:
    """Compute and record all variants of the task over all periods of its climate."""
    with recorder.stage("climate"):
        cut = ClimateCut.from_arrays(read_climate(folder))
        balance = _Balance(folder, work, energy, ground, sunlight, cut)
    periods = cut.periods
    shape = ground.core.shape
    sums = [_VariantSums(recorder, name, len(periods), shape) for name in energy.variants]
    for p, period in enumerate(periods):
        for month in range(12):
            with recorder.stage("climate"):
                climate = balance.climate(period, month)
            with recorder.stage("balance"):
                for variant in sums:
                    variant.add(p, month, balance.month(variant.name, month, climate))
    with recorder.stage("balance"):
        for variant in sums:
            variant.record()
    recorder.statistics["solar_ratio_limited_cells"] = float(balance.limited_cells)


class _VariantSums:
    """Months, years and means of one variant, as they come in."""

    def __init__(self, recorder: Recorder, name: str, periods: int, shape: tuple[int, ...]) -> None:
        self.name, self._recorder, self._periods = name, recorder, periods
        self._key = f"eemt_{name.replace('-', '_')}"
        self._year, self._e_bio, self._e_ppt = (np.zeros(shape) for _ in range(3))

    def add(self, period: int, month: int, terms: EnergyMonth) -> None:
        """Take the terms of a month; months come in order."""
        self._recorder.put(self._key, period * 12 + month, terms.eemt_mj_m2)
        self._year += terms.eemt_mj_m2
        self._e_bio += terms.e_bio_mj_m2
        self._e_ppt += terms.e_ppt_mj_m2
        if month == 11:
            self._recorder.put(f"{self._key}_yearly", period, self._year)
            self._year[:] = 0.0

    def record(self) -> None:
        """Record all, the means over the years included."""
        e_bio, e_ppt = self._e_bio / self._periods, self._e_ppt / self._periods
        short = self._key.removeprefix("eemt_")
        self._recorder.put(f"e_bio_{short}_mean", None, e_bio)
        self._recorder.put(f"e_ppt_{short}_mean", None, e_ppt)
        self._recorder.put(f"{self._key}_mean", None, e_bio + e_ppt)


class _Balance:
    """All that a month's balance takes, for any variant."""

    def __init__(
        self,
        folder: Path,
        work: TileWork,
        energy: EnergyWork,
        ground: Ground,
        sunlight: Sunlight,
        cut: ClimateCut,
    ) -> None:
        self.ground, self.sunlight, self.cut = ground, sunlight, cut
        self.parameters = energy.parameters
        self.by_beam = energy.solar_ratio == "beam"
        self.limited_cells = 0
        self._downscaler = Downscaler(
            cut,
            ground.elevation_m,
            row0=ground.core.row0,
            col0=ground.core.col0,
            lapse=energy.lapse,
        )
        # the sun's year is one for all periods: twelve day lengths serve them all
        self._daylight = functools.cache(
            _DayLengths(ground, work.solar.sun_year, work.longitude_deg).month
        )
        self._wetness = read_layer(folder, "twi")
        self._mean_wetness = energy.mean_wetness
        self._canopy_height_m = read_layer(folder, "canopy_height")
        self._lai = read_layer(folder, "lai")

    def climate(self, period: Period, month: int) -> MonthClimate:
        """Return the climate of month 0..11 at the tile's cells."""
        return self._downscaler.month(period, month + 1)

    def month(self, variant: str, month: int, climate: MonthClimate) -> EnergyMonth:
        """Return both energy terms of month 0..11, whose climate is given."""
        choices: dict[str, Any] = {"parameters": self.parameters, "threads": self.ground.threads}
        if variant == "trad":
            return eemt_trad(climate, daylight_hours=self._daylight(month), **choices)
        choices["elevation_m"] = self.ground.elevation_m
        choices["wetness_ratio"] = self._wetness_ratio()
        sun = self._sun(month)
        if variant == "topo":
            terms = topo_terms(
                climate,
                sun,
                slope_rad=self.ground.slope_rad,
                aspect_rad=self.ground.true_aspect_rad,
                latitude_rad=self._latitude_rad,
                **choices,
            )
        else:
            assert self._lai is not None
            assert self._canopy_height_m is not None
            lai = self._lai if self._lai.ndim == 2 else self._lai[month]
            terms = eemt_topo_veg(climate, sun, Vegetation(lai, self._canopy_height_m), **choices)
        self.limited_cells += terms.limited_cells
        return terms

    @functools.cached_property
    def _latitude_rad(self) -> FloatArray:
        """Latitude of the cells: its sign tells TOPO on which side of a slope the shade lies."""
        return self.ground.latitude.expand(*self.ground.core.numbers).astype(np.float32)

    def _wetness_ratio(self) -> FloatArray:
        """Return the index over the mean of what is used of it; the kernel cuts it at 0, too."""
        assert self._wetness is not None
        return self._wetness / np.float32(self._mean_wetness)

    def _sun(self, month: int) -> MonthSun:
        sums, layer = self.sunlight.sums, self.sunlight.months.index(month)
        beam, flat_beam = sums.beam_wh_m2[layer], sums.flat_beam_wh_m2[layer]
        return MonthSun(
            beam + sums.diffuse_wh_m2[layer] + sums.reflected_wh_m2[layer],
            flat_beam + sums.flat_diffuse_wh_m2[layer],
            ratio_topo_wh_m2=beam if self.by_beam else None,
            ratio_flat_wh_m2=flat_beam if self.by_beam else None,
            days=len(days_of_month(month)),
        )


@dataclass(frozen=True)
class _DayLengths:
    """Mean astronomical length of the days of a month, at the tile's cells.

    It is worked out at the whole multiples of a step of latitude and interpolated: near a polar
    circle it bends too much to be straight between points that suffice for the latitude itself.
    """

    ground: Ground
    year: int
    longitude_deg: float

    def month(self, month: int) -> NDArray[np.float32]:
        """Return (rows, cols) float32, the mean over the days of month 0..11 [h]."""
        latitude = self.ground.latitude.expand(*self.ground.core.numbers)
        first = np.floor(latitude.min() / _LATITUDE_STEP_RAD)
        count = int(latitude.max() / _LATITUDE_STEP_RAD - first) + 2
        nodes = np.clip((first + np.arange(count)) * _LATITUDE_STEP_RAD, -np.pi / 2, np.pi / 2)
        days = days_of_month(month)
        total = np.zeros(count)
        for day in days:
            total += day_length_hours_rad(
                nodes,
                day,
                year=self.year,
                longitude_deg=self.longitude_deg,
            )
        mean: NDArray[np.float32] = np.interp(latitude, nodes, total / len(days)).astype(np.float32)
        return mean
