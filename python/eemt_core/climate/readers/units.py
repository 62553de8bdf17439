"""Checks a climate raster's unit, by its tags and by the range of its values."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import NoReturn

import numpy as np

from ... import plausible
from ...errors import InputError
from ...rasters import RasterInfo
from ...rasters.odd_values import OddValues, mend, stored
from .._model import Array
from .raster_set import Band

#: Fill value of Daymet and PRISM, also recognised in files that lost their nodata tag.
FILL = -9999.0

_CELSIUS = {"c", "celsius", "degc", "degreec", "degreecelsius"}
# accepted units, compared in lower case, without signs and spaces, and with "degree" for "degrees"
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

_KINDS = {
    "tmin": plausible.TEMPERATURE,
    "tmax": plausible.TEMPERATURE,
    "tdmean": plausible.TEMPERATURE,
    "prcp": plausible.RASTER_PRECIPITATION,
    "vp": plausible.RASTER_VAPOUR_PRESSURE,
    "vpdmin": plausible.VAPOUR_DEFICIT,
    "vpdmax": plausible.VAPOUR_DEFICIT,
}
# likely meaning of values outside these ranges, for the message
_LOOKS = {
    "tmin": "degrees Fahrenheit or scaled integers",
    "tmax": "degrees Fahrenheit or scaled integers",
    "tdmean": "degrees Fahrenheit or scaled integers",
    "prcp": "hundredths of millimetres",
    "vp": "something other than vapour pressure",
    "vpdmin": "pascals",
    "vpdmax": "pascals",
}
_KELVIN = 150.0
# Even in the Atacama the wettest month has some tenths of a millimetre nearly everywhere. If twelve
# times the wettest month of a whole region is less than this, the unit is probably metres.
_DRIEST_YEAR_MM = 3.0
# in the most humid month of a year vapour pressure is above 50 Pa (dew point -48 degC) everywhere
_LEAST_PA = 50.0


def check_tag(quantity: str, tag: str | None, name: str) -> None:
    """Raise InputError if there is a unit tag and it names another unit than expected."""
    plain = (tag or "").lower().replace("degrees", "degree").replace("deg.", "deg")
    plain = plain.replace("°", "deg").replace(" ", "").replace("_", "").replace("^", "")
    if plain and plain not in _SPELLINGS[quantity]:
        raise InputError(
            f"{name} gives {quantity} in {tag!r}",
            remedy=f"convert it to {UNIT[quantity]} and say so in the file's unit",
        )


def without_fill(values: Array) -> Array:
    """Return the values with NaN for every fill value, whether or not the file declares it."""
    return np.where(values <= FILL, np.nan, values)


def check_values(quantity: str, values: Array, band: Band, info: RasterInfo) -> None:
    """Raise InputError if a month's values are impossible, or not in the expected unit.

    Parameters
    ----------
    quantity
        A key of `UNIT`.
    values
        Array of any shape, NaN where there is no data.
    band, info
        The band of these values, and the metadata of its file.
    """
    known, name = values[np.isfinite(values)], band.name
    if not known.size:
        return
    low, high = float(known.min()), float(known.max())
    if _KINDS[quantity] is plausible.TEMPERATURE and low > _KELVIN:
        _complain(quantity, low, high, name, "kelvins")
    odd = OddValues(_KINDS[quantity])
    odd.add(known[odd.mark(known)])
    if not odd:
        return
    # fill values may occupy most cells, but not all; a wrong unit affects all of them
    if odd.few and (2 * odd.cells <= known.size or (len(odd.few) <= 2 and odd.cells < known.size)):
        which = "which is no" if len(odd.few) == 1 else "which are no"
        raise InputError(
            f"{name} holds {odd.text()} over the DEM, {which} {odd.quantity.text}",
            remedy=mend_file(odd, band.path, band.file, info, band.index - 1),
        )
    if quantity == "prcp" and low < odd.quantity.lowest:
        raise InputError(
            f"{name} holds negative precipitation ({low:g})", remedy="mark such cells as nodata"
        )
    _complain(quantity, low, high, name, _LOOKS[quantity])


def mend_file(odd: OddValues, path: str, file: Path, info: RasterInfo, k: int = 0) -> str:
    """Return a command that marks the odd values as nodata, and keeps the file's name.

    `path` is the name that GDAL opens, `file` the file on disk, and `info` its metadata, of which
    those of band `k` are used.
    """
    if path.startswith("/vsizip/"):
        folder, packed = (shlex.quote(str(place)) for place in (file.parent, file))
        return f"unpack it first, with unzip -d {folder} {packed} && rm {packed}"
    scale, offset, nodata = info.scales[k], info.offsets[k], info.nodata[k]
    is_geotiff = file.suffix.lower() in (".tif", ".tiff")
    if is_geotiff and nodata is None and len(odd.few) == 1:
        value = stored(odd.few[0], scale, offset, info.dtype)
        return f"mark such cells as nodata with rio edit-info --nodata {value} {shlex.quote(path)}"
    # the new file needs a name of the same month, and the old file must be replaced or removed
    plain = file.with_suffix(".tif")
    made = plain.with_suffix(".mended") if is_geotiff else plain
    command = mend(path, odd, scale=scale, offset=offset, nodata=nodata, made=str(made))
    old, driver = shlex.quote(str(file)), "--driver GTiff --dtype"
    last = f"mv {shlex.quote(str(made))} {old}" if is_geotiff else f"rm {old}"
    return f"mark such cells as nodata {command.replace('--dtype', driver, 1)} && {last}"


def check_year(quantity: str, year: Array, name: str) -> None:
    """Raise InputError if a year's values, (12, rows, cols), are too small for the unit."""
    if not np.isfinite(year).any():
        return
    low, high = float(np.nanmin(year)), float(np.nanmax(year))
    if quantity == "prcp" and 0 < high * 12 < _DRIEST_YEAR_MM:
        _complain(quantity, low, high, name, "metres")
    if quantity == "vp" and high < _LEAST_PA:
        _complain(quantity, low, high, name, "hectopascals or kilopascals")


def _complain(quantity: str, low: float, high: float, name: str, unit: str) -> NoReturn:
    raise InputError(
        f"{name} holds values from {low:g} to {high:g}, which look like {unit}",
        remedy=f"{quantity} must be in {UNIT[quantity]}",
    )


def check_order(tmin: Array, tmax: Array, tmin_name: str, tmax_name: str) -> None:
    """Raise InputError if Tmin exceeds Tmax anywhere by more than rounding."""
    if np.any(tmin - tmax > 0.1):
        raise InputError(
            f"{tmin_name} is warmer than {tmax_name} in some cells",
            remedy="exchange the two where one bears the other's name",
        )
