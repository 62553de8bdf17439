"""The functions of a DEM as methods of its DataArray."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import xarray as xr

from . import _solar, _terrain, _water

_Options = ParamSpec("_Options")
_Result = TypeVar("_Result")


def _method(
    function: Callable[Concatenate[xr.DataArray, _Options], _Result],
) -> Callable[Concatenate[Any, _Options], _Result]:
    """Return a function of a DEM as a method, with the same signature and docstring."""

    @functools.wraps(function)
    def method(self: Any, *arguments: _Options.args, **options: _Options.kwargs) -> _Result:
        return function(self._dem, *arguments, **options)

    return cast(Callable[Concatenate[Any, _Options], _Result], method)


@xr.register_dataarray_accessor("eemt")
class EemtAccessor:
    """Methods of ``dem.eemt``: each is the function of `eemt_core.xarray` of the same name.

    The DataArray is the function's first argument.

    Parameters
    ----------
    dem
        (y, x) DataArray, elevation [m].

    Raises
    ------
    ArgumentError
        As the functions do.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> import eemt_core.xarray
    >>> y = xr.DataArray([20.0, 10.0, 0.0], dims="y", attrs={"units": "m"})
    >>> x = xr.DataArray([0.0, 10.0, 20.0], dims="x", attrs={"units": "m"})
    >>> float(xr.DataArray(np.zeros((3, 3)), [y, x]).eemt.slope_aspect().slope_deg.max())
    0.0
    """

    def __init__(self, dem: xr.DataArray) -> None:
        self._dem = dem

    slope_aspect = _method(_terrain.slope_aspect)
    surface = _method(_terrain.surface)
    horizon_map = _method(_terrain.horizon_map)
    sky_view_factor = _method(_terrain.sky_view_factor)
    sunlight = _method(_solar.sunlight)
    fill_depressions = _method(_water.fill_depressions)
    flow_direction = _method(_water.flow_direction)
    topographic_wetness_index = _method(_water.topographic_wetness_index)
