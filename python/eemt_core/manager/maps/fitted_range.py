"""Whether a run's terrain is like that to which EEMT_TOPO's net primary production was fitted.

Equation 11 is a regression from one mountain range. It gives numbers elsewhere too, so a run
reports how many cells lie outside the fitted elevations, or have the equation's lowest value.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ...rasters import WindowReader
from ..folder import OutFolder
from ..plan.plan import Plan
from ..schedule.verify import VerifiedResult

#: Elevations of the transects that Equation 11 was fitted to [m].
FITTED_M = (800.0, 2800.0)

_RESULT = "e_bio_topo_mean"

# tolerance for a sum of twelve float32 values, each with a relative rounding error of 6e-8
_ROUNDING = 1e-5


@dataclass(frozen=True)
class FittedRange:
    """Numbers of cells: all, outside the fitted elevations, and at Equation 11's lowest value."""

    cells: int
    cells_outside_fitted_elevations: int
    cells_on_floor: int
    floor_g_m2_yr: float

    @property
    def sentence(self) -> str:
        """A warning for the user; empty if most cells are within the fitted range."""
        if 2 * max(self.cells_outside_fitted_elevations, self.cells_on_floor) <= self.cells:
            return ""
        outside = self.cells_outside_fitted_elevations / self.cells
        low, high = FITTED_M
        return (
            "E_BIO of EEMT_TOPO comes from a regression between elevation, shade and plant "
            f"production that was fitted from {low:,.0f} to {high:,.0f} m in Arizona: "
            f"{outside:.0%} of the cells lie outside that range and "
            f"{self.cells_on_floor / self.cells:.0%} are on its floor of "
            f"{self.floor_g_m2_yr:g} g m-2 a year, so compare it with EEMT_TRAD's, which comes "
            "from temperature, or give the vegetation for topo-veg."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the counts and the sentence for the record."""
        return {**asdict(self), "fitted_elevations_m": list(FITTED_M), "note": self.sentence}


def fitted_range(
    plan: Plan, folder: OutFolder, results: dict[int, VerifiedResult]
) -> FittedRange | None:
    """Count the cells of all tiles; None if the run does not compute EEMT_TOPO.

    Cells are counted in the tiles' verified results, so a resumed run reports the same.
    """
    if plan.energy is None or "topo" not in plan.energy.variants:
        return None
    parameters = plan.energy.parameters["parameters"]
    floor_g_m2_yr = float(parameters["npp_floor_g_m2_yr"])
    floor_mj_m2 = 1e-9 * float(parameters["organic_heat_j_kg"]) * floor_g_m2_yr
    cells = outside = on_floor = 0
    with closing(WindowReader(plan.dem.path)) as dem:
        for tile in plan.tiling:
            place = results[tile.index]["outputs"][_RESULT]["place"]
            e_bio = place.load(folder.tiles / tile.name)
            elevation_m = dem.read(*tile.core.numbers)
            valid = np.isfinite(e_bio)
            cells += int(valid.sum())
            low, high = elevation_m < FITTED_M[0], elevation_m > FITTED_M[1]
            outside += int((valid & (low | high)).sum())
            on_floor += int((valid & (e_bio <= floor_mj_m2 * (1.0 + _ROUNDING))).sum())
    return FittedRange(cells, outside, on_floor, floor_g_m2_yr)
