"""Whether a run's terrain is like that to which EEMT_TOPO's net primary production was fitted.

Equation 11 is a regression from one mountain range. It gives numbers elsewhere too, so a run
reports how many cells lie outside the fitted elevations, or have the equation's lowest value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...tiles.fitted import CELLS, CELLS_ON_FLOOR, CELLS_OUTSIDE, FITTED_M
from ..plan.plan import Plan
from ..schedule.verify import VerifiedResult


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


def fitted_range(plan: Plan, results: Mapping[int, VerifiedResult]) -> FittedRange | None:
    """Add up what the tiles have counted; None if the run does not compute EEMT_TOPO.

    Verified results keep their counts, so a resumed run reports the same.
    """
    if plan.energy is None or "topo" not in plan.energy.variants:
        return None
    cells, outside, on_floor = (
        int(sum(result["statistics"].get(name, 0) for result in results.values()))
        for name in (CELLS, CELLS_OUTSIDE, CELLS_ON_FLOOR)
    )
    floor_g_m2_yr = float(plan.energy.parameters["parameters"]["npp_floor_g_m2_yr"])
    return FittedRange(cells, outside, on_floor, floor_g_m2_yr)
