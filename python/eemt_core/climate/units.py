"""Whether a raster's numbers are in the unit they should be, by its tags and its values."""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from ..errors import InputError
from .model import Array

#: Daymet's and PRISM's fill; a file cut by hand may have lost its nodata tag.
FILL = -9999.0

_CELSIUS = {"c", "celsius", "degc", "degreec", "degreecelsius"}
# accepted spellings, in lower case, without signs, spaces and the plural of degree
_SPELLINGS = {
    "tmin": _CELSIUS,
    "tmax": _CELSIUS,
    "tdmean": _CELSIUS,
    "prcp": {"mm", "mm/month", "mmmonth-1", "mmmo-1", "millimeters", "millimetres", "kgm-2"},
    "vp": {"pa", "pascal", "pascals"},
    "vpdmin": {"hpa", "mb", "mbar", "hectopascal"},
    "vpdmax": {"hpa", "mb", "mbar", "hectopascal"},
}
UNIT = {
    "tmin": "degrees Celsius",
    "tmax": "degrees Celsius",
    "tdmean": "degrees Celsius",
    "prcp": "millimetres in the month",
    "vp": "pascals",
    "vpdmin": "hectopascals",
    "vpdmax": "hectopascals",
}

# colder than any month on Earth, hotter than any; kelvins lie far above
_COLDEST_C, _HOTTEST_C, _KELVIN = -90.0, 60.0, 150.0
# wettest month of North America: 3.8 m (Hawaii, March 1942)
_WETTEST_MM = 6000.0
# cubic interpolation of an earlier program undershoots by some tenths beside dry cells
_ROUNDING_MM = -1.0
# the wettest month of a year in even the Atacama has some tenths of a millimetre at most places,
# a year of less than this over a whole region is metres or a fraction
_DRIEST_YEAR_MM = 3.0
# saturation at 36 degC; the moistest month of a year is nowhere below 50 Pa (-48 degC)
_MOISTEST_PA, _LEAST_PA = 6000.0, 50.0
_LARGEST_DEFICIT_HPA = 150.0


def check_tag(quantity: str, tag: str | None, name: str) -> None:
    """Raise InputError where a unit tag is there and names another unit."""
    plain = (tag or "").lower().replace("degrees", "degree").replace("deg.", "deg")
    plain = plain.replace("°", "deg").replace(" ", "").replace("_", "").replace("^", "")
    if plain and plain not in _SPELLINGS[quantity]:
        raise InputError(
            f"{name} gives {quantity} in {tag!r}: convert it to {UNIT[quantity]} and say so in the "
            "file's unit"
        )


def without_fill(values: Array) -> Array:
    """Return the values with every fill replaced by NaN, tagged or not."""
    return np.where(values <= FILL, np.nan, values)


def check_values(quantity: str, values: Array, name: str) -> None:
    """Raise InputError where a month's values cannot be in the unit that is expected.

    Parameters
    ----------
    quantity
        A key of `UNIT`.
    values
        Array of any shape, NaN where there is no data.
    name
        The file, for the message.
    """
    if not np.isfinite(values).any():
        return
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if quantity in ("tmin", "tmax", "tdmean"):
        if low > _KELVIN:
            _complain(quantity, low, high, name, "kelvins")
        if high > _HOTTEST_C or low < _COLDEST_C:
            _complain(quantity, low, high, name, "degrees Fahrenheit or scaled integers")
    elif quantity == "prcp":
        if low < _ROUNDING_MM:
            raise InputError(
                f"{name} holds negative precipitation ({low:g}): mark such cells as nodata"
            )
        if high > _WETTEST_MM:
            _complain(quantity, low, high, name, "hundredths of millimetres")
    elif quantity == "vp":
        if low < 0 or high > _MOISTEST_PA:
            _complain(quantity, low, high, name, "something other than vapour pressure")
    elif high > _LARGEST_DEFICIT_HPA or low < -1.0:
        _complain(quantity, low, high, name, "pascals")


def check_year(quantity: str, year: Array, name: str) -> None:
    """Raise InputError where a year's values, (12, rows, cols), are too small to be true."""
    if not np.isfinite(year).any():
        return
    low, high = float(np.nanmin(year)), float(np.nanmax(year))
    if quantity == "prcp" and 0 < high * 12 < _DRIEST_YEAR_MM:
        _complain(quantity, low, high, name, "metres")
    if quantity == "vp" and high < _LEAST_PA:
        _complain(quantity, low, high, name, "hectopascals or kilopascals")


def _complain(quantity: str, low: float, high: float, name: str, unit: str) -> NoReturn:
    raise InputError(
        f"{name} holds values from {low:g} to {high:g}, which look like {unit}: {quantity} must "
        f"be in {UNIT[quantity]}"
    )


def check_order(tmin: Array, tmax: Array, tmin_name: str, tmax_name: str) -> None:
    """Raise InputError where a month's minimum is above its maximum by more than rounding."""
    if np.any(tmin - tmax > 0.1):
        raise InputError(
            f"{tmin_name} is warmer than {tmax_name} in some cells: the two may be exchanged"
        )
