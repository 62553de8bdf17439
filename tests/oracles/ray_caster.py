"""Shadows by walking a ray from every cell towards the sun, and r.sun's day with them.

The terrain between cell centres is interpolated linearly along the grid lines that the ray
crosses (columns if it runs east or west mostly, rows otherwise). Beyond the array nothing
shades.
"""

import numpy as np

from oracles import radiation

EARTH_RADIUS_M = 6371000.0


def shaded(z, cell_size, azimuth, altitude):
    """Boolean (rows, cols): some terrain stands higher than the ray to the sun."""
    cell_x, cell_y = cell_size
    east, south = np.sin(azimuth) / cell_x, -np.cos(azimuth) / cell_y
    if abs(south) > abs(east):
        return shaded(z.T, (cell_y, cell_x), np.pi * 1.5 - azimuth, altitude).T
    rows, cols = z.shape
    direction = 1 if east > 0 else -1
    fall = south / abs(east)  # rows per column
    length = 1 / abs(east)  # metres per column
    shade = np.zeros(z.shape, bool)
    top = np.nanmax(z)
    for step in range(1, cols):
        distance = step * length
        ray = (
            z
            + distance * np.tan(altitude)
            + EARTH_RADIUS_M * (1 - np.cos(distance / EARTH_RADIUS_M))
        )
        if np.nanmin(ray) > top:
            break
        row = np.arange(rows) + step * fall
        above = np.floor(row).astype(int)
        share = (row - above)[:, None]
        inside = (above >= 0) & (above + (share[:, 0] > 0) < rows)
        upper = z[np.clip(above, 0, rows - 1)]
        lower = z[np.clip(above + 1, 0, rows - 1)]
        line = np.where(share > 0, (1 - share) * upper + share * lower, upper)
        line[~inside] = -np.inf
        moved = np.full(z.shape, -np.inf)
        if direction > 0:
            moved[:, :-step] = line[:, step:]
        else:
            moved[:, step:] = line[:, :-step]
        shade |= moved > ray
    return shade


def rsun_day(z, cell_size, slope, aspect, latitude, declination, g0, step_h, linke):
    """[beam + diffuse] of r.sun's day [Wh m-2] and hours, all cells at one latitude."""
    total, hours = np.zeros(z.shape), np.zeros(z.shape)
    tn_sky = radiation.diffuse_horizontal
    fg = np.sin(slope) - slope * np.cos(slope) - np.pi * np.sin(slope / 2) ** 2
    view = (1 + np.cos(slope)) / 2
    for time in np.arange(0.5 * step_h, 24, step_h):
        h, azimuth = radiation.sun(latitude, declination, (time - 12) * np.pi / 12)
        if h <= 0:
            continue
        mass = radiation.air_mass(h, z)
        thin = 6.6296 + 1.7513 * mass - 0.1202 * mass**2 + 0.0065 * mass**3 - 0.00013 * mass**4
        kb = np.exp(-0.8662 * linke * mass / np.where(mass > 20, 10.4 + 0.718 * mass, thin))
        sky = tn_sky(h, linke)
        s0 = np.sin(h) * np.cos(slope) + np.cos(h) * np.sin(slope) * np.cos(azimuth - aspect)
        lit = (s0 > 0) & ~shaded(z, cell_size, azimuth, h)
        n = 0.00263 - 0.712 * kb - 0.6883 * kb**2
        low = np.sin(slope) * np.cos(azimuth - aspect) / (0.1 - 0.008 * h)
        open_sky = (n * fg + view) * (1 - kb) + kb * (low if h < 0.1 else s0 / np.sin(h))
        diffuse = sky * np.where(lit, open_sky, view + 0.252271 * fg)
        total += step_h * g0 * (lit * kb * s0 + np.where(slope == 0, sky, diffuse))
        hours += step_h * lit
    return total, hours
