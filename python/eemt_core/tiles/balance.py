"""A tile's energy balance: EEMT of every variant, month and year, and the means over the years."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..climate import ClimateCut
from .contract import read_climate
from .fitted import count_fitted
from .ground import Ground
from .sunlight import Sunlight
from .tile_years import TileYears

if TYPE_CHECKING:
    from .. import _core
    from .recorder import Recorder
    from .task import EnergyWork, TileWork


def compute_balance(
    folder: Path,
    work: TileWork,
    energy: EnergyWork,
    ground: Ground,
    sunlight: Sunlight,
    recorder: Recorder,
) -> None:
    """Compute and record all variants of the task, a year of its climate after the other.

    Each map is recorded as it comes, so many years take no more memory than one.
    """
    with recorder.stage("climate"):
        cut = ClimateCut.from_arrays(read_climate(folder))
        years = TileYears(folder, work, energy, ground, sunlight, cut)
    for number, period in enumerate(cut.periods):
        with recorder.stage("balance"):
            years.compute(period)
        for name, variant in years.variants.items():
            _record_year(recorder, _key(name), number, variant)
    for name, variant in years.variants.items():
        with recorder.stage("balance"):
            variant.e_bio_mj_m2[:] /= len(cut.periods)
            variant.e_ppt_mj_m2[:] /= len(cut.periods)
            if name == "topo":
                e_bio_mj_m2 = variant.e_bio_mj_m2.astype(np.float32)
                recorder.statistics |= count_fitted(
                    e_bio_mj_m2, ground.elevation_m, energy.parameters
                )
        _record_means(recorder, _key(name), variant)
    recorder.statistics["solar_ratio_limited_cells"] = float(years.limited_cells)


def _key(variant: str) -> str:
    return f"eemt_{variant.replace('-', '_')}"


def _record_year(
    recorder: Recorder, key: str, year: int, variant: _core.energy.VariantYear
) -> None:
    for month, cells in enumerate(variant.monthly_mj_m2):
        recorder.put(key, 12 * year + month, cells)
    recorder.put(f"{key}_yearly", year, variant.yearly_mj_m2)


def _record_means(recorder: Recorder, key: str, variant: _core.energy.VariantYear) -> None:
    """Record the means over all years, the sums of which the variant holds no longer after it."""
    short = key.removeprefix("eemt_")
    recorder.put(f"e_bio_{short}_mean", None, variant.e_bio_mj_m2)
    recorder.put(f"e_ppt_{short}_mean", None, variant.e_ppt_mj_m2)
    variant.e_bio_mj_m2[:] += variant.e_ppt_mj_m2
    recorder.put(f"{key}_mean", None, variant.e_bio_mj_m2)
