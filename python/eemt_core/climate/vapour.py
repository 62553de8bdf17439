"""Vapour pressure from what a data set offers: dew point, deficit, or nothing but Tmin.

One formula for saturation (Bolton 1980), the one with which the energy balance forms its
vapour-pressure deficit, so that air taken as saturated at Tmin has no deficit there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Bolton's (1980, Eq. 10) fit, within 0.1 % from -30 to 35 degC
BOLTON_PA = 611.2
BOLTON_SLOPE = 17.67
BOLTON_OFFSET_C = 243.5

# no air over land is drier; keeps a deficit larger than the saturation value from
# giving a pressure of zero or less
DRIEST_PA = 1.0


def saturation_pa(temperature_c: NDArray[Any] | float) -> NDArray[Any]:
    """Saturation vapour pressure over water.

    Parameters
    ----------
    temperature_c
        Temperature [degC], any shape.

    Returns
    -------
    NDArray
        Pressure [Pa] of the input's shape; NaN where the input is.

    References
    ----------
    Bolton, D. (1980). The computation of equivalent potential temperature. Monthly Weather
    Review 108, 1046-1053. doi:10.1175/1520-0493(1980)108<1046:TCOEPT>2.0.CO;2

    Examples
    --------
    >>> [round(float(saturation_pa(t))) for t in (0.0, 10.0, 20.0)]
    [611, 1227, 2337]
    """
    t = np.asarray(temperature_c)
    return np.asarray(BOLTON_PA * np.exp(BOLTON_SLOPE * t / (t + BOLTON_OFFSET_C)))


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
