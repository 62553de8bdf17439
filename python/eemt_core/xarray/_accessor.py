"""The functions of a DEM as methods of its DataArray."""

from __future__ import annotations

from typing import Any

import xarray as xr

from . import _solar, _terrain, _water


@xr.register_dataarray_accessor("eemt")
class EemtAccessor:
    """Methods of ``dem.eemt``: each is the function of `eemt_core.xarray` of the same name.

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

    def slope_aspect(self, **options: int) -> xr.Dataset:
        """Slope and aspect [degrees]."""
        return _terrain.slope_aspect(self._dem, **options)

    def surface(self, **options: int) -> xr.Dataset:
        """Elevation [m], slope, aspect, latitude and convergence [degrees]."""
        return _terrain.surface(self._dem, **options)

    def horizon_map(self, **options: int) -> xr.DataArray:
        """Elevation angle of the skyline [degrees]."""
        return _terrain.horizon_map(self._dem, **options)

    def sunlight(self, *arguments: Any, **options: Any) -> xr.Dataset:
        """Irradiation [Wh m-2] and hours of sun [h]."""
        return _solar.sunlight(self._dem, *arguments, **options)

    def fill_depressions(self) -> xr.DataArray:
        """Terrain from which every cell drains [m]."""
        return _water.fill_depressions(self._dem)

    def topographic_wetness_index(self, **options: int) -> xr.DataArray:
        """Wetness index ln(a / tan b) [-]."""
        return _water.topographic_wetness_index(self._dem, **options)
