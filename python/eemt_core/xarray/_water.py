"""The functions of `eemt_core.water` on DataArrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import xarray as xr

from .. import water
from .._arrays import FloatArray
from ..errors import ArgumentError
from ._place import Place, contiguous


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
    place = Place.of(dem)
    if place.is_dask:
        raise _not_by_blocks("dem")
    return place.wrapped(work(contiguous(place.data), place.cell_size_m), units, long_name)
