"""Where a run's wetness index comes from: computed over the whole DEM, a raster, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...errors import ResourceError
from ...grids.grid import Grid
from ...rasters import PreparedDem
from ...water import WETNESS_BYTES_PER_CELL
from ..reporter import Reporter
from .layers import RASTERS, RasterLayer
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
        layer = RasterLayer.open(raster, dem, RASTERS["twi"], reporter=reporter)
        return WetnessPlan("raster", dem, needed, layer)
    is_computed = may_compute(dem.grid, needed=needed, reporter=reporter)
    return WetnessPlan("computed" if is_computed else "none", dem, needed)


def may_compute(grid: Grid, *, needed: bool, reporter: Reporter) -> bool:
    """Say whether the index over a grid is computed; raises as `plan_wetness` does."""
    cells = grid.rows * grid.cols
    need, free = cells * WETNESS_BYTES_PER_CELL, available_memory_bytes()
    if need <= free and (needed or cells <= LARGEST_UNASKED_CELLS):
        return True
    size = f"{grid.rows} x {grid.cols} cells"
    if needed:
        raise ResourceError(
            f"the wetness index of {size} needs {need / 1e9:.1f} GB of memory and "
            f"{free / 1e9:.1f} GB are free",
            remedy="compute it elsewhere and give it with <<twi=RASTER>>, or ask for "
            "<<variants=trad>> alone",
            field="twi",
        )
    reporter.say(f"The wetness index is left out: {size} would take {need / 1e9:.1f} GB of memory.")
    return False


def wetness_mb(plan: WetnessPlan) -> int:
    """Return what computing the index takes of memory; 0 where it is not computed."""
    return computing_mb(plan.dem.grid) if plan.source == "computed" else 0


def computing_mb(grid: Grid) -> int:
    """Return the memory that computing the index over a grid takes."""
    return 120 + grid.rows * grid.cols * WETNESS_BYTES_PER_CELL // 2**20
