"""Sunlight on DataArrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import xarray as xr

from .._arrays import flag_argument, thread_count
from .._numbers import instance_of
from ..calendar365 import month_groups
from ..errors import ArgumentError
from ..grids.tiling import DEFAULT_TILE_CELLS
from ..plausible import DEFAULT_DIRECTIONS
from ..solar import Air, Irradiation, Sun
from ..solar._landscape import DemWindow, survey
from ..solar._parameters import checked_directions
from ._place import Place
from ._tiles import by_tiles, whole_tile_cells

_DEFAULT_AIR = Air()
_ONE_OF = "sun=Sun([172]) or days=[172]"
_SUMS = {
    "total_wh_m2": ("Wh m-2", "Global irradiation of the terrain, with shadows"),
    "beam_wh_m2": ("Wh m-2", "Beam irradiation of the terrain, with shadows"),
    "diffuse_wh_m2": ("Wh m-2", "Diffuse irradiation of the terrain"),
    "reflected_wh_m2": ("Wh m-2", "Irradiation reflected by the surrounding terrain"),
    "hours": ("h", "Time in which the sun shines on the terrain"),
    "flat_total_wh_m2": ("Wh m-2", "Global irradiation of flat, unshaded ground"),
}


def sunlight(
    dem: xr.DataArray,
    sun: Sun | None = None,
    air: Air = _DEFAULT_AIR,
    *,
    days: Sequence[int] | None = None,
    shadows: bool = True,
    directions: int = DEFAULT_DIRECTIONS,
    tile_cells: int = DEFAULT_TILE_CELLS,
    threads: int = 0,
) -> xr.Dataset:
    """Clear-sky irradiation of a DEM: `eemt_core.solar.sunlight` on a DataArray.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m], with a projected CRS. A dask array is cut into tiles
        with a halo and a far field, so that terrain beyond a tile shades it; for the far field it
        is read once when this is called.
    sun
        The days and how the sun's way is followed.
    air
        Turbidity and albedo; turbidity in numbers.
    days
        In place of `sun`: day numbers, each a sum of its own, under the default sun at the DEM's
        longitude.
    shadows, directions
        As in `eemt_core.solar.sunlight`.
    tile_cells
        Edge of a tile of a dask array [cells].
    threads
        Number of threads for each tile; 0 means all.

    Returns
    -------
    xarray.Dataset
        ``total_wh_m2``, its parts ``beam_wh_m2``, ``diffuse_wh_m2`` and ``reflected_wh_m2``,
        ``flat_total_wh_m2`` [Wh m-2] and ``hours`` [h], with a first dimension ``day``, or
        ``month`` for sums of months, or ``group``.

    Raises
    ------
    ArgumentError
        If axes, coordinates or CRS do not tell where the cells are, or an argument is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> import eemt_core.xarray
    >>> y, x = 4_000_000.0 - 30 * np.arange(40), 500_000.0 + 30 * np.arange(40)
    >>> hill_m = 300.0 * np.exp(-np.hypot(*np.mgrid[-20:20, -20:20]) ** 2 / 100.0)
    >>> dem = xr.DataArray(hill_m, {"y": y, "x": x}, ("y", "x"), attrs={"crs": "EPSG:32613"})
    >>> light = dem.eemt.sunlight(days=[20, 172])
    >>> light.total_wh_m2.dims, light.total_wh_m2.attrs["units"]
    (('day', 'y', 'x'), 'Wh m-2')
    """
    place = Place.of(dem)
    if (sun is None) == (days is None):
        raise ArgumentError("give the sun or its days", remedy=_ONE_OF, field="sun")
    instance_of("air", air, Air, remedy="air=Air(linke=3.0, albedo=0.2)")
    shadows, threads = flag_argument("shadows", shadows), thread_count(threads)
    tile_cells = whole_tile_cells(tile_cells)
    if air.maps is not None:
        raise ArgumentError(
            "linke must be a number or twelve on DataArrays, got an array of cells", field="linke"
        )
    middle = place.grid.rows // 2, place.grid.cols // 2
    if sun is None:
        assert days is not None
        longitude = place.geometry.longitude_rad.expand(*middle, 1, 1)[0, 0]
        sun = Sun(days, longitude_deg=float((np.degrees(longitude) + 180) % 360 - 180))
    groups = instance_of("sun", sun, Sun, remedy=_ONE_OF).group_count
    count = checked_directions(directions)

    def work(window: DemWindow) -> Any:
        landscape = survey(
            window,
            shadows=shadows,
            directions=count,
            linke=air.linke,
            mode=sun.mode,
            threads=threads,
        )
        sums: Irradiation = landscape.irradiation(sun, albedo=air.albedo, threads=threads)
        return np.concatenate([getattr(sums, name) for name in _SUMS])

    values = by_tiles(
        place,
        work,
        len(_SUMS) * groups,
        shadows=shadows,
        is_placed=True,
        tile_cells=tile_cells,
    )
    name, labels = _groups(sun)
    return xr.Dataset(
        {
            key: place.wrapped(
                values[i * groups : (i + 1) * groups], units, long_name, {name: labels}
            )
            for i, (key, (units, long_name)) in enumerate(_SUMS.items())
        }
    )


def _groups(sun: Sun) -> tuple[str, list[int]]:
    """Return the name of the sums' dimension and its coordinate."""
    if sun.groups == "months":
        return "month", [month + 1 for month in month_groups(sun.days)[0]]
    if sun.group_of_day == tuple(range(len(sun.days))):
        return "day", list(sun.days)
    months, group_of = month_groups(sun.days)
    if tuple(group_of) == sun.group_of_day:
        return "month", [month + 1 for month in months]
    return "group", list(range(sun.group_count))
