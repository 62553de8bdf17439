"""Horizons by casting one ray per cell and direction; the sky view by plain quadrature.

A cell's own line crosses the grid lines of its major axis; there the elevation is the
linear interpolation between the two cells beside it (none where one of them has none).
Its horizon is the steepest of all these samples. No hull, no neighbours' lines.
"""

import numpy as np

EARTH_RADIUS_M = 6_371_000.0
REFRACTION_K = 0.13


def horizon_tangent_slow(z, cell_x, cell_y, azimuth, *, curvature=True, refraction=True):
    """Tangent of the horizon angle, (rows, cols) float64; -inf where nothing is seen."""
    z = np.asarray(z, dtype=np.float64)
    east, north = np.sin(azimuth), np.cos(azimuth)
    step_c, step_r = east / cell_x, -north / cell_y
    if abs(step_c) > abs(step_r) * (1 + 1e-12):  # walk along columns: transpose
        z, step_c, step_r = z.T, step_r, step_c
        transposed = True
    else:
        transposed = False
    rows, cols = z.shape
    length = 1 / abs(step_r)  # metres from one row to the next
    sign, drift = int(np.sign(step_r)), step_c * length
    bend = (1 - REFRACTION_K) if refraction else 1.0
    padded = np.pad(z, ((0, 0), (rows + 2, rows + 2)), constant_values=np.nan)
    best = np.full(z.shape, -np.inf)
    for n in range(1, rows):
        shift = int(np.floor(drift * n))
        part = drift * n - shift
        if part > 1 - 1e-6:
            shift, part = shift + 1, 0.0
        if part < 1e-6:
            part = 0.0
        start = rows + 2 + shift
        low = padded[:, start : start + cols]
        high = padded[:, start + 1 : start + 1 + cols] if part else low
        there = low + part * (high - low)
        here = slice(0, rows - n) if sign > 0 else slice(n, rows)
        ahead = slice(n, rows) if sign > 0 else slice(0, rows - n)
        d = n * length
        slope = (there[ahead] - z[here]) / d
        if curvature:
            slope -= d * bend / (2 * EARTH_RADIUS_M)
        best[here] = np.fmax(best[here], slope)
    best[np.isnan(z)] = np.nan
    return best.T if transposed else best


def horizon_codes_slow(z, cell_x, cell_y, directions, **options):
    """What `terrain.horizon_map` returns, from the rays."""
    codes = np.empty((directions, *np.shape(z)), np.int16)
    for k in range(directions):
        tangent = horizon_tangent_slow(z, cell_x, cell_y, 2 * np.pi * k / directions, **options)
        with np.errstate(invalid="ignore"):
            sine = tangent / np.sqrt(1 + tangent**2)
        code = np.maximum(np.floor(32767 * sine + 0.5), -32766)
        codes[k] = np.where(np.isnan(tangent), -32768, np.where(tangent == -np.inf, -32767, code))
    return codes


def sky_view_slow(horizon_rad, slope, aspect):
    """Dozier & Frew (1990), Eq. 7b, for one cell: midpoint sum over the given directions."""
    psi = 2 * np.pi * np.arange(len(horizon_rad)) / len(horizon_rad)
    facing = np.cos(psi - aspect)
    plane = np.arctan(-np.tan(slope) * facing)
    zenith = np.pi / 2 - np.maximum.reduce([horizon_rad, plane, np.zeros_like(psi)])
    integrand = np.cos(slope) * np.sin(zenith) ** 2 + np.sin(slope) * facing * (
        zenith - np.sin(zenith) * np.cos(zenith)
    )
    return integrand.mean()
