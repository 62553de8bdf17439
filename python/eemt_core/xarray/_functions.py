"""The functions of `terrain`, `solar` and `water` on DataArrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import xarray as xr

from .. import water
from .._arrays import FloatArray
from ..calendar365 import month_groups
from ..errors import ArgumentError
from ..grids.tiling import DEFAULT_TILE_CELLS, whole_blocks
from ..plausible import DEFAULT_DIRECTIONS
from ..solar import Air, Irradiation, Sun
from ..solar._landscape import DemWindow, survey
from ..solar._parameters import checked_directions
from ..terrain import slope_aspect as slope_aspect_of_arrays
from ..terrain._horizon_codes import angle_of_codes_rad, horizon_codes
from ._place import Place, contiguous
from ._tiles import by_chunks, by_tiles

_DEFAULT_AIR = Air()
_SUMS = {
    "total_wh_m2": ("Wh m-2", "Global irradiation of the terrain, with shadows"),
    "beam_wh_m2": ("Wh m-2", "Beam irradiation of the terrain, with shadows"),
    "diffuse_wh_m2": ("Wh m-2", "Diffuse irradiation of the terrain"),
    "reflected_wh_m2": ("Wh m-2", "Irradiation reflected by the surrounding terrain"),
    "hours": ("h", "Time in which the sun shines on the terrain"),
    "flat_total_wh_m2": ("Wh m-2", "Global irradiation of flat, unshaded ground"),
}


def slope_aspect(dem: xr.DataArray, *, threads: int = 0) -> xr.Dataset:
    """Slope and aspect after Horn: `eemt_core.terrain.slope_aspect` on a DataArray.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m]. A dask array stays one, cut as it is.
    threads
        Number of threads for each block; 0 means all.

    Returns
    -------
    xarray.Dataset
        ``slope_deg``, and ``aspect_deg`` clockwise from grid north [degrees].

    Raises
    ------
    ArgumentError
        If axes, coordinates or CRS do not tell the size of the cells.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import slope_aspect
    >>> y = xr.DataArray([20.0, 10.0, 0.0], dims="y", attrs={"units": "m"})
    >>> x = xr.DataArray([0.0, 10.0, 20.0], dims="x", attrs={"units": "m"})
    >>> south_facing = xr.DataArray(np.add.outer([20.0, 10.0, 0.0], np.zeros(3)), [y, x])
    >>> float(slope_aspect(south_facing).slope_deg.sel(y=10, x=10))
    45.0
    """
    place = Place.of(dem)

    def both(elevation_m: Any) -> FloatArray:
        slope, aspect = slope_aspect_of_arrays(
            contiguous(elevation_m), cell_size_m=place.cell_size_m, threads=threads
        )
        return np.stack([slope, aspect])

    data = place.data
    values = by_chunks(data, both, 2, margin=1) if place.is_dask else both(data)
    return xr.Dataset(
        {
            "slope_deg": place.wrapped(values[0], "degrees", "Slope, from the horizontal"),
            "aspect_deg": place.wrapped(
                values[1], "degrees", "Aspect, clockwise from grid north; 0 where flat"
            ),
        }
    )


def surface(dem: xr.DataArray, *, threads: int = 0) -> xr.Dataset:
    """Cells of a DEM with slope, aspect and their place on the Earth.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m], with a projected CRS. A dask array stays one.
    threads
        Number of threads for each block; 0 means all.

    Returns
    -------
    xarray.Dataset
        ``elevation_m``, ``slope_deg``, ``aspect_deg``, ``latitude_deg`` and ``convergence_deg``
        (true azimuth minus grid azimuth): what `eemt_core.terrain.Surface` and
        `eemt_core.xarray.eemt_topo` take.

    Raises
    ------
    ArgumentError
        If axes, coordinates or CRS do not tell where the cells are.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import surface
    >>> dem = xr.DataArray(
    ...     np.zeros((3, 3)), {"y": [4e6, 4e6 - 10, 4e6 - 20], "x": [5e5, 5e5 + 10, 5e5 + 20]},
    ...     ("y", "x"), attrs={"crs": "EPSG:32613"},
    ... )
    >>> round(float(surface(dem).latitude_deg.mean()), 2)
    36.14
    """
    place = Place.of(dem)
    found = slope_aspect(dem, threads=threads)
    dtype = found.slope_deg.dtype
    found["elevation_m"] = place.wrapped(place.data, "m", "Elevation")
    geometry, (rows, cols) = place.geometry, place.grid.shape
    for name, lattice, text in (
        ("latitude_deg", geometry.latitude_rad, "Latitude, north positive"),
        ("convergence_deg", geometry.convergence_rad, "True azimuth minus grid azimuth"),
    ):
        values = np.degrees(lattice.expand(0, 0, rows, cols)).astype(dtype)
        found[name] = place.wrapped(values, "degrees", text)
    return found


def horizon_map(
    dem: xr.DataArray,
    *,
    directions: int = DEFAULT_DIRECTIONS,
    tile_cells: int = DEFAULT_TILE_CELLS,
    threads: int = 0,
) -> xr.DataArray:
    """Elevation angle of the skyline: `eemt_core.terrain.horizon_map` on a DataArray.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m]. A dask array is cut into tiles with a halo and a far
        field, for which it is read once when this is called.
    directions
        Number of directions, 8 to 720, clockwise from grid north.
    tile_cells
        Largest edge of such a tile [cells].
    threads
        Number of threads for each tile; 0 means all.

    Returns
    -------
    xarray.DataArray
        (direction_deg, y, x), float32 [degrees].

    Raises
    ------
    ArgumentError
        If axes, coordinates or CRS do not tell the size of the cells.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import horizon_map
    >>> y = xr.DataArray([0.0, -20.0], dims="y", attrs={"units": "m"})
    >>> x = xr.DataArray(np.arange(8) * 20.0, dims="x", attrs={"units": "m"})
    >>> wall = xr.DataArray([[0.0] * 7 + [30.0]] * 2, [y, x])
    >>> east = horizon_map(wall, directions=8).sel(direction_deg=90)
    >>> round(float(east.sel(y=0, x=80)), 2)
    26.57
    """
    place, count = Place.of(dem), checked_directions(directions)

    def work(window: DemWindow) -> Any:
        codes = horizon_codes(
            window.elevation_m,
            cell_size_m=window.cell_size_m,
            window=window.window,
            directions=count,
            anchor=window.anchor,
            far_field=window.far_field,
            threads=threads,
        )
        return np.degrees(angle_of_codes_rad(codes))

    values = by_tiles(
        place, work, count, shadows=True, is_placed=False, tile_cells=whole_blocks(tile_cells)
    )
    azimuth = np.arange(count) * (360.0 / count)
    return place.wrapped(
        values, "degrees", "Elevation angle of the skyline", {"direction_deg": azimuth}
    )


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
        Largest edge of a tile of a dask array [cells].
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
        raise ArgumentError("give the sun or its days: sun=Sun(...) or days=[172]")
    if air.maps is not None:
        raise ArgumentError("linke must be a number or twelve on DataArrays, got an array of cells")
    middle = place.grid.rows // 2, place.grid.cols // 2
    if sun is None:
        assert days is not None
        longitude = place.geometry.longitude_rad.expand(*middle, 1, 1)[0, 0]
        sun = Sun(days, longitude_deg=float((np.degrees(longitude) + 180) % 360 - 180))
    count = checked_directions(directions)
    groups = sun.group_count

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
        tile_cells=whole_blocks(tile_cells),
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
    days = tuple(sun.days)
    if sun.group_of_day == tuple(range(len(days))):
        return "day", list(days)
    months, group_of = month_groups(days)
    if tuple(group_of) == sun.group_of_day:
        return "month", [month + 1 for month in months]
    return "group", list(range(sun.group_count))


def fill_depressions(dem: xr.DataArray) -> xr.DataArray:
    """Filled terrain: `eemt_core.water.fill_depressions` on a DataArray.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m], in memory.

    Returns
    -------
    xarray.DataArray
        Elevation [m] from which every cell drains.

    Raises
    ------
    ArgumentError
        If it is a dask array, or its axes do not tell the size of the cells.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import fill_depressions
    >>> y = xr.DataArray([20.0, 10.0, 0.0], dims="y", attrs={"units": "m"})
    >>> x = xr.DataArray([0.0, 10.0, 20.0], dims="x", attrs={"units": "m"})
    >>> pit = np.ones((3, 3))
    >>> pit[1, 1] = 0.0
    >>> float(fill_depressions(xr.DataArray(pit, [y, x])).min())
    1.0
    """
    return _of_the_whole(dem, lambda elevation, _: water.fill_depressions(elevation), "m", "Filled")


def topographic_wetness_index(dem: xr.DataArray, *, threads: int = 0) -> xr.DataArray:
    """Topographic wetness index: `eemt_core.water.topographic_wetness_index` on a DataArray.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m], in memory.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    xarray.DataArray
        ln(a / tan b), a in metres [-].

    Raises
    ------
    ArgumentError
        If it is a dask array, or its axes do not tell the size of the cells.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import topographic_wetness_index
    >>> y = xr.DataArray(10.0 * np.arange(5), dims="y", attrs={"units": "m"})
    >>> x = xr.DataArray(10.0 * np.arange(5), dims="x", attrs={"units": "m"})
    >>> slope = xr.DataArray(np.add.outer(np.arange(5.0), np.zeros(5)), [y, x])
    >>> wet = topographic_wetness_index(slope)
    >>> bool(wet.sel(y=0, x=20) > wet.sel(y=40, x=20))
    True
    """
    return _of_the_whole(
        dem,
        lambda elevation, size: water.topographic_wetness_index(
            elevation, cell_size_m=size, threads=threads
        ),
        "1",
        "Topographic wetness index ln(a / tan b), a in metres",
    )


def _of_the_whole(
    dem: xr.DataArray,
    work: Callable[[FloatArray, tuple[float, float]], FloatArray],
    units: str,
    long_name: str,
) -> xr.DataArray:
    place = Place.of(dem)
    if place.is_dask:
        raise ArgumentError(
            "water flows over the whole DEM, so this cannot be computed by blocks of a dask array: "
            "load it first, with dem.load() or dem.compute()"
        )
    return place.wrapped(work(contiguous(place.data), place.cell_size_m), units, long_name)
