"""Effective energy and mass transfer of a month: EEMT_TRAD, EEMT_TOPO, EEMT_TOPO-VEG.

The three functions take a month's climate and sun on the cells of a DEM and return both energy
terms. Each value is a (rows, cols) float32 or float64 array, or a number that holds everywhere;
numbers alone are one cell, and arrays agree in shape and dtype. A cell with NaN in any of them
is NaN in both terms, and no other cell is.

The steps on the way are functions too (`hamon_pet`, `fu_aet`, `lieth_npp`, ...).
"""

from __future__ import annotations

from .. import _core
from .._arrays import FloatArray, grids_or_numbers, into_radians, thread_count
from .._numbers import instance_of
from ..errors import ArgumentError
from ..terrain import Surface, Terrain
from ._kernel_parameters import for_kernel
from ._month import EnergyMonth, MonthClimate, MonthSun, Vegetation, month_span
from ._parameters import EnergyParameters
from ._productivity import lean_to_shade

_DEFAULTS = EnergyParameters()
_OF_SUMS = "make one of a month's total_wh_m2 and flat_total_wh_m2"


def eemt_trad(
    climate: MonthClimate,
    *,
    daylight_hours: FloatArray | float,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> EnergyMonth:
    """EEMT_TRAD of a month: Hamon's evapotranspiration, production from temperature.

    Parameters
    ----------
    climate
        The month's temperatures and precipitation at the cells.
    daylight_hours
        (rows, cols) array or number, mean astronomical length of the month's days [h]
        (`eemt_core.solar.day_length_hours`).
    parameters
        The choices; `hamon_form` and the two heat contents matter here.
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    EnergyMonth
        (rows, cols) arrays [MJ m-2] of the dtype of the arguments.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    Notes
    -----
    With T the mean of the extremes, only where precipitation exceeds PET (elsewhere both
    terms are 0)::

        E_PPT = c_w (P - PET) max(T, 0)
        E_BIO = h_BIO · 3000 / (1 + exp(1.315 - 0.119 T)) · days / year_days

    References
    ----------
    Rasmussen, C., Southard, R. J., Horwath, W. R. (2005). Modeling energy inputs to predict
    pedogenic environments using regional environmental databases. Soil Science Society of
    America Journal 69, 1266-1274. doi:10.2136/sssaj2003.0283

    Examples
    --------
    >>> import numpy as np
    >>> from eemt_core.energy import MonthClimate
    >>> weather = MonthClimate(np.array([[1.0]]), 15.0, 50.0, days=30)
    >>> april = eemt_trad(weather, daylight_hours=13.1)
    >>> april.e_bio_mj_m2.round(3), april.e_ppt_mj_m2.round(3)
    (array([[2.225]]), array([[0.154]]))
    """
    instance_of("climate", climate, MonthClimate)
    arrays = grids_or_numbers(
        tmin_c=climate.tmin_c,
        tmax_c=climate.tmax_c,
        prcp_mm=climate.prcp_mm,
        daylight_hours=daylight_hours,
    )
    terms = _core.energy.eemt_trad(
        **arrays,
        span=month_span(climate),
        parameters=for_kernel(parameters),
        threads=thread_count(threads),
    )
    return EnergyMonth(*terms)


def eemt_topo(
    climate: MonthClimate,
    sun: MonthSun,
    surface: Surface,
    *,
    wetness_ratio: FloatArray | float,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> EnergyMonth:
    """EEMT_TOPO of a month: sun on the slope, Penman's evapotranspiration on Fu's curve, wetness.

    Parameters
    ----------
    climate
        The month's weather at the cells, vapour pressure included.
    sun
        The month's sun on the slopes and on flat ground.
    surface
        Elevation, slope, aspect and latitude of the cells (`eemt_core.terrain.Terrain.surface`);
        its convergence turns the aspect to true north. Of the latitude the sign alone matters.
    wetness_ratio
        (rows, cols) array or number, the cell's topographic wetness index over the mean
        of the index (`eemt_core.water.wetness_ratio`) [-]; less than 0 counts as 0.
    parameters
        The choices.
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    EnergyMonth
        (rows, cols) arrays [MJ m-2] of the dtype of the arguments.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape, or the climate has no vapour pressure.

    Notes
    -----
    ::

        S     = S_topo / S_flat                 T_max += C (S - 1/S)
        PET   = Penman's open water with R_n = (1 - albedo) S_topo - L_n
        AET   = P (1 + phi - (1 + phi^w)^(1/w)),  phi = PET / P
        E_PPT = c_w · wetness_ratio (P - AET) · max(T, 0)
        E_BIO = h_BIO · max(0.39 z + 346 n - 187, 100) · days / year_days
        n     = sin(slope) cos(aspect) sign(latitude), towards the shade (see `topo_npp`)

    References
    ----------
    Rasmussen, C., et al. (2015). Quantifying topographic and vegetation effects on the
    transfer of energy and mass to the critical zone. Vadose Zone Journal 14(11).
    doi:10.2136/vzj2014.07.0102

    Examples
    --------
    >>> import numpy as np
    >>> from eemt_core.energy import MonthClimate, MonthSun
    >>> from eemt_core.terrain import Surface
    >>> weather = MonthClimate(8.0, 22.0, 60.0, vapour_pressure_pa=900.0, days=30)
    >>> plain = Surface(np.array([[2000.0]]), latitude_deg=40.0)
    >>> june = eemt_topo(weather, MonthSun(250e3, 250e3), plain, wetness_ratio=1.0)
    >>> june.e_bio_mj_m2.round(3)
    array([[1.072]])
    """
    is_terrain = isinstance(surface, Terrain)
    instance_of("surface", surface, Surface, remedy="give its .surface" if is_terrain else "")
    arrays = _month_arrays(
        climate,
        sun,
        parameters,
        elevation_m=surface.elevation_m,
        slope_deg=surface.slope_deg,
        aspect_deg=surface.aspect_deg + surface.convergence_deg,
        latitude_deg=surface.latitude_deg,
        wetness_ratio=wetness_ratio,
    )
    return _topo(into_radians(arrays), climate, sun, parameters, threads)


def topo_terms(
    climate: MonthClimate,
    sun: MonthSun,
    *,
    elevation_m: FloatArray | float,
    slope_rad: FloatArray | float,
    aspect_rad: FloatArray | float,
    latitude_rad: FloatArray | float,
    wetness_ratio: FloatArray | float,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> EnergyMonth:
    """Return EEMT_TOPO as `eemt_topo` does, of radians; the aspect is clockwise from TRUE north."""
    arrays = _month_arrays(
        climate,
        sun,
        parameters,
        elevation_m=elevation_m,
        wetness_ratio=wetness_ratio,
        slope_rad=slope_rad,
        aspect_rad=aspect_rad,
        latitude_rad=latitude_rad,
    )
    return _topo(arrays, climate, sun, parameters, threads)


def _topo(
    arrays: dict[str, FloatArray],
    climate: MonthClimate,
    sun: MonthSun,
    parameters: EnergyParameters,
    threads: int,
) -> EnergyMonth:
    lean_to_shade(arrays)
    terms = _core.energy.eemt_topo(
        **arrays,
        span=month_span(climate, sun),
        parameters=for_kernel(parameters),
        threads=thread_count(threads),
    )
    return EnergyMonth(*terms)


def eemt_topo_veg(
    climate: MonthClimate,
    sun: MonthSun,
    vegetation: Vegetation,
    *,
    elevation_m: FloatArray | float,
    wetness_ratio: FloatArray | float,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> EnergyMonth:
    """EEMT_TOPO-VEG of a month: as EEMT_TOPO, with the canopy that stands on the slope.

    Parameters
    ----------
    climate
        The month's weather at the cells, vapour pressure included.
    sun
        The month's sun on the slopes and on flat ground.
    vegetation
        Leaf area and height of the canopy.
    elevation_m
        (rows, cols) array or number, elevation, for the air pressure [m].
    wetness_ratio
        (rows, cols) array or number, as in `eemt_topo` [-].
    parameters
        The choices.
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    EnergyMonth
        (rows, cols) arrays [MJ m-2] of the dtype of the arguments.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape, or the climate has no vapour pressure.

    Notes
    -----
    ::

        T_max += C (S - 1/S) (1 - LAI / LAI_max)
        AET    = min(Penman-Monteith with r_a(h), r_s(LAI), P)
        E_PPT  = c_w · wetness_ratio (P - AET) · max(T, 0)
        E_BIO  = h_BIO · (196 + 36 h - 0.61 (h - 12.0933)²) · days / year_days

    See `canopy_resistance` and `surface_resistance` for r_a and r_s.

    References
    ----------
    Rasmussen, C., et al. (2015). Quantifying topographic and vegetation effects on the
    transfer of energy and mass to the critical zone. Vadose Zone Journal 14(11).
    doi:10.2136/vzj2014.07.0102

    Examples
    --------
    >>> import numpy as np
    >>> from eemt_core.energy import MonthClimate, MonthSun, Vegetation
    >>> weather = MonthClimate(-3.0, 7.0, 60.0, vapour_pressure_pa=500.0, days=31)
    >>> canopy = Vegetation(lai=3.0, canopy_height_m=np.array([[0.0, 20.0]]))
    >>> january = eemt_topo_veg(
    ...     weather, MonthSun(100e3, 100e3), canopy, elevation_m=2000.0, wetness_ratio=1.0)
    >>> january.e_bio_mj_m2.round(2)
    array([[0.2 , 1.64]])
    """
    instance_of("vegetation", vegetation, Vegetation)
    arrays = _month_arrays(
        climate,
        sun,
        parameters,
        elevation_m=elevation_m,
        wetness_ratio=wetness_ratio,
        lai=vegetation.lai,
        canopy_height_m=vegetation.canopy_height_m,
    )
    terms = _core.energy.eemt_topo_veg(
        **arrays,
        span=month_span(climate, sun),
        parameters=for_kernel(parameters),
        threads=thread_count(threads),
    )
    return EnergyMonth(*terms)


def _month_arrays(
    climate: MonthClimate,
    sun: MonthSun,
    parameters: EnergyParameters,
    **cells: FloatArray | float,
) -> dict[str, FloatArray]:
    """Return what both kernels take of a month, and `cells`, by the kernels' names."""
    instance_of("climate", climate, MonthClimate)
    instance_of("sun", sun, MonthSun, remedy=_OF_SUMS)
    instance_of("parameters", parameters, EnergyParameters)
    if climate.vapour_pressure_pa is None:
        raise ArgumentError(
            "the climate must have vapour_pressure_pa",
            remedy="where it is unknown, saturation_vapour_pressure(tmin_c) is the usual estimate",
            field="climate",
        )
    ratio_topo, ratio_flat = sun.ratio_topo_wh_m2, sun.ratio_flat_wh_m2
    arrays = grids_or_numbers(
        tmin_c=climate.tmin_c,
        tmax_c=climate.tmax_c,
        prcp_mm=climate.prcp_mm,
        vapour_pressure_pa=climate.vapour_pressure_pa,
        topo_wh_m2=sun.topo_wh_m2,
        flat_wh_m2=sun.flat_wh_m2,
        ratio_topo_wh_m2=sun.topo_wh_m2 if ratio_topo is None else ratio_topo,
        ratio_flat_wh_m2=sun.flat_wh_m2 if ratio_flat is None else ratio_flat,
        wind_m_s=parameters.wind_m_s if climate.wind_m_s is None else climate.wind_m_s,
        albedo=parameters.albedo if sun.albedo is None else sun.albedo,
        **cells,
    )
    arrays["solar_topo_wh_m2"] = arrays.pop("topo_wh_m2")
    del arrays["flat_wh_m2"]  # it is in the ratio
    return arrays
