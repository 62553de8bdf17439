"""Horizons by r.sun's rule: steps of one cell along a ray, each taking the nearest cell.

A sample's distance is that of the nearest cell's centre, up to half a cell beside the ray, so
the ray meets the highest of a band of cells as if all stood in its way.
"""

import numpy as np

EARTH_RADIUS_M = 6371000.0


def nearest_horizon(z, cell_m, directions):
    """Sines of the horizon's angle, (directions, rows, cols), direction k towards 2 pi k/n."""
    rows, cols = z.shape
    sines = np.empty((directions, rows, cols))
    own_row, own_col = np.mgrid[0:rows, 0:cols]
    for k in range(directions):
        azimuth = 2 * np.pi * k / directions
        steepest = np.full(z.shape, -np.inf)
        for step in range(1, rows + cols):
            east = int(np.floor(step * np.sin(azimuth) + 0.5))
            north = int(np.floor(step * np.cos(azimuth) + 0.5))
            row, col = own_row - north, own_col + east
            inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
            if not inside.any():
                break
            distance = cell_m * np.hypot(east, north)
            drop = EARTH_RADIUS_M * (1 - np.cos(distance / EARTH_RADIUS_M))
            seen = z[row[inside], col[inside]] - z[inside] - drop
            steepest[inside] = np.maximum(steepest[inside], seen / distance)
        sines[k] = np.sin(np.arctan(steepest))
    return sines
