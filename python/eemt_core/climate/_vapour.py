"""Vapour pressure from what a data set holds: dew point, vapour-pressure deficit, or only Tmin.

A station's vapour pressure is also converted to other elevations here. Saturation pressure is
computed as `eemt_core.energy` does for its vapour-pressure deficit, so that air assumed to be
saturated at Tmin has a deficit of exactly 0 at Tmin.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..energy import saturation_vapour_pressure

# lowest vapour pressure over land; the limit prevents zero or negative values if a rounded deficit
# is larger than the saturation pressure
DRIEST_PA = 1.0


def saturation_pa(temperature_c: NDArray[Any]) -> NDArray[Any]:
    """Saturation vapour pressure over water [Pa] of an array [degC] of any shape.

    Examples
    --------
    >>> saturation_pa(np.array([0.0, 10.0, 20.0])).round().tolist()
    [611.0, 1227.0, 2337.0]
    """
    row = np.ascontiguousarray(temperature_c).reshape(1, -1)
    return saturation_vapour_pressure(row, threads=1).reshape(np.shape(temperature_c))


def from_tmin(tmin_c: NDArray[Any]) -> NDArray[Any]:
    """Return e_a [Pa] if no humidity is known: air is assumed to be saturated at Tmin.

    References
    ----------
    Allen, R. G. et al. (1998). Crop evapotranspiration. FAO Irrigation and drainage
    paper 56, Eq. 48. It holds for humid sites; at dry sites the dew point is 2-3 degC too high.
    """
    return saturation_pa(tmin_c)


def at_height(
    vapour_pressure_pa: float, station_c: float, temperature_c: NDArray[Any]
) -> NDArray[Any]:
    """Return a station's e_a [Pa] at other elevations, at constant relative humidity.

    Parameters
    ----------
    vapour_pressure_pa
        e_a at the station [Pa]; a value above saturation is limited to saturation.
    station_c
        Mean temperature at the station [degC].
    temperature_c
        Array of any shape, mean temperature at the other places [degC].

    Notes
    -----
    ``e_a = RH e_s(T)`` with ``RH = min(e_a / e_s(T), 1)`` at the station, as in Durcik &
    Rasmussen's recipe of EEMT_TOPO, so that air is nowhere supersaturated. With an unchanged
    vapour pressure, air saturated at the station would exceed saturation 1000 m higher by half.

    Examples
    --------
    >>> at_height(800.0, 15.0, np.array([15.0, 8.51])).round(1).tolist()
    [800.0, 521.1]
    """
    share = temperature_c.dtype.type(humidity(vapour_pressure_pa, station_c))
    pressure: NDArray[Any] = saturation_pa(temperature_c) * share
    return pressure


def humidity(vapour_pressure_pa: float, temperature_c: float) -> float:
    """Return the relative humidity [-] of air of a vapour pressure [Pa], at most 1."""
    saturation = float(saturation_pa(np.array([temperature_c]))[0])
    return min(vapour_pressure_pa / saturation, 1.0)


def from_dew_point(dew_point_c: NDArray[Any]) -> NDArray[Any]:
    """Return e_a [Pa], which is the saturation pressure at the dew point [degC]."""
    return saturation_pa(dew_point_c)


def from_deficit(temperature_c: NDArray[Any], deficit_hpa: NDArray[Any]) -> NDArray[Any]:
    """Return e_a [Pa] from a temperature [degC] and the vapour-pressure deficit [hPa] at it.

    PRISM has `vpdmax`, the deficit at Tmax, and `vpdmin`, the deficit at Tmin.
    """
    return np.maximum(saturation_pa(temperature_c) - 100.0 * deficit_hpa, DRIEST_PA)
