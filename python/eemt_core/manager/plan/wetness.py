"""Where a run's wetness index comes from: computed over the whole DEM, a raster, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...errors import ResourceError
from ...plausible import WETNESS
from ...rasters import PreparedDem
from ...water import WETNESS_BYTES_PER_CELL
from ..request import Reporter
from .layers import RasterLayer
from .resources import available_memory_bytes

LARGEST_UNASKED_CELLS = 50_000_000
"""Beyond this a run that does not need the index leaves it out."""


@dataclass(frozen=True)
class WetnessPlan:
    """Where the wetness index comes from.

    Attributes
    ----------
    source
        ``computed``, ``raster`` or ``none``.
    is_needed
        Whether the energy balance takes it; otherwise it is only a map.
    """

    source: str
    dem: PreparedDem
    is_needed: bool
    raster: RasterLayer | None = None

    @property
    def is_there(self) -> bool:
        """Whether the run has the index at all."""
        return self.source != "none"


def plan_wetness(
    dem: PreparedDem, raster: Path | None, *, needed: bool, reporter: Reporter
) -> WetnessPlan:
    """Decide where the index comes from.

    Raises
    ------
    ResourceError
        If it is needed, is not given, and does not fit into memory.
    """
    if raster is not None:
        layer = RasterLayer.open(raster, dem, WETNESS, monthly=False, reporter=reporter)
        return WetnessPlan("raster", dem, needed, layer)
    cells = dem.grid.rows * dem.grid.cols
    need, free = cells * WETNESS_BYTES_PER_CELL, available_memory_bytes()
    if need <= free and (needed or cells <= LARGEST_UNASKED_CELLS):
        return WetnessPlan("computed", dem, needed)
    size = f"{dem.grid.rows} x {dem.grid.cols} cells"
    if needed:
        raise ResourceError(
            f"the wetness index of {size} needs {need / 1e9:.1f} GB of memory and "
            f"{free / 1e9:.1f} GB are free: compute it elsewhere and give it with <<twi=RASTER>>, "
            "or ask for <<variants=trad>> alone"
        )
    reporter.say(f"The wetness index is left out: {size} would take {need / 1e9:.1f} GB of memory.")
    return WetnessPlan("none", dem, needed)


def wetness_mb(plan: WetnessPlan) -> int:
    """Return what computing the index takes of memory; 0 where it is not computed."""
    if plan.source != "computed":
        return 0
    return 120 + plan.dem.grid.rows * plan.dem.grid.cols * WETNESS_BYTES_PER_CELL // 2**20
