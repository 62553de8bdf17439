"""The functions of `eemt_core.water` on DataArrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import xarray as xr

from .. import water
from .._arrays import FloatArray
from ..errors import ArgumentError
from ._place import Place
from ._values import contiguous, not_a_dataarray


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


def flow_direction(dem: xr.DataArray, *, threads: int = 0) -> xr.Dataset:
    """D-infinity flow direction and gradient: `eemt_core.water.flow_direction` on a DataArray.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m], in memory. Fill it first (`fill_depressions`) if water is
        not to end in its pits.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    xarray.Dataset
        ``direction_deg``, clockwise from grid north, -1 where water stays [degrees], and
        ``gradient``, tan of the slope angle that way [-].

    Raises
    ------
    ArgumentError
        If it is a dask array, or its axes do not tell the size of the cells.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import flow_direction
    >>> y = xr.DataArray([20.0, 10.0, 0.0], dims="y", attrs={"units": "m"})
    >>> x = xr.DataArray([0.0, 10.0, 20.0], dims="x", attrs={"units": "m"})
    >>> south_facing = xr.DataArray(np.add.outer([3.0, 2.0, 1.0], np.zeros(3)), [y, x])
    >>> float(flow_direction(south_facing).direction_deg.sel(y=10, x=10))
    180.0
    """
    place = _whole(Place.of(dem))
    direction_deg, gradient = water.flow_direction(
        contiguous(place.data), cell_size_m=place.cell_size_m, threads=threads
    )
    text = "Direction in which water leaves, clockwise from grid north; -1 where it stays"
    return xr.Dataset(
        {
            "direction_deg": place.wrapped(direction_deg, "degrees", text),
            "gradient": place.wrapped(gradient, "1", "Drop per distance in that direction"),
        }
    )


def specific_catchment_area(direction_deg: xr.DataArray) -> xr.DataArray:
    """Upslope area per contour width: `eemt_core.water.specific_catchment_area` on a DataArray.

    Parameters
    ----------
    direction_deg
        (y, x) DataArray in memory, from `eemt_core.xarray.flow_direction` [degrees].

    Returns
    -------
    xarray.DataArray
        float64, area that drains through each cell over the contour width [m2 m-1 = m].

    Raises
    ------
    ArgumentError
        If it is a dask array, its axes do not tell the size of the cells, a direction is beyond
        [0, 360) and not -1, or they lead in a circle.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import flow_direction, specific_catchment_area
    >>> y = xr.DataArray([20.0, 10.0, 0.0], dims="y", attrs={"units": "m"})
    >>> x = xr.DataArray([0.0, 10.0, 20.0], dims="x", attrs={"units": "m"})
    >>> south_facing = xr.DataArray(np.add.outer([3.0, 2.0, 1.0], np.zeros(3)), [y, x])
    >>> specific_catchment_area(flow_direction(south_facing).direction_deg).values[:, 1]
    array([10., 20., 30.])
    """
    place = _whole(Place.of_cells(direction_deg, "direction_deg"))
    area_m = water.specific_catchment_area(contiguous(place.data), cell_size_m=place.cell_size_m)
    return place.wrapped(area_m, "m", "Upslope area per contour width")


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


def wetness_ratio(wetness: xr.DataArray) -> xr.DataArray:
    """Share of the landscape's water: `eemt_core.water.wetness_ratio` on a DataArray.

    Parameters
    ----------
    wetness
        (y, x) DataArray in memory, `topographic_wetness_index` or another index of wetness [-].

    Returns
    -------
    xarray.DataArray
        The index over its mean [-], as `eemt_core.xarray.eemt_topo` takes it.

    Raises
    ------
    ArgumentError
        If it is a dask array, or nowhere above 0.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from eemt_core.xarray import wetness_ratio
    >>> wetness_ratio(xr.DataArray([[3.0, 9.0]], dims=("y", "x"))).values
    array([[0.5, 1.5]])
    """
    if not isinstance(wetness, xr.DataArray):
        raise not_a_dataarray("wetness", wetness)
    if not isinstance(wetness.data, np.ndarray):
        raise _not_by_blocks("wetness")
    made = wetness.copy(data=water.wetness_ratio(contiguous(wetness.data)))
    made.attrs |= {"units": "1", "long_name": "Wetness index over its mean"}
    return made


def _not_by_blocks(name: str) -> ArgumentError:
    return ArgumentError(
        "water flows over the whole DEM, so this cannot be computed by blocks of a dask array",
        remedy=f"load it first, with {name}.load() or {name}.compute()",
        field=name,
    )


def _of_the_whole(
    dem: xr.DataArray,
    work: Callable[[FloatArray, tuple[float, float]], FloatArray],
    units: str,
    long_name: str,
) -> xr.DataArray:
    place = _whole(Place.of(dem))
    return place.wrapped(work(contiguous(place.data), place.cell_size_m), units, long_name)


def _whole(place: Place) -> Place:
    if place.is_dask:
        raise _not_by_blocks(place.name)
    return place
