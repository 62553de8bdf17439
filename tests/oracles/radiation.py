"""Irradiation of one cell, moment by moment, in angles and float64, from the papers' formulas.

Slow and plain on purpose. Numbers in brackets are equations of Rigollier, Bauer & Wald (2000),
"R" those of r.sun's description (Hofierka & Suri 2002), "M" Muneer (1990).
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class Cell:
    elevation_m: float
    slope: float
    aspect: float  # clockwise from true north
    latitude: float
    sky_view: float | None = None
    horizon: object = None  # function of true azimuth [rad] -> sine of the horizon's angle


def refraction(h):
    """[Eq. 11]"""
    return 0.061359 * (0.1594 + 1.123 * h + 0.065656 * h**2) / (1 + 28.9344 * h + 277.3971 * h**2)


def air_mass(h, elevation_m):
    """[Eq. 5, 10, 12]"""
    hr = h + refraction(h)
    pressure = np.exp(-elevation_m / 8434.5)
    return pressure / (np.sin(hr) + 0.50572 * (np.degrees(hr) + 6.07995) ** -1.6364)


def rayleigh(m):
    """[Eq. 8, 9]"""
    if m > 20:
        return 1 / (10.4 + 0.718 * m)
    return 1 / (6.6296 + 1.7513 * m - 0.1202 * m**2 + 0.0065 * m**3 - 0.00013 * m**4)


def diffuse_horizontal(h, linke):
    """[Eq. 13-18] over the extraterrestrial irradiance; r.sun's limit of 0.0022"""
    tn = -0.015843 + 0.030543 * linke + 0.0003797 * linke**2
    a1 = 0.26463 - 0.061581 * linke + 0.0031408 * linke**2
    if a1 * tn < 0.0022:
        a1 = 0.0022 / tn
    a2 = 2.0402 + 0.018945 * linke - 0.011161 * linke**2
    a3 = -1.3025 + 0.039231 * linke + 0.0085079 * linke**2
    return tn * (a1 + a2 * np.sin(h) + a3 * np.sin(h) ** 2)


def sun(latitude, declination, t):
    """Altitude and azimuth from the hour angle."""
    s = np.sin(latitude) * np.sin(declination)
    s += np.cos(latitude) * np.cos(declination) * np.cos(t)
    east = -np.cos(declination) * np.sin(t)
    north = np.cos(latitude) * np.sin(declination)
    north -= np.sin(latitude) * np.cos(declination) * np.cos(t)
    return np.arcsin(np.clip(s, -1, 1)), np.arctan2(east, north) % (2 * np.pi)


def incidence(cell, h, azimuth):
    """Cosine of the angle between the sun and the slope's normal."""
    return np.sin(h) * np.cos(cell.slope) + np.cos(h) * np.sin(cell.slope) * np.cos(
        azimuth - cell.aspect
    )


def low_sun_share(h, mode):
    """Weight of Muneer's form for a low sun: r.sun switches at 0.1 rad, we blend around it."""
    if mode == "rsun":
        return 1.0 if h < 0.1 else 0.0
    return float(np.clip((0.12 - h) / 0.04, 0, 1))


def moment(cell, g0, declination, t, linke, albedo, mode, shaded):
    """Beam, diffuse, reflected, lit, flat beam, flat diffuse, horizontal [W m-2] at a moment."""
    h, azimuth = sun(cell.latitude, declination, t)
    if h <= 0:
        return np.zeros(7)
    kb = np.exp(
        -0.8662 * linke * air_mass(h, cell.elevation_m) * rayleigh(air_mass(h, cell.elevation_m))
    )
    sky = diffuse_horizontal(h, linke)
    s0 = incidence(cell, h, azimuth)
    lit = s0 > 0 and not shaded(h, azimuth)
    g = cell.slope
    plane_view = (1 + np.cos(g)) / 2
    view = plane_view if cell.sky_view is None else cell.sky_view
    fg = np.sin(g) - g * np.cos(g) - np.pi * np.sin(g / 2) ** 2  # [M]
    if lit:
        n = 0.00263 - 0.712 * kb - 0.6883 * kb**2
        low = low_sun_share(h, mode)
        circumsolar = (1 - low) * s0 / np.sin(h)
        circumsolar += low * np.sin(g) * np.cos(azimuth - cell.aspect) / (0.1 - 0.008 * h)
        if mode == "exact":  # the horizontal plane's share, not in the low-sun form
            circumsolar += low * np.cos(g)
        on_slope = (n * fg + view) * (1 - kb) + kb * circumsolar
    else:
        on_slope = view + 0.252271 * fg
    if mode == "rsun" and g == 0:
        on_slope = 1.0
    if mode == "exact":
        on_slope = max(on_slope, 0.0)
    ground = (1 - np.cos(g)) / 2 if mode == "rsun" else 1 - view
    horizontal = lit * kb * np.sin(h) + sky * (1.0 if mode == "rsun" else view)
    return g0 * np.array(
        [
            lit * kb * s0,
            sky * on_slope,
            albedo * ground * horizontal,
            lit / g0,
            kb * np.sin(h),
            sky,
            horizontal,
        ]
    )


def rsun_day(cell, declination, g0, step_h, linke, albedo):
    """[R] Midnight-aligned midpoints between sunrise and sunset, all of one weight."""

    def shaded(h, azimuth):
        return cell.horizon is not None and np.sin(h) < cell.horizon(azimuth)

    p = -np.tan(cell.latitude) * np.tan(declination)
    if p > 1:
        return np.zeros(7)
    half = 12.0 if p < -1 else np.degrees(np.arccos(p)) / 15
    sunrise, sunset = 12 - half, 12 + half
    k = int(sunrise / step_h)
    time = (k + 1.5) * step_h if sunrise - k * step_h > 0.5 * step_h else (k + 0.5) * step_h
    total = np.zeros(7)
    while time <= sunset and time < 24:
        t = (time - 12) * np.pi / 12
        total += step_h * moment(cell, g0, declination, t, linke, albedo, "rsun", shaded)
        time += step_h
    return total


def exact_day(cell, declination, rate, g0, linke, albedo, seconds=15.0):
    """The exact mode's integral, by midpoints so fine that each is lit or not as a whole."""

    def shaded(h, azimuth):
        if cell.horizon is None:
            return False
        return np.sin(h + refraction(h)) < cell.horizon(azimuth)

    total = np.zeros(7)
    step_h = seconds / 3600
    for time in np.arange(0.5 * step_h, 24, step_h):
        t = (time - 12) * np.pi / 12
        total += step_h * moment(
            cell, g0, declination + rate * t, t, linke, albedo, "exact", shaded
        )
    return total


def exact_hours(cell, sines, declination, rate, seconds=1.0):
    """Hours that a cell is lit: second by second, its horizon given at equal azimuths."""
    t = np.arange(-np.pi, np.pi, seconds * np.pi / 43200)
    d = declination + rate * t
    sine = np.sin(cell.latitude) * np.sin(d) + np.cos(cell.latitude) * np.cos(d) * np.cos(t)
    east = -np.cos(d) * np.sin(t)
    north = np.cos(cell.latitude) * np.sin(d) - np.sin(cell.latitude) * np.cos(d) * np.cos(t)
    directions = np.arange(len(sines) + 1) / len(sines) * 2 * np.pi
    azimuth = np.arctan2(east, north) % (2 * np.pi)
    horizon = np.interp(azimuth, directions, np.append(sines, sines[0]))
    h = np.arcsin(sine)
    normal = np.sin(cell.slope) * np.sin(cell.aspect), np.sin(cell.slope) * np.cos(cell.aspect)
    incidence = sine * np.cos(cell.slope) + east * normal[0] + north * normal[1]
    lit = (h > 0) & (np.sin(h + refraction(h)) >= horizon) & (incidence > 0)
    return lit.mean() * 24


def horizon_function(sines):
    """Interpolate a horizon given at equal azimuths from north, linearly in its sine."""
    sines = np.asarray(sines, float)

    def horizon(azimuth):
        position = (azimuth / (2 * np.pi) * len(sines)) % len(sines)
        a = int(position) % len(sines)
        share = position - int(position)
        return (1 - share) * sines[a] + share * sines[(a + 1) % len(sines)]

    return horizon
