"""Vapour pressure from what a data set offers: dew point, deficit, or nothing but Tmin.

Saturation is `air`'s, with which the energy balance forms its vapour-pressure deficit, so
that air taken as saturated at Tmin has no deficit there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..air import saturation_vapour_pressure

# no air over land is drier; keeps a deficit larger than the saturation value from
# giving a pressure of zero or less
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
    """Return e_a [Pa] where no humidity is known: the air is saturated at Tmin.

    References
    ----------
    Allen, R. G. et al. (1998). Crop evapotranspiration. FAO Irrigation and drainage
    paper 56, Eq. 48. Holds for moist sites; over dry land it is 2-3 degC of dew point high.
    """
    return saturation_pa(tmin_c)


def from_dew_point(dew_point_c: NDArray[Any]) -> NDArray[Any]:
    """Return e_a [Pa], the saturation pressure at the dew point [degC]."""
    return saturation_pa(dew_point_c)


def from_deficit(temperature_c: NDArray[Any], deficit_hpa: NDArray[Any]) -> NDArray[Any]:
    """Return e_a [Pa] from a temperature [degC] and the deficit [hPa] at that temperature.

    PRISM gives `vpdmax`, the deficit at Tmax, and `vpdmin`, the one at Tmin.
    """
    return np.maximum(saturation_pa(temperature_c) - 100.0 * deficit_hpa, DRIEST_PA)
