"""``python -m eemt_core.web.uploads.look_request``: the process that checks a run before it waits.

A job may wait for hours before it runs. What its run would find wrong within its first minute is
found here, on a small copy of the DEM: whether its parts fit together, and whether the climate
covers the DEM and holds what it must.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ...demo import write_dem
from ...manager.estimate import make_estimate
from ...manager.plan.energy import plan_energy
from ...manager.plan.plan import check_request, settled_solar
from ...manager.reporter import Silent
from ...manager.request import RunRequest
from ...rasters import UNITS_M, prepare_dem, read_overview, write_map
from .limited import serve_order

_STAND_IN_CELLS = 512


class _Notes(Silent):
    """Keeps what every user should know."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        """Hear something that every user should know."""
        self.sentences.append(sentence)


def check(order: dict[str, Any]) -> dict[str, Any]:
    """Return an estimate of a run that can be carried out, and what its user should know.

    The order has ``request``, as JSON; ``unit``, that of the DEM's elevations; ``is_timed``,
    whether to reckon the time too.
    """
    request = RunRequest.from_dict(order["request"])
    check_request(request)
    notes = _Notes()
    with TemporaryDirectory() as folder:
        if request.energy is not None:
            _check_energy(request, order.get("unit"), Path(folder), notes)
        found = make_estimate(request, timed=bool(order.get("is_timed")))
    return {"estimate": found.to_dict(), "notes": notes.sentences}


def _check_energy(request: RunRequest, unit: str | None, folder: Path, notes: _Notes) -> None:
    """Plan the energy balance over a small copy of the DEM, of the same extent."""
    assert request.energy is not None
    path = request.dem or write_dem(folder / "demonstration.tif")
    values, grid = read_overview(path, _STAND_IN_CELLS, resampling="nearest")
    for value in request.nodata:
        values[values == np.float32(value)] = np.nan
    values *= UNITS_M[request.elevation_unit or unit or "m"]
    copy = folder / "copy.tif"
    write_map(copy, grid, [(0, 0, values)], description="copy of a DEM", units="m")
    small = prepare_dem(copy, folder)
    plan_energy(request.energy, settled_solar(request), small, notes)


if __name__ == "__main__":
    sys.exit(serve_order(check))
