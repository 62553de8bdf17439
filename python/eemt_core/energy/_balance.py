"""Effective energy and mass transfer of a month: EEMT_TRAD, EEMT_TOPO, EEMT_TOPO-VEG.

The three functions take arrays of one month's climate on the cells of a DEM and return
both energy terms. Each array argument is a (rows, cols) float32 or float64 array, or a
number that holds everywhere; at least one must be an array, and arrays agree in shape and
dtype. A cell with NaN in any argument is NaN in both terms, and no other cell is.

The steps on the way are functions too (`hamon_pet`, `fu_aet`, `lieth_npp`, ...). This
module knows arrays only: lapse rates, calendars and files belong to the climate.
"""

from __future__ import annotations

from .. import _core
from .._arrays import FloatArray, grids_or_numbers
from ._month import EnergyMonth, month_span, ratio_sums
from ._parameters import EnergyParameters
from ._productivity import lean_to_shade

_DEFAULTS = EnergyParameters()


def eemt_trad(
    tmin_c: FloatArray | float,
    tmax_c: FloatArray | float,
    prcp_mm: FloatArray | float,
    *,
    daylight_hours: FloatArray | float,
    days: float,
    year_days: float = 365,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> EnergyMonth:
    """EEMT_TRAD of a month: Hamon's PET, production from temperature.

    Parameters
    ----------
    tmin_c, tmax_c
        (rows, cols) arrays or numbers, the month's mean daily minimum and maximum of air
        temperature at the cell, lapse rates applied [degC].
    prcp_mm
        (rows, cols) array or number, precipitation of the month [mm].
    daylight_hours
        (rows, cols) array or number, astronomical length of the day [h].
    days, year_days
        Days of the month and of its year.
    parameters
        The choices; `hamon_form` and the two heat contents matter here.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    EnergyMonth
        Arrays of the dtype of the arguments.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape or a number lies outside its range.

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
    >>> april = eemt_trad(np.array([[1.0]]), 15.0, 50.0, daylight_hours=13.1, days=30)
    >>> april.e_bio_mj_m2.round(3), april.e_ppt_mj_m2.round(3)
    (array([[2.225]]), array([[0.154]]))
    """
    arrays = grids_or_numbers(
        tmin_c=tmin_c, tmax_c=tmax_c, prcp_mm=prcp_mm, daylight_hours=daylight_hours
    )
    terms = _core.energy.eemt_trad(
        **arrays,
        span=month_span(days, year_days, None),
        parameters=parameters._kernel(),
        threads=threads,
    )
    return EnergyMonth(*terms)


def eemt_topo(
    tmin_c: FloatArray | float,
    tmax_c: FloatArray | float,
    prcp_mm: FloatArray | float,
    vapour_pressure_pa: FloatArray | float,
    *,
    elevation_m: FloatArray | float,
    slope_rad: FloatArray | float,
    aspect_rad: FloatArray | float,
    latitude_rad: FloatArray | float,
    wetness_ratio: FloatArray | float,
    solar_topo_wh_m2: FloatArray | float,
    solar_flat_wh_m2: FloatArray | float,
    ratio_topo_wh_m2: FloatArray | float | None = None,
    ratio_flat_wh_m2: FloatArray | float | None = None,
    wind_m_s: FloatArray | float | None = None,
    albedo: FloatArray | float | None = None,
    days: float,
    year_days: float = 365,
    solar_days: float | None = None,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> EnergyMonth:
    """EEMT_TOPO of a month: sun on the slope, Penman's PET on Fu's curve, wetness.

    Parameters
    ----------
    tmin_c, tmax_c, prcp_mm
        As in `eemt_trad`.
    vapour_pressure_pa
        (rows, cols) array or number, actual vapour pressure [Pa].
    elevation_m
        (rows, cols) array or number [m].
    slope_rad, aspect_rad
        (rows, cols) arrays or numbers: angle from the horizontal, and the direction the
        slope faces, clockwise from TRUE north [rad].
    latitude_rad
        (rows, cols) array or number, positive in the north [rad]; its sign alone matters.
    wetness_ratio
        (rows, cols) array or number, the cell's topographic wetness index over the mean
        of the index (`water.wetness_ratio`) [-]; less than 0 counts as 0.
    solar_topo_wh_m2, solar_flat_wh_m2
        (rows, cols) arrays or numbers, global radiation of the month on the slope, with
        shadows, and on flat ground without [Wh m-2].
    ratio_topo_wh_m2, ratio_flat_wh_m2
        The sums whose ratio is S, both or neither: the beam, for example [Wh m-2].
        Default: the global radiation above.
    wind_m_s
        (rows, cols) array or number, wind at 2 m [m s-1]. Default: that of `parameters`.
    albedo
        (rows, cols) array or number, share of the sun reflected [-]. Default: that of
        `parameters`.
    days, year_days
        Days of the month and of its year.
    solar_days
        Days that the solar sums cover. Default: `days`, and 28 where that is 29, as the
        solar calendar has no 29 February; the daily mean is used.
    parameters
        The choices.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    EnergyMonth
        Arrays of the dtype of the arguments.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape or a number lies outside its range.

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
    >>> june = eemt_topo(
    ...     8.0, 22.0, 60.0, 900.0, elevation_m=np.array([[2000.0]]), slope_rad=0.0,
    ...     aspect_rad=0.0, latitude_rad=0.7, wetness_ratio=1.0, solar_topo_wh_m2=250e3,
    ...     solar_flat_wh_m2=250e3, days=30)
    >>> june.e_bio_mj_m2.round(3)
    array([[1.072]])
    """
    ratio_topo_wh_m2, ratio_flat_wh_m2 = ratio_sums(
        ratio_topo_wh_m2, ratio_flat_wh_m2, solar_topo_wh_m2, solar_flat_wh_m2
    )
    arrays = grids_or_numbers(
        tmin_c=tmin_c,
        tmax_c=tmax_c,
        prcp_mm=prcp_mm,
        vapour_pressure_pa=vapour_pressure_pa,
        elevation_m=elevation_m,
        wetness_ratio=wetness_ratio,
        solar_topo_wh_m2=solar_topo_wh_m2,
        solar_flat_wh_m2=solar_flat_wh_m2,
        ratio_topo_wh_m2=ratio_topo_wh_m2,
        ratio_flat_wh_m2=ratio_flat_wh_m2,
        wind_m_s=parameters.wind_m_s if wind_m_s is None else wind_m_s,
        albedo=parameters.albedo if albedo is None else albedo,
        slope_rad=slope_rad,
        aspect_rad=aspect_rad,
        latitude_rad=latitude_rad,
    )
    lean_to_shade(arrays)
    del arrays["solar_flat_wh_m2"]  # it is in the ratio
    terms = _core.energy.eemt_topo(
        **arrays,
        span=month_span(days, year_days, solar_days),
        parameters=parameters._kernel(),
        threads=threads,
    )
    return EnergyMonth(*terms)


def eemt_topo_veg(
    tmin_c: FloatArray | float,
    tmax_c: FloatArray | float,
    prcp_mm: FloatArray | float,
    vapour_pressure_pa: FloatArray | float,
    *,
    elevation_m: FloatArray | float,
    wetness_ratio: FloatArray | float,
    solar_topo_wh_m2: FloatArray | float,
    solar_flat_wh_m2: FloatArray | float,
    lai: FloatArray | float,
    canopy_height_m: FloatArray | float,
    ratio_topo_wh_m2: FloatArray | float | None = None,
    ratio_flat_wh_m2: FloatArray | float | None = None,
    wind_m_s: FloatArray | float | None = None,
    albedo: FloatArray | float | None = None,
    days: float,
    year_days: float = 365,
    solar_days: float | None = None,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> EnergyMonth:
    """EEMT_TOPO-VEG of a month: as EEMT_TOPO, with the canopy that stands on the slope.

    Parameters
    ----------
    lai
        (rows, cols) array or number, leaf area index of the month [-].
    canopy_height_m
        (rows, cols) array or number, canopy height h [m].

    All others, the result and the errors are as in `eemt_topo`; slope, aspect and latitude
    are not needed.

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
    >>> january = eemt_topo_veg(
    ...     -3.0, 7.0, 60.0, 500.0, elevation_m=2000.0, wetness_ratio=1.0,
    ...     solar_topo_wh_m2=100e3, solar_flat_wh_m2=100e3, lai=3.0,
    ...     canopy_height_m=np.array([[0.0, 20.0]]), days=31)
    >>> january.e_bio_mj_m2.round(2)
    array([[0.2 , 1.64]])
    """
    ratio_topo_wh_m2, ratio_flat_wh_m2 = ratio_sums(
        ratio_topo_wh_m2, ratio_flat_wh_m2, solar_topo_wh_m2, solar_flat_wh_m2
    )
    arrays = grids_or_numbers(
        tmin_c=tmin_c,
        tmax_c=tmax_c,
        prcp_mm=prcp_mm,
        vapour_pressure_pa=vapour_pressure_pa,
        elevation_m=elevation_m,
        wetness_ratio=wetness_ratio,
        solar_topo_wh_m2=solar_topo_wh_m2,
        solar_flat_wh_m2=solar_flat_wh_m2,
        ratio_topo_wh_m2=ratio_topo_wh_m2,
        ratio_flat_wh_m2=ratio_flat_wh_m2,
        wind_m_s=parameters.wind_m_s if wind_m_s is None else wind_m_s,
        albedo=parameters.albedo if albedo is None else albedo,
        lai=lai,
        canopy_height_m=canopy_height_m,
    )
    del arrays["solar_flat_wh_m2"]  # it is in the ratio
    terms = _core.energy.eemt_topo_veg(
        **arrays,
        span=month_span(days, year_days, solar_days),
        parameters=parameters._kernel(),
        threads=threads,
    )
    return EnergyMonth(*terms)
