"""The functions of `eemt_core.terrain` on DataArrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import xarray as xr

from .._arrays import FloatArray, thread_count
from ..grids.tiling import DEFAULT_TILE_CELLS
from ..plausible import DEFAULT_DIRECTIONS
from ..solar._landscape import DemWindow
from ..solar._parameters import checked_directions
from ..terrain import slope_aspect as slope_aspect_of_arrays
from ..terrain._horizon_codes import (
    angle_of_codes_rad,
    checked_window,
    horizon_codes,
    sky_view_of_codes,
)
from ..terrain._slope import slope_aspect_rad
from ._place import Place
from ._tiles import by_chunks, by_tiles, whole_tile_cells
from ._values import contiguous


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
    place, threads = Place.of(dem), thread_count(threads)

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
    place, threads = Place.of(dem), thread_count(threads)
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
        Edge of such a tile [cells]; a rest narrower than an eighth of it is no tile of its own.
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
    tile_cells, threads = whole_tile_cells(tile_cells), thread_count(threads)

    def work(window: DemWindow) -> Any:
        return np.degrees(angle_of_codes_rad(_codes(window, count, threads)))

    values = by_tiles(
        place,
        work,
        count,
        shadows=True,
        is_placed=False,
        tile_cells=tile_cells,
        dtype=np.float32,
    )
    azimuth = np.arange(count) * (360.0 / count)
    return place.wrapped(
        values, "degrees", "Elevation angle of the skyline", {"direction_deg": azimuth}
    )


def sky_view_factor(
    dem: xr.DataArray,
    *,
    directions: int = DEFAULT_DIRECTIONS,
    tile_cells: int = DEFAULT_TILE_CELLS,
    threads: int = 0,
) -> xr.DataArray:
    """Share of the sky that each cell sees: `eemt_core.terrain.sky_view_factor` of a DEM.

    Slope, aspect and horizons are found on the way, and horizons are not kept.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m]. A dask array is cut into tiles with a halo and a far
        field, for which it is read once when this is called.
    directions
        Number of directions of the horizon, 8 to 720.
    tile_cells
        Edge of such a tile [cells]; a rest narrower than an eighth of it is no tile of its own.
    threads
        Number of threads for each tile; 0 means all.

    Returns
    -------
    xarray.DataArray
        (y, x), 0 to 1 [-]: 1 on an open plain.

    Raises
    ------
    ArgumentError
        If axes, coordinates or CRS do not tell the size of the cells.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import sky_view_factor
    >>> y = xr.DataArray(20.0 * np.arange(9), dims="y", attrs={"units": "m"})
    >>> x = xr.DataArray(20.0 * np.arange(9), dims="x", attrs={"units": "m"})
    >>> wall_m = xr.DataArray(np.add.outer(np.zeros(9), [0.0] * 8 + [30.0]), [y, x])
    >>> seen = sky_view_factor(wall_m).sel(y=80)  # on level ground, from far and from near
    >>> bool(seen.sel(x=0) > seen.sel(x=120))
    True
    """
    place, count = Place.of(dem), checked_directions(directions)
    tile_cells, threads = whole_tile_cells(tile_cells), thread_count(threads)

    def work(window: DemWindow) -> Any:
        row, col, rows, cols = checked_window(window.window, window.elevation_m.shape)
        cells = np.s_[row : row + rows, col : col + cols]
        slope_rad, aspect_rad = slope_aspect_rad(
            window.elevation_m, cell_size_m=window.cell_size_m, threads=threads
        )
        codes = _codes(window, count, threads)
        seen = sky_view_of_codes(
            codes,
            np.ascontiguousarray(slope_rad[cells]),
            np.ascontiguousarray(aspect_rad[cells]),
            threads=threads,
        )
        return seen[np.newaxis]

    values = by_tiles(place, work, 1, shadows=True, is_placed=False, tile_cells=tile_cells)
    return place.wrapped(values[0], "1", "Sky-view factor")


def _codes(window: DemWindow, directions: int, threads: int) -> NDArray[np.int16]:
    """Return the horizons of a window's cells, also behind terrain far beyond it."""
    return horizon_codes(
        window.elevation_m,
        cell_size_m=window.cell_size_m,
        window=window.window,
        directions=directions,
        anchor=window.anchor,
        far_field=window.far_field,
        threads=threads,
    )
