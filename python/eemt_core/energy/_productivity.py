"""Net primary production, as array functions: dry matter of a whole year [g m-2 yr-1].

Building blocks of the energy balance; a month has its share of the year's days. An
argument may be a (rows, cols) float32 or float64 array or a number; at least one must be
an array, and arrays agree in shape and dtype, else `ArgumentError` names the culprit. A
cell with NaN in any argument is NaN.
"""

from __future__ import annotations

import numpy as np

from .. import _core
from .._arrays import FloatArray, grids_or_numbers, into_radians, thread_count
from ..errors import ArgumentError
from ._kernel_parameters import for_kernel
from ._parameters import EnergyParameters

_DEFAULTS = EnergyParameters()

# float32 rounds the pole's latitude up by 4e-8
_POLE_RAD = np.pi / 2 + 1e-6


def lieth_npp(temperature_c: FloatArray | float, *, threads: int = 0) -> FloatArray:
    """Production from temperature, 3000 / (1 + exp(1.315 - 0.119 T)) [g m-2 yr-1].

    Parameters
    ----------
    temperature_c
        (rows, cols) array or number, mean air temperature [degC].
    threads
        Number of threads; 0 means all.

    Returns
    -------
    npp_g_m2_yr
        (rows, cols) array of the input's dtype [g m-2 yr-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    Notes
    -----
    The 2015 paper prints a minus in the denominator. The plus is Lieth's, and that of the
    other papers: the minus has a pole at 11 degC and gives negative values below it.

    References
    ----------
    Lieth, H. (1975). Modeling the primary productivity of the world. In: Primary
    Productivity of the Biosphere, Springer, 237-263. doi:10.1007/978-3-642-80913-2_12

    Examples
    --------
    >>> import numpy as np
    >>> lieth_npp(np.array([[0.0, 15.0]])).round(1)
    array([[ 635. , 1846.2]])
    """
    arrays = grids_or_numbers(temperature_c=temperature_c)
    return _core.energy.lieth_npp(**arrays, threads=thread_count(threads))


def topo_npp(
    elevation_m: FloatArray | float,
    slope_deg: FloatArray | float,
    aspect_deg: FloatArray | float,
    *,
    latitude_deg: FloatArray | float,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Production from terrain, 0.39 z + 346 n - 187 with n for the shade [g m-2 yr-1].

    Parameters
    ----------
    elevation_m
        (rows, cols) array or number, elevation z [m].
    slope_deg, aspect_deg
        (rows, cols) arrays or numbers: angle from the horizontal and direction the slope
        faces, clockwise from true north [degrees].
    latitude_deg
        (rows, cols) array or number, positive in the north [degrees]; its sign alone matters:
        n = sin(slope) cos(aspect) sign(latitude), so that shade counts in the north and the
        south alike, and 0 on the equator, where neither side is the shade.
    parameters
        Its `npp_floor_g_m2_yr` is the least value.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    npp_g_m2_yr
        (rows, cols) array of the inputs' dtype [g m-2 yr-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape, or a latitude lies beyond the poles.

    Notes
    -----
    Eq. 11 of Rasmussen et al. (2015), a regression on the Santa Catalina Mountains,
    Arizona, 800 to 2800 m (r² 0.82, RMSE 168). There, at 32 degrees north, what the printed
    n, sin(slope) cos(aspect), stands for is shade; south of the equator shade lies on the
    other side.

    References
    ----------
    Rasmussen, C., et al. (2015). Vadose Zone Journal 14(11). doi:10.2136/vzj2014.07.0102

    Examples
    --------
    >>> import numpy as np
    >>> aspects_deg = np.array([[0.0, 180.0]])
    >>> for latitude_deg in (32.0, -32.0):
    ...     north, south = topo_npp(2000.0, 30.0, aspects_deg, latitude_deg=latitude_deg)[0]
    ...     print(round(float(north - south)))
    346
    -346
    """
    arrays = into_radians(
        grids_or_numbers(
            elevation_m=elevation_m,
            slope_deg=slope_deg,
            aspect_deg=aspect_deg,
            latitude_deg=latitude_deg,
        )
    )
    lean_to_shade(arrays)
    return _core.energy.topo_npp(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def lean_to_shade(arrays: dict[str, FloatArray]) -> None:
    """Take ``latitude_rad`` out of a kernel's arrays and give ``slope_rad`` its sign.

    Equation 11 is all that the kernels ask of slope and aspect, and the sine is odd: a slope
    of the opposite sign has the opposite n, and one of 0 has none. North of the equator
    nothing changes.

    Raises
    ------
    ArgumentError
        If a latitude is beyond the poles.
    """
    latitude = arrays.pop("latitude_rad")
    if (latitude > 0).all() and latitude.max() <= _POLE_RAD:
        return
    if np.any(np.abs(latitude) > _POLE_RAD):
        worst = float(latitude.flat[np.nanargmax(np.abs(latitude))])
        raise ArgumentError(
            f"latitude_deg must lie in [-90, 90], got {np.degrees(worst):g}",
            field="latitude_deg",
            value=float(np.degrees(worst)),
        )
    slope = arrays["slope_rad"]
    arrays["slope_rad"] = np.ascontiguousarray(slope * np.sign(latitude))


def canopy_npp(
    canopy_height_m: FloatArray | float,
    *,
    parameters: EnergyParameters = _DEFAULTS,
    threads: int = 0,
) -> FloatArray:
    """Production from canopy height, 196 + 36 h - 0.61 (h - 12.0933)² [g m-2 yr-1].

    Parameters
    ----------
    canopy_height_m
        (rows, cols) array or number, canopy height h [m].
    parameters
        Its `canopy_npp_form` chooses this form or the printed one.
    threads
        Number of threads; 0 means all.

    Returns
    -------
    npp_g_m2_yr
        (rows, cols) array of the input's dtype [g m-2 yr-1].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    Notes
    -----
    Eq. 12 of Rasmussen et al. (2015; r² 0.89, RMSE 130). The parabola has its top at
    41.6 m; where it would be negative, above some 85 m, the production is 0.

    References
    ----------
    Rasmussen, C., et al. (2015). Vadose Zone Journal 14(11). doi:10.2136/vzj2014.07.0102

    Examples
    --------
    >>> import numpy as np
    >>> canopy_npp(np.array([[0.0, 20.0]])).round(1)
    array([[106.8, 877.9]])
    """
    arrays = grids_or_numbers(canopy_height_m=canopy_height_m)
    return _core.energy.canopy_npp(
        **arrays, parameters=for_kernel(parameters), threads=thread_count(threads)
    )


def lai_from_ndvi(ndvi: FloatArray | float, *, threads: int = 0) -> FloatArray:
    """Leaf area index, 18.99 x³ - 15.24 x² + 6.124 x - 0.352 within 0 to 9.5 [-].

    Parameters
    ----------
    ndvi
        (rows, cols) array or number, normalised difference vegetation index x [-].
    threads
        Number of threads; 0 means all.

    Returns
    -------
    lai
        (rows, cols) array of the input's dtype, 0 to 9.5 [-].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    References
    ----------
    Qi, J., et al. (2000). Leaf area index estimates using remotely sensed data and BRDF
    models in a semiarid region. Remote Sensing of Environment 73, 18-30.
    doi:10.1016/S0034-4257(99)00113-3

    Examples
    --------
    >>> import numpy as np
    >>> lai_from_ndvi(np.array([[0.0, 0.2, 0.5, 0.8]])).round(3)
    array([[0.   , 0.415, 1.274, 4.516]])
    """
    arrays = grids_or_numbers(ndvi=ndvi)
    return _core.energy.lai_from_ndvi(**arrays, threads=thread_count(threads))
