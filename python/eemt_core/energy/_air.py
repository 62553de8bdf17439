"""The air over a slope: vapour, pressure, local temperature, net radiation.

Building blocks of the energy balance, as array functions. An argument may be a
(rows, cols) float32 or float64 array or a number; at least one must be an array, and
arrays agree in shape and dtype, else `ArgumentError` names the culprit. A cell with NaN
in any argument is NaN.
"""

from __future__ import annotations

from typing import Literal

from .. import _core
from .._arrays import FloatArray, grids_or_numbers, thread_count
from .._numbers import choice_argument, number_in
from ._kernel_parameters import for_kernel
from ._parameters import EnergyParameters

_DEFAULTS = EnergyParameters()


def saturation_vapour_pressure(
    temperature_c: FloatArray | float,
    *,
    form: Literal["bolton", "tetens"] = "bolton",
    threads: int = 0,
) -> FloatArray:
    """Saturation vapour pressure over water [Pa].

    Parameters
    ----------
    temperature_c
        (rows, cols) array or number, air temperature [degC].
    form
        ``"bolton"``, 611.2 exp(17.67 T/(T + 243.5)), as in EEMT_TOPO; or ``"tetens"``,
        610.8 exp(17.27 T/(T + 237.3)), as in FAO-56 and Hamon's equation.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    pressure_pa
        (rows, cols) array of the input's dtype [Pa].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Bolton, D. (1980). The computation of equivalent potential temperature. Monthly Weather
    Review 108, 1046-1053. doi:10.1175/1520-0493(1980)108<1046:TCOEPT>2.0.CO;2

    Examples
    --------
    >>> import numpy as np
    >>> saturation_vapour_pressure(np.array([[0.0, 20.0]])).round(1)
    array([[ 611.2, 2336.9]])
    """
    choice_argument("form", form, ("bolton", "tetens"))
    arrays = grids_or_numbers(temperature_c=temperature_c)
    return _core.energy.saturation_vapour_pressure(
        **arrays, tetens=form == "tetens", threads=thread_count(threads)
    )


def air_pressure(
    elevation_m: FloatArray | float, *, parameters: EnergyParameters = _DEFAULTS, threads: int = 0
) -> FloatArray:
    """Mean air pressure at an elevation [Pa], FAO-56 Eq. 7.

    Parameters
    ----------
    elevation_m
        (rows, cols) array or number, elevation [m].
    parameters
        Its `pressure_lapse_k_m` is used.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    pressure_pa
        (rows, cols) array of the input's dtype [Pa].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Allen, R. G., Pereira, L. S., Raes, D., Smith, M. (1998). Crop evapotranspiration. FAO
    Irrigation and Drainage Paper 56, Eq. 7.

    Examples
    --------
    >>> import numpy as np
    >>> air_pressure(np.array([[0.0, 2000.0]])).round(-1)
    array([[101300.,  79790.]])
    """
    arrays = grids_or_numbers(elevation_m=elevation_m)
    return _core.energy.air_pressure(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def psychrometric_constant(
    elevation_m: FloatArray | float,
    temperature_c: FloatArray | float = 20.0,
    *,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Psychrometric constant c_p P / (0.622 lambda) [Pa K-1], FAO-56 Eq. 8.

    Parameters
    ----------
    elevation_m
        (rows, cols) array or number, elevation [m].
    temperature_c
        (rows, cols) array or number, air temperature [degC]; it matters only where
        `parameters.latent_heat` is ``"temperature"``.
    parameters
        Its latent heat and `pressure_lapse_k_m` are used.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    gamma_pa_k
        (rows, cols) array of the inputs' dtype [Pa K-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Allen, R. G., Pereira, L. S., Raes, D., Smith, M. (1998). Crop evapotranspiration. FAO
    Irrigation and Drainage Paper 56, Eq. 8.

    Examples
    --------
    >>> import numpy as np
    >>> psychrometric_constant(np.array([[0.0, 2000.0]])).round(2)
    array([[67.34, 53.04]])
    """
    arrays = grids_or_numbers(elevation_m=elevation_m, temperature_c=temperature_c)
    return _core.energy.psychrometric_constant(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def solar_ratio(
    solar_topo_wh_m2: FloatArray | float,
    solar_flat_wh_m2: FloatArray | float,
    *,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Sun on the slope over that on flat, unshaded ground, S [-].

    Parameters
    ----------
    solar_topo_wh_m2, solar_flat_wh_m2
        (rows, cols) arrays or numbers, sums over the same time [Wh m-2].
    parameters
        S is held within its `solar_ratio_min` and `solar_ratio_max`.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    ratio
        (rows, cols) array [-]; 1 where the flat ground has no sun.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Rasmussen, C., et al. (2015). Quantifying topographic and vegetation effects on the
    transfer of energy and mass to the critical zone. Vadose Zone Journal 14(11).
    doi:10.2136/vzj2014.07.0102

    Examples
    --------
    >>> import numpy as np
    >>> solar_ratio(np.array([[0.0, 900.0, 1500.0]]), 1000.0)
    array([[0.1, 0.9, 1.5]])
    """
    arrays = grids_or_numbers(solar_topo_wh_m2=solar_topo_wh_m2, solar_flat_wh_m2=solar_flat_wh_m2)
    return _core.energy.solar_ratio(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def solar_temperature_shift(
    solar_ratio: FloatArray | float,
    lai: FloatArray | float = 0.0,
    *,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Warming of the air by the slope's share of the sun, C (S - 1/S) (1 - LAI/LAI_max) [degC].

    Parameters
    ----------
    solar_ratio
        (rows, cols) array or number, S, from the function of that name [-].
    lai
        (rows, cols) array or number, leaf area index [-]; 0 in EEMT_TOPO.
    parameters
        Its `solar_term_c` and `lai_max` are used.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    shift_c
        (rows, cols) array of the inputs' dtype [degC]; negative where the slope has less than flat
        ground.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Moore, I. D., Norton, T. W., Williams, J. E. (1993). Modelling environmental
    heterogeneity in forested landscapes. Journal of Hydrology 150, 717-747.
    doi:10.1016/0022-1694(93)90133-T

    Examples
    --------
    >>> import numpy as np
    >>> solar_temperature_shift(np.array([[0.5, 0.8, 1.0, 2.0]])).round(2)
    array([[-1.5 , -0.45,  0.  ,  1.5 ]])
    """
    arrays = grids_or_numbers(solar_ratio=solar_ratio, lai=lai)
    return _core.energy.solar_temperature_shift(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def net_longwave(
    tmin_c: FloatArray | float,
    tmax_c: FloatArray | float,
    vapour_pressure_pa: FloatArray | float,
    *,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Net longwave radiation that the surface loses [MJ m-2 d-1], FAO-56 Eq. 39.

    Parameters
    ----------
    tmin_c, tmax_c
        (rows, cols) arrays or numbers, daily extremes of air temperature [degC].
    vapour_pressure_pa
        (rows, cols) array or number, actual vapour pressure [Pa].
    parameters
        Its `relative_shortwave` is used.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    longwave_mj_m2_day
        (rows, cols) array of the inputs' dtype [MJ m-2 d-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Allen, R. G., Pereira, L. S., Raes, D., Smith, M. (1998). Crop evapotranspiration. FAO
    Irrigation and Drainage Paper 56, Eq. 39.

    Examples
    --------
    >>> import numpy as np
    >>> net_longwave(np.array([[5.0]]), 20.0, 800.0).round(2)
    array([[7.04]])
    """
    arrays = grids_or_numbers(tmin_c=tmin_c, tmax_c=tmax_c, vapour_pressure_pa=vapour_pressure_pa)
    return _core.energy.net_longwave(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def net_radiation(
    solar_wh_m2: FloatArray | float,
    longwave_mj_m2_day: FloatArray | float,
    *,
    solar_days: float,
    albedo: FloatArray | float = _DEFAULTS.albedo,
    threads: int = 0,
) -> FloatArray:
    """Net radiation of the surface, (1 - albedo) S - L, as a daily mean [MJ m-2 d-1].

    Parameters
    ----------
    solar_wh_m2
        (rows, cols) array or number, global radiation summed over `solar_days` [Wh m-2].
    longwave_mj_m2_day
        (rows, cols) array or number, net longwave loss of a day, from `net_longwave`
        [MJ m-2 d-1].
    solar_days
        Number of days that the sum covers, 1 to 366 [d].
    albedo
        (rows, cols) array or number, share of the sun reflected [-].
    threads
        Number of threads; 0 means all.

    Returns
    -------
    net_radiation_mj_m2_day
        (rows, cols) array of the inputs' dtype [MJ m-2 d-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Allen, R. G., Pereira, L. S., Raes, D., Smith, M. (1998). Crop evapotranspiration. FAO
    Irrigation and Drainage Paper 56, Eq. 38 and 40.

    Examples
    --------
    >>> import numpy as np
    >>> net_radiation(np.array([[310e3 / 3.6]]), 7.0, solar_days=31).round(6)
    array([[1.]])
    """
    days = number_in("solar_days", solar_days, 1, 366)
    arrays = grids_or_numbers(
        solar_wh_m2=solar_wh_m2, albedo=albedo, longwave_mj_m2_day=longwave_mj_m2_day
    )
    return _core.energy.net_radiation(**arrays, solar_days=days, threads=thread_count(threads))
