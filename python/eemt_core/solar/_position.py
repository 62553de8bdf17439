"""Where the sun is, and how long it stays up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._arrays import number_in
from ..calendar365 import calendar_date
from ..errors import ArgumentError


def solar_position(
    times_utc: NDArray[np.datetime64], *, latitude_deg: float, longitude_deg: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Zenith and azimuth of the sun.

    Parameters
    ----------
    times_utc
        Array of numpy.datetime64, universal time.
    latitude_deg, longitude_deg
        Place [degrees], positive north and east.

    Returns
    -------
    zenith_deg, azimuth_deg
        Arrays of the shape of `times_utc`: true (not refracted) angle from the vertical, and
        direction clockwise from north [degrees].

    Raises
    ------
    ArgumentError
        If the times are not datetime64 or the place is not on the Earth.

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
    times = np.asarray(times_utc)
    if times.dtype.kind != "M":
        raise ArgumentError(f"times_utc must be datetime64, got {times.dtype}")
    latitude = np.radians(number_in("latitude_deg", latitude_deg, -90, 90))
    longitude = np.radians(number_in("longitude_deg", longitude_deg, -360, 360))
    since_1970 = times.astype("datetime64[us]").astype(np.int64) / 86400e6
    zenith, azimuth = _core.solar.sun_position(
        2440587.5 + since_1970.ravel(), latitude_rad=latitude, longitude_rad=longitude
    )
    return np.degrees(zenith).reshape(times.shape), np.degrees(azimuth).reshape(times.shape)


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
        raise ArgumentError(f"ephemeris must be 'accurate' or 'rsun', got {ephemeris!r}")
    return _core.solar.sun_day(
        year, month, day_of_month, longitude_rad=float(np.radians(longitude_deg))
    )


def day_length_hours(
    latitude_rad: NDArray[Any] | float, day: int, *, year: int, longitude_deg: float = 0.0
) -> NDArray[np.float64]:
    """Astronomical length of the day [h]: the sun's centre above the horizontal, no refraction.

    Examples
    --------
    >>> round(float(day_length_hours(0.0, 172, year=2026)), 6)
    12.0
    """
    declination, _, _ = sun_of_day(day, year=year, longitude_deg=longitude_deg)
    half: NDArray[np.float64] = _core.solar.sunset_hour_angle(latitude_rad, declination)
    return half * (24.0 / np.pi)
