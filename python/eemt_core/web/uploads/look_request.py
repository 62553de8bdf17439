"""``python -m eemt_core.web.uploads.look_request``: the process that checks a run before it waits.

A job may wait for hours before it runs. What its run would find wrong within its first minute is
found here, on a small copy of the DEM: whether its parts fit together, and whether the climate
covers the DEM and holds what it must. Other rasters are looked at by `look_raster`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ...demo import write_dem
from ...manager.estimate import make_estimate
from ...manager.plan.energy import plan_energy
from ...manager.plan.layers import soda_turbidity
from ...manager.plan.plan import check_request, settled_solar
from ...manager.request import RunRequest
from ...rasters import UNITS_M, geometry, prepare_dem, read_overview, write_map
from .limited import serve_order
from .notes import Notes

_STAND_IN_CELLS = 512


def check(order: dict[str, Any]) -> dict[str, Any]:
    """Return an estimate of a run that can be carried out, and what its user should know.

    The order has ``request``, as JSON; ``unit``, that of the DEM's elevations; ``is_timed``,
    whether to reckon the time too.
    """
    request = RunRequest.from_dict(order["request"])
    check_request(request)
    notes = Notes()
    with TemporaryDirectory() as folder:
        if request.energy is not None or request.linke == "auto":
            _check_over_dem(request, order.get("unit"), Path(folder), notes)
        found = make_estimate(request, timed=bool(order.get("is_timed")))
    return {"estimate": found.to_dict(), "notes": notes.sentences}


def _check_over_dem(request: RunRequest, unit: str | None, folder: Path, notes: Notes) -> None:
    """Open the climate and the turbidity over a small copy of the DEM, of the same extent."""
    path = request.dem or write_dem(folder / "demonstration.tif")
    values, grid = read_overview(path, _STAND_IN_CELLS, resampling="nearest")
    for value in request.nodata:
        values[values == np.float32(value)] = np.nan
    values *= UNITS_M[request.elevation_unit or unit or "m"]
    copy = folder / "copy.tif"
    write_map(copy, grid, [(0, 0, values)], description="copy of a DEM", units="m")
    small = prepare_dem(copy, folder)
    if request.energy is not None:
        climate_alone = replace(request.energy, variants=("trad",))
        plan_energy(climate_alone, settled_solar(request), small, notes)
    if request.linke == "auto":
        soda_turbidity(geometry(small.grid), notes)


if __name__ == "__main__":
    sys.exit(serve_order(check))
