"""The energy balance of a month on DataArrays, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import xarray as xr

from .._numbers import instance_of, number_in
from ..energy import EnergyMonth, EnergyParameters, MonthClimate, MonthSun, Vegetation
from ..energy import eemt_topo as eemt_topo_of_arrays
from ..energy import eemt_topo_veg as eemt_topo_veg_of_arrays
from ..energy import eemt_trad as eemt_trad_of_arrays
from ..energy._month import LONGEST_MONTH_DAYS
from ..terrain import Surface
from ._cells import Variables, by_cells, variables

_DEFAULTS = EnergyParameters()
_TERMS = {
    "e_ppt_mj_m2": "Energy of effective precipitation",
    "e_bio_mj_m2": "Energy of primary production",
}
_CLIMATE = ("tmin_c", "tmax_c", "prcp_mm")
_CLIMATE_OPTIONAL = ("vapour_pressure_pa", "wind_m_s")
_SURFACE = ("elevation_m", "slope_deg", "aspect_deg", "latitude_deg", "convergence_deg")


def eemt_trad(
    climate: xr.Dataset,
    *,
    daylight_hours: xr.DataArray | float,
    days: float,
    parameters: EnergyParameters = _DEFAULTS,
) -> xr.Dataset:
    """EEMT_TRAD of a month: `eemt_core.energy.eemt_trad` on DataArrays.

    Parameters
    ----------
    climate
        Variables ``tmin_c``, ``tmax_c`` [degC] and ``prcp_mm`` [mm] on the same (y, x) cells, or
        numbers that hold everywhere.
    daylight_hours
        Mean length of the month's days [h].
    days
        Days of the month [d].
    parameters
        The choices of the balance.

    Returns
    -------
    xarray.Dataset
        ``e_ppt_mj_m2``, ``e_bio_mj_m2`` and ``eemt_mj_m2`` [MJ m-2].

    Raises
    ------
    ArgumentError
        If a variable is missing or no number, or cells, coordinates or CRS are not the same.

    Examples
    --------
    >>> import xarray as xr
    >>> from eemt_core.xarray import eemt_trad
    >>> cell = {"y": [0.0], "x": [0.0]}
    >>> april = xr.Dataset(
    ...     {"tmin_c": (("y", "x"), [[1.0]]), "tmax_c": (("y", "x"), [[15.0]]),
    ...      "prcp_mm": (("y", "x"), [[50.0]])}, cell)
    >>> round(eemt_trad(april, daylight_hours=13.1, days=30).eemt_mj_m2.item(), 3)
    2.379
    """
    _check(days, parameters)
    given = variables(climate, _CLIMATE, (), "climate") | {"daylight_hours": daylight_hours}

    def month(arrays: Mapping[str, Any]) -> EnergyMonth:
        weather = MonthClimate(*(arrays[name] for name in _CLIMATE), days=days)
        return eemt_trad_of_arrays(
            weather, daylight_hours=arrays["daylight_hours"], parameters=parameters, threads=1
        )

    return _balance(month, given)


def eemt_topo(
    climate: xr.Dataset,
    sun: xr.Dataset,
    surface: xr.Dataset,
    *,
    wetness_ratio: xr.DataArray | float,
    days: float,
    parameters: EnergyParameters = _DEFAULTS,
) -> xr.Dataset:
    """EEMT_TOPO of a month: `eemt_core.energy.eemt_topo` on DataArrays.

    Parameters
    ----------
    climate
        Variables ``tmin_c``, ``tmax_c`` [degC], ``prcp_mm`` [mm] and ``vapour_pressure_pa`` [Pa],
        and ``wind_m_s`` [m s-1] if known, on the same (y, x) cells, or numbers that hold
        everywhere.
    sun
        Variables ``total_wh_m2`` and ``flat_total_wh_m2`` [Wh m-2] of the month: what
        `eemt_core.xarray.sunlight` gives, one month selected.
    surface
        What `eemt_core.xarray.surface` gives.
    wetness_ratio
        The cells' wetness index over its mean [-], as `eemt_core.xarray.wetness_ratio` gives it.
    days
        Days of the month [d].
    parameters
        The choices of the balance.

    Returns
    -------
    xarray.Dataset
        ``e_ppt_mj_m2``, ``e_bio_mj_m2`` and ``eemt_mj_m2`` [MJ m-2].

    Raises
    ------
    ArgumentError
        If a variable is missing or no number, or cells, coordinates or CRS are not the same.

    Examples
    --------
    >>> import xarray as xr
    >>> from eemt_core.xarray import eemt_topo
    >>> def cell(**values):
    ...     names = {name: (("y", "x"), [[value]]) for name, value in values.items()}
    ...     return xr.Dataset(names, {"y": [0.0], "x": [0.0]})
    >>> june = eemt_topo(
    ...     cell(tmin_c=8.0, tmax_c=22.0, prcp_mm=60.0, vapour_pressure_pa=900.0),
    ...     cell(total_wh_m2=230e3, flat_total_wh_m2=240e3),
    ...     cell(elevation_m=2000.0, slope_deg=20.0, aspect_deg=180.0, latitude_deg=40.0,
    ...          convergence_deg=0.0),
    ...     wetness_ratio=1.0,
    ...     days=30,
    ... )
    >>> bool(june.eemt_mj_m2.item() > 0)
    True
    """
    _check(days, parameters)
    given = (
        variables(climate, (*_CLIMATE, _CLIMATE_OPTIONAL[0]), _CLIMATE_OPTIONAL[1:], "climate")
        | variables(sun, ("total_wh_m2", "flat_total_wh_m2"), (), "sun")
        | variables(surface, _SURFACE, (), "surface")
        | {"wetness_ratio": wetness_ratio}
    )

    def month(arrays: Mapping[str, Any]) -> EnergyMonth:
        weather, light = _weather_and_light(arrays, days)
        elevation, *angles = (arrays[name] for name in _SURFACE)
        cells = Surface(elevation, **dict(zip(_SURFACE[1:], angles, strict=True)))
        return eemt_topo_of_arrays(
            weather,
            light,
            cells,
            wetness_ratio=arrays["wetness_ratio"],
            parameters=parameters,
            threads=1,
        )

    return _balance(month, given)


def eemt_topo_veg(
    climate: xr.Dataset,
    sun: xr.Dataset,
    vegetation: xr.Dataset,
    *,
    elevation_m: xr.DataArray | float,
    wetness_ratio: xr.DataArray | float,
    days: float,
    parameters: EnergyParameters = _DEFAULTS,
) -> xr.Dataset:
    """EEMT_TOPO-VEG of a month: `eemt_core.energy.eemt_topo_veg` on DataArrays.

    Parameters
    ----------
    climate, sun
        As in `eemt_core.xarray.eemt_topo`.
    vegetation
        Variables ``lai`` [-] and ``canopy_height_m`` [m] on the same (y, x) cells, or numbers.
    elevation_m
        The DEM, for the air pressure [m].
    wetness_ratio
        The cells' wetness index over its mean [-], as `eemt_core.xarray.wetness_ratio` gives it.
    days
        Days of the month [d].
    parameters
        The choices of the balance.

    Returns
    -------
    xarray.Dataset
        ``e_ppt_mj_m2``, ``e_bio_mj_m2`` and ``eemt_mj_m2`` [MJ m-2].

    Raises
    ------
    ArgumentError
        If a variable is missing or no number, or cells, coordinates or CRS are not the same.

    Examples
    --------
    >>> import xarray as xr
    >>> from eemt_core.xarray import eemt_topo_veg
    >>> weather = xr.Dataset(
    ...     {"tmin_c": 8.0, "tmax_c": 22.0, "prcp_mm": 60.0, "vapour_pressure_pa": 900.0})
    >>> light = xr.Dataset({"total_wh_m2": 230e3, "flat_total_wh_m2": 240e3})
    >>> heights_m = xr.DataArray([[0.0, 20.0]], dims=("y", "x"))
    >>> canopy = xr.Dataset({"lai": 3.0, "canopy_height_m": heights_m})
    >>> june = eemt_topo_veg(
    ...     weather, light, canopy, elevation_m=2000.0, wetness_ratio=1.0, days=30)
    >>> june.e_bio_mj_m2.values.round(2)
    array([[0.19, 1.59]])
    """
    _check(days, parameters)
    given = (
        variables(climate, (*_CLIMATE, _CLIMATE_OPTIONAL[0]), _CLIMATE_OPTIONAL[1:], "climate")
        | variables(sun, ("total_wh_m2", "flat_total_wh_m2"), (), "sun")
        | variables(vegetation, ("lai", "canopy_height_m"), (), "vegetation")
        | {"elevation_m": elevation_m, "wetness_ratio": wetness_ratio}
    )

    def month(arrays: Mapping[str, Any]) -> EnergyMonth:
        weather, light = _weather_and_light(arrays, days)
        return eemt_topo_veg_of_arrays(
            weather,
            light,
            Vegetation(arrays["lai"], arrays["canopy_height_m"]),
            elevation_m=arrays["elevation_m"],
            wetness_ratio=arrays["wetness_ratio"],
            parameters=parameters,
            threads=1,
        )

    return _balance(month, given)


def _weather_and_light(arrays: Mapping[str, Any], days: float) -> tuple[MonthClimate, MonthSun]:
    options = {name: arrays[name] for name in _CLIMATE_OPTIONAL if name in arrays}
    weather = MonthClimate(*(arrays[name] for name in _CLIMATE), **options, days=days)
    return weather, MonthSun(arrays["total_wh_m2"], arrays["flat_total_wh_m2"])


def _balance(month: Callable[[Mapping[str, Any]], EnergyMonth], given: Variables) -> xr.Dataset:
    """Return the terms of a balance."""

    def both(arrays: Mapping[str, Any]) -> tuple[Any, Any]:
        made = month(arrays)
        return made.e_ppt_mj_m2, made.e_bio_mj_m2

    terms = by_cells(both, given, len(_TERMS))
    found = xr.Dataset(dict(zip(_TERMS, terms, strict=True)))
    found["eemt_mj_m2"] = found.e_ppt_mj_m2 + found.e_bio_mj_m2
    for name, text in {**_TERMS, "eemt_mj_m2": "Effective energy and mass transfer"}.items():
        found[name].attrs = {"units": "MJ m-2", "long_name": text}
    return found


def _check(days: object, parameters: object) -> None:
    """Raise at once, not when a block is computed."""
    number_in("days", days, 1, LONGEST_MONTH_DAYS)
    instance_of("parameters", parameters, EnergyParameters)
