"""Speed of slope and aspect, horizons and sky view on one core.

Expectation on a core of 2023: above 300 M cells/s for slope and aspect in float32 (two arc
tangents per cell, in vectors), above 10 M in float64 (the C library's); horizons above 60 M
cell-directions/s (a convex-hull sweep touches each cell a small number of times per direction,
whatever the distance it sees); sky view above 400 M.
"""

import numpy as np
import pytest

from eemt_core.terrain._horizon_codes import angle_of_codes_rad, horizon_codes, sky_view_of_codes
from eemt_core.terrain._slope import slope_aspect_rad
from oracles.gradient import slope_aspect_slow
from suite.landscape import CELL_M, landscape

SIDE, HALF, DIRECTIONS = 1000, 500, 72


@pytest.fixture(scope="module")
def z():
    return landscape(SIDE)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_slope_and_aspect(rate, z, dtype):
    z = z.astype(dtype)
    slope, aspect = slope_aspect_rad(z, cell_size_m=CELL_M)
    corner = (slice(1, 20), slice(1, 20))
    slow = slope_aspect_slow(z[:21, :21].astype(float), CELL_M, CELL_M)
    # float32 rises of some metres: 1e-6 of the slope
    np.testing.assert_allclose(slope[corner], slow[0][corner], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.cos(aspect[corner] - slow[1][corner]), 1.0, atol=1e-9)
    rate("cells", z.size, slope_aspect_rad, z, cell_size_m=CELL_M, threads=1)


def test_horizons(rate, z):
    z = z[:HALF, :HALF].copy()
    options = {"cell_size_m": CELL_M, "directions": DIRECTIONS, "threads": 1}
    angles = angle_of_codes_rad(horizon_codes(z, **options))
    # no terrain within sight of the highest cell rises above it
    peak = np.unravel_index(np.argmax(z), z.shape)
    assert (angles[:, peak[0], peak[1]] <= 0).all()
    # every other cell sees something higher in some direction
    assert (angles.max(axis=0) > 0).mean() > 0.99
    rate("cell-directions", z.size * DIRECTIONS, horizon_codes, z, **options)


def test_sky_view(rate, z):
    z = z[:HALF, :HALF].copy()
    horizon = horizon_codes(z, cell_size_m=CELL_M, directions=DIRECTIONS)
    slope, aspect = slope_aspect_rad(z, cell_size_m=CELL_M)
    view = sky_view_of_codes(horizon, slope, aspect)
    assert (view > 0).all()
    # terrain hides sky, never adds it; 0.01: 72 directions against the closed form
    assert (view <= (1 + np.cos(slope)) / 2 + 0.01).all()
    rate("cell-directions", horizon.size, sky_view_of_codes, horizon, slope, aspect, threads=1)
