"""Where the sun is, and how long it stays up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._arrays import FloatArray, angles_argument, described, is_masked
from .._numbers import brief, kept, number_in, whole_number_in
from ..calendar365 import calendar_date
from ..errors import ArgumentError
from ._parameters import DEFAULT_SUN_YEAR, RANGES, WHY_SUN_YEARS, checked_year


def solar_position(
    times_utc: NDArray[np.datetime64], *, latitude_deg: float, longitude_deg: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Zenith and azimuth of the sun.

    Parameters
    ----------
    times_utc
        Array of numpy.datetime64, universal time, in the years 1900 to 2200.
    latitude_deg, longitude_deg
        Place, north and east positive [degrees].

    Returns
    -------
    zenith_deg, azimuth_deg
        Arrays of the shape of `times_utc`: true (not refracted) angle from the vertical, and
        direction clockwise from north [degrees]; NaN where the time is NaT.

    Raises
    ------
    ArgumentError
        If the times are not datetime64 or out of range, or the place is not on the Earth.

    Notes
    -----
    Within 0.01 degrees of NREL's SPA from 1950 to 2100.

    References
    ----------
    Meeus, J. (1988). Astronomical Formulae for Calculators, ch. 18; (1998) Astronomical
    Algorithms, ch. 12, 22, 25.

    Examples
    --------
    >>> noon = np.array(["2026-06-21T12:02"], dtype="datetime64[s]")
    >>> zenith, azimuth = solar_position(noon, latitude_deg=51.5, longitude_deg=0.0)
    >>> round(float(zenith[0]), 1), round(float(azimuth[0]))
    (28.1, 180)
    """
    times = np.asarray(times_utc if hasattr(times_utc, "dtype") else None)
    if times.dtype.kind != "M" or is_masked(times_utc):
        raise ArgumentError(
            f"times_utc must be a plain array of datetime64, got {brief(times_utc)}",
            remedy="bring times of a zone to universal time and drop the zone, for example with "
            ".tz_convert(None) of pandas; write no data as NaT",
            field="times_utc",
            value=kept(times_utc),
        )
    low, high = RANGES["year"]
    known = times[~np.isnat(times)]
    years = known.astype("datetime64[Y]").astype(np.int64) + 1970
    if ((years < low) | (years > high)).any():
        raise ArgumentError(
            f"times_utc must lie in the years {low} to {high}, got {known.min()} to {known.max()}",
            remedy=WHY_SUN_YEARS,
            field="times_utc",
            value=described(times),
        )
    latitude = np.radians(number_in("latitude_deg", latitude_deg, -90, 90))
    longitude = np.radians(number_in("longitude_deg", longitude_deg, -360, 360))
    since_1970 = np.asarray(times.astype("datetime64[us]").astype(np.int64) / 86400e6)
    since_1970[np.isnat(times)] = np.nan
    zenith, azimuth = _core.solar.sun_position(
        2440587.5 + since_1970.ravel(), latitude_rad=latitude, longitude_rad=longitude
    )
    return np.degrees(zenith).reshape(times.shape), np.degrees(azimuth).reshape(times.shape)


def day_length_hours(
    latitude_deg: FloatArray | float,
    day: int,
    *,
    year: int = DEFAULT_SUN_YEAR,
    longitude_deg: float = 0.0,
) -> NDArray[np.float64]:
    """Astronomical length of a day: the sun's centre above the horizontal, no refraction.

    Parameters
    ----------
    latitude_deg
        Number or array of any shape, latitude, north positive [degrees].
    day
        Day of a year of 365 days, 1 to 365.
    year
        The sun's year, 1900 to 2200.
    longitude_deg
        Longitude, east positive [degrees], whose noon dates the sun's declination.

    Returns
    -------
    hours
        float64 array of the latitude's shape, 0 to 24 [h].

    Raises
    ------
    ArgumentError
        If a number is out of range.

    Notes
    -----
    24 h / pi arccos(-tan(latitude) tan(declination)), the declination that of solar noon.

    References
    ----------
    Meeus, J. (1998). Astronomical Algorithms, 2nd ed., Willmann-Bell, ch. 13, 25.

    Examples
    --------
    >>> day_length_hours(0.0, 172).round(6).item(), day_length_hours(80.0, 172).item()
    (12.0, 24.0)
    """
    latitude = angles_argument("latitude_deg", latitude_deg, -90.0, 90.0)
    day = whole_number_in("day", day, 1, 365)
    longitude = number_in("longitude_deg", longitude_deg, -360, 360)
    year = checked_year(year)
    return np.asarray(
        day_length_hours_rad(np.radians(latitude), day, year=year, longitude_deg=longitude)
    )


def sun_of_day(
    day: int, *, year: int, longitude_deg: float, ephemeris: str = "accurate"
) -> tuple[float, float, float]:
    """The sun of a day number of the 365-day calendar.

    Returns declination at solar noon [rad], its change per radian of hour angle, and the
    extraterrestrial normal irradiance [W m-2]. ``ephemeris="rsun"`` uses r.sun's formulas,
    which know neither year nor longitude.
    """
    month, day_of_month = calendar_date(day)
    if ephemeris == "rsun":
        return _core.solar.sun_day_rsun(day)
    if ephemeris != "accurate":
        raise ArgumentError(
            f"ephemeris must be 'accurate' or 'rsun', got {ephemeris!r}",
            field="ephemeris",
            value=ephemeris,
        )
    return _core.solar.sun_day(
        year, month, day_of_month, longitude_rad=float(np.radians(longitude_deg))
    )


def day_length_hours_rad(
    latitude_rad: NDArray[Any] | float, day: int, *, year: int, longitude_deg: float = 0.0
) -> NDArray[np.float64]:
    """Return the length of a day as `day_length_hours` has it, for latitudes in radians."""
    declination, _, _ = sun_of_day(day, year=year, longitude_deg=longitude_deg)
    half: NDArray[np.float64] = _core.solar.sunset_hour_angle(latitude_rad, declination)
    return half * (24.0 / np.pi)
