"""Potential and actual evapotranspiration, as array functions.

Building blocks of the energy balance. An argument may be a (rows, cols) float32 or
float64 array or a number; at least one must be an array, and arrays agree in shape and
dtype, else `ArgumentError` names the culprit. A cell with NaN in any argument is NaN.
"""

from __future__ import annotations

import numpy as np

from .. import _core
from .._arrays import FloatArray, grids_or_numbers, thread_count
from ._kernel_parameters import for_kernel
from ._parameters import EnergyParameters

_DEFAULTS = EnergyParameters()


def hamon_pet(
    tmin_c: FloatArray | float,
    tmax_c: FloatArray | float,
    daylight_hours: FloatArray | float,
    *,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Potential evapotranspiration after Hamon, 2.1 H² e_s / (T + 273.2) [mm d-1].

    Parameters
    ----------
    tmin_c, tmax_c
        (rows, cols) arrays or numbers, daily extremes of air temperature [degC]; T is
        their mean.
    daylight_hours
        (rows, cols) array or number, H: from astronomical sunrise to sunset, not the sun
        behind the terrain [h].
    parameters
        Its `hamon_form` chooses this form or 29.8 H e_s / (T + 273.2).
    threads
        Number of threads; 0 means all.

    Returns
    -------
    pet_mm_day
        (rows, cols) array, 0 where T is not above freezing.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Hamon, W. R. (1963). Computation of direct runoff amounts from storm rainfall. IAHS
    Publication 63, 52-62. The forms: see `EnergyParameters`.

    Examples
    --------
    >>> import numpy as np
    >>> hamon_pet(np.array([[5.0]]), 20.0, 12.0).round(3)
    array([[1.699]])
    """
    arrays = grids_or_numbers(tmin_c=tmin_c, tmax_c=tmax_c, daylight_hours=daylight_hours)
    return _core.energy.hamon_pet(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def pan_resistance(wind_m_s: FloatArray | float, *, threads: int = 0) -> FloatArray:
    """Aerodynamic resistance of an open-water pan [s m-1].

    Parameters
    ----------
    wind_m_s
        (rows, cols) array or number, wind U at 2 m [m s-1].
    threads
        Number of threads; 0 means all.

    Returns
    -------
    resistance_s_m
        (rows, cols) array of the input's dtype [s m-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    Notes
    -----
    r_a = 4.72 ln(z_m/z_0)² / (1 + 0.536 U) with z_m = 2 m and z_0 = 0.00137 m.

    References
    ----------
    Shuttleworth, W. J. (1993). Evaporation. In: Maidment, D. R. (ed.), Handbook of
    Hydrology, McGraw-Hill, chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> pan_resistance(np.array([[1.0, 2.0]])).round(2)
    array([[163.13, 120.93]])
    """
    arrays = grids_or_numbers(wind_m_s=wind_m_s)
    return _core.energy.pan_resistance(**arrays, threads=thread_count(threads))


def canopy_resistance(
    wind_m_s: FloatArray | float,
    canopy_height_m: FloatArray | float,
    *,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Aerodynamic resistance of a canopy, FAO-56 Eq. 4 [s m-1].

    Parameters
    ----------
    wind_m_s
        (rows, cols) array or number, wind U 2 m above short grass [m s-1].
    canopy_height_m
        (rows, cols) array or number, canopy height h [m].
    parameters
        Its `canopy_height_min_m` and `blending_height_m` (z_b) are used.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    resistance_s_m
        (rows, cols) array; infinite where there is no wind.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    Notes
    -----
    r_a = ln((z_b - d)/z_0m) ln((z_h - d)/z_0h) / (0.41² U_b) with d = 2/3 h,
    z_0m = 0.123 h, z_0h = 0.1 z_0m. A weather station's wind belongs to its grass, not to
    the forest beside it, so U is carried up the logarithmic profile over grass of 0.12 m
    to the height z_b where the wind no longer feels the ground, and from there the
    canopy's own profile holds. Temperature and vapour are those z_h = h + 1.88 m, as far
    above the canopy as the screen is above its grass. At h = 0.12 m this is FAO-56's
    reference, 208/U.

    References
    ----------
    Allen, R. G., Pereira, L. S., Raes, D., Smith, M. (1998). Crop evapotranspiration. FAO
    Irrigation and Drainage Paper 56, Eq. 4 and Box 4.

    Allen, R. G., Tasumi, M., Trezza, R. (2007). Satellite-based energy balance for mapping
    evapotranspiration with internalized calibration (METRIC). Journal of Irrigation and
    Drainage Engineering 133(4), 380-394. doi:10.1061/(ASCE)0733-9437(2007)133:4(380)

    Examples
    --------
    >>> import numpy as np
    >>> canopy_resistance(1.0, np.array([[0.12, 20.0]])).round(0)
    array([[208.,  47.]])
    """
    arrays = grids_or_numbers(wind_m_s=wind_m_s, canopy_height_m=canopy_height_m)
    return _core.energy.canopy_resistance(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def surface_resistance(
    lai: FloatArray | float, *, parameters: EnergyParameters = _DEFAULTS, threads: int = 0
) -> FloatArray:
    """Bulk surface resistance of a canopy to vapour [s m-1].

    Parameters
    ----------
    lai
        (rows, cols) array or number, leaf area index [-].
    parameters
        Its `surface_resistance` chooses the form.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    resistance_s_m
        (rows, cols) array of the input's dtype [s m-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Rasmussen, C., et al. (2015). Quantifying topographic and vegetation effects on the
    transfer of energy and mass to the critical zone. Vadose Zone Journal 14(11).
    doi:10.2136/vzj2014.07.0102

    Allen, R. G., Pereira, L. S., Raes, D., Smith, M. (1998). Crop evapotranspiration. FAO
    Irrigation and Drainage Paper 56, Eq. 5.

    Examples
    --------
    >>> import numpy as np
    >>> surface_resistance(np.array([[0.0, 0.5, 6.0, 9.0]]))
    array([[55., 55., 38., 38.]])
    """
    arrays = grids_or_numbers(lai=lai)
    return _core.energy.surface_resistance(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def penman_monteith_et(
    temperature_c: FloatArray | float,
    net_radiation_mj_m2_day: FloatArray | float,
    vapour_pressure_deficit_pa: FloatArray | float,
    *,
    elevation_m: FloatArray | float,
    aerodynamic_resistance_s_m: FloatArray | float,
    surface_resistance_s_m: FloatArray | float,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Evapotranspiration by the combination equation, never negative [mm d-1].

    Parameters
    ----------
    temperature_c
        (rows, cols) array or number, mean air temperature [degC].
    net_radiation_mj_m2_day
        (rows, cols) array or number, from `net_radiation` [MJ m-2 d-1].
    vapour_pressure_deficit_pa
        (rows, cols) array or number, saturation less actual vapour pressure [Pa].
    elevation_m
        (rows, cols) array or number, elevation, for the air pressure [m].
    aerodynamic_resistance_s_m, surface_resistance_s_m
        (rows, cols) arrays or numbers, r_a (positive) and r_s [s m-1].
    parameters
        Its latent heat and `pressure_lapse_k_m` are used.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    et_mm_day
        (rows, cols) array of the inputs' dtype [mm d-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    Notes
    -----
    lambda ET = (Delta R_n + rho c_p VPD / r_a) / (Delta + gamma (1 + r_s / r_a)), without
    ground heat flux, with Delta = 0.04145 exp(0.06088 T) kPa K-1.

    References
    ----------
    Monteith, J. L. (1965). Evaporation and environment. Symposia of the Society for
    Experimental Biology 19, 205-234.

    Examples
    --------
    >>> import numpy as np
    >>> forest = penman_monteith_et(
    ...     np.array([[15.0]]), 12.0, 1000.0, elevation_m=2000.0,
    ...     aerodynamic_resistance_s_m=25.0, surface_resistance_s_m=45.0)
    >>> forest.round(2)
    array([[7.48]])
    """
    arrays = grids_or_numbers(
        temperature_c=temperature_c,
        net_radiation_mj_m2_day=net_radiation_mj_m2_day,
        vapour_pressure_deficit_pa=vapour_pressure_deficit_pa,
        elevation_m=elevation_m,
        aerodynamic_resistance_s_m=aerodynamic_resistance_s_m,
        surface_resistance_s_m=surface_resistance_s_m,
    )
    return _core.energy.penman_monteith(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def penman_pan_pet(
    temperature_c: FloatArray | float,
    net_radiation_mj_m2_day: FloatArray | float,
    vapour_pressure_deficit_pa: FloatArray | float,
    *,
    elevation_m: FloatArray | float,
    wind_m_s: FloatArray | float = _DEFAULTS.wind_m_s,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Potential evapotranspiration of open water after Penman and Shuttleworth [mm d-1].

    Parameters
    ----------
    temperature_c, net_radiation_mj_m2_day, vapour_pressure_deficit_pa, elevation_m
        As in `penman_monteith_et`.
    wind_m_s
        (rows, cols) array or number, wind at 2 m [m s-1].
    parameters
        Its latent heat and `pressure_lapse_k_m` are used.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    pet_mm_day
        (rows, cols) array of the inputs' dtype [mm d-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Shuttleworth, W. J. (1993). Evaporation. In: Maidment, D. R. (ed.), Handbook of
    Hydrology, McGraw-Hill, chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> penman_pan_pet(np.array([[15.0]]), 12.0, 1000.0, elevation_m=2000.0).round(2)
    array([[5.06]])
    """
    arrays = grids_or_numbers(
        temperature_c=temperature_c,
        net_radiation_mj_m2_day=net_radiation_mj_m2_day,
        vapour_pressure_deficit_pa=vapour_pressure_deficit_pa,
        elevation_m=elevation_m,
        wind_m_s=wind_m_s,
    )
    pan = _core.energy.pan_resistance(arrays.pop("wind_m_s"), threads=thread_count(threads))
    return _core.energy.penman_monteith(
        **arrays,
        aerodynamic_resistance_s_m=pan,
        surface_resistance_s_m=np.zeros((1, 1), pan.dtype),
        parameters=for_kernel(parameters),
        threads=thread_count(threads),
    )


def fu_aet(
    prcp_mm: FloatArray | float,
    pet_mm: FloatArray | float,
    *,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Actual evapotranspiration on Fu's curve [mm over the time of the arguments].

    Parameters
    ----------
    prcp_mm, pet_mm
        (rows, cols) arrays or numbers, precipitation P and potential evapotranspiration
        over the same time [mm].
    parameters
        Its `fu_w` is the exponent w.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    aet_mm
        (rows, cols) array, P (1 + phi - (1 + phi^w)^(1/w)) with phi = PET/P; never above
        P or PET, 0 where either is 0.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Zhang, L., et al. (2004). A rational function approach for estimating mean annual
    evapotranspiration. Water Resources Research 40, W02502. doi:10.1029/2003WR002710

    Examples
    --------
    >>> import numpy as np
    >>> fu_aet(100.0, np.array([[50.0, 100.0, 200.0]])).round(2)
    array([[44.14, 69.85, 88.28]])
    """
    arrays = grids_or_numbers(prcp_mm=prcp_mm, pet_mm=pet_mm)
    return _core.energy.fu_aet(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )
