"""The values of all maps of a group at one place."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...errors import InputError
from ...rasters import transform_points
from .readers import Readers
from .record import RunRecord


def values_at(
    record: RunRecord, readers: Readers, names: Sequence[str], lon: float, lat: float
) -> list[float | None]:
    """Return the value of the cell that holds a place in each map; None where there is none.

    Parameters
    ----------
    names
        Paths of maps within the run's folder; what is not there has no value.
    lon, lat
        Longitude and latitude [degrees, WGS 84].
    """
    try:
        x, y = transform_points("EPSG:4326", record.grid.crs, [lon], [lat])
    except InputError:  # so far away that the maps' projection does not reach there
        return [None] * len(names)
    grid = record.grid
    col, row = math.floor((x[0] - grid.x0) / grid.dx), math.floor((grid.y0 - y[0]) / grid.dy)
    if not (0 <= row < grid.rows and 0 <= col < grid.cols):
        return [None] * len(names)
    found: list[float | None] = []
    for name in names:
        path = record.path(name)
        if path is None:
            found.append(None)
            continue
        # all maps have this grid, so no map needs be asked for its own
        with readers.dataset(path) as dataset:
            value = float(dataset.read(1, window=((row, row + 1), (col, col + 1)))[0, 0])
        found.append(value if math.isfinite(value) else None)
    return found
