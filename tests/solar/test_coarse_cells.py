"""Cells of kilometres: quantities shared within a block of cells stay accurate for each cell."""

import numpy as np
import pytest

from eemt_core.calendar365 import days_of_month
from eemt_core.grids.grid import Lattice
from eemt_core.solar._position import day_length_hours_rad
from eemt_core.tiles.day_lengths import day_lengths
from solar_sums import irradiation

EARTH_M = 6.371e6
# near both solstices, an equinox, and days on which the sun grazes the horizon of 70 N
DAYS = (17, 80, 140, 172, 355)


def raster(latitude_deg, cell_m, turn_rad, cells=48):
    """Latitudes of a grid whose north is turned, and a rough surface."""
    rows, cols = np.indices((cells, cells))
    north, east = (cells / 2 - rows) * cell_m, (cols - cells / 2) * cell_m
    along = north * np.cos(turn_rad) + east * np.sin(turn_rad)
    latitude = (np.radians(latitude_deg) + along / EARTH_M).astype(np.float32)
    rng = np.random.default_rng(3)
    slope = rng.uniform(0, 0.5, latitude.shape).astype(np.float32)
    slope[rng.random(latitude.shape) < 0.3] = 0
    aspect = rng.uniform(0, 6.28, latitude.shape).astype(np.float32)
    return latitude, np.full_like(latitude, 300.0), slope, aspect


@pytest.mark.parametrize("latitude_deg", [45.0, -66.6, 66.6, 70.0])
@pytest.mark.parametrize("cell_m", [1000.0, 10_000.0])
@pytest.mark.parametrize("turn_rad", [0.0, 0.6])
def test_every_cell_is_as_if_it_stood_alone(latitude_deg, cell_m, turn_rad):
    latitude, z, slope, aspect = raster(latitude_deg, cell_m, turn_rad)
    options = {"latitude_rad": latitude, "days": DAYS, "step_minutes": 30.0}
    block = irradiation(z, slope, aspect, **options)
    alone = irradiation(z, slope, aspect, block=1, **options)
    level = slope == 0
    # a cell's sunrise and sunset lie within a minute of those used
    assert np.abs(block.hours - alone.hours)[:, level].max() < 2 / 60
    # where the sun moves along a slope's plane, rounding decides over hours with hardly any light
    assert np.mean(np.abs(block.hours - alone.hours) < 2 / 60) > 0.998
    # the diffuse light of two minutes at sunrise
    assert np.abs(block.flat_total_wh_m2 - alone.flat_total_wh_m2).max() < 1.0
    # the beam on a slope that faces the midnight sun bends most over a block's twentieth of a
    # degree: by 1.3e-3 of the 8 kWh of such a day
    assert np.abs(block.total_wh_m2 - alone.total_wh_m2).max() < 10.5


@pytest.mark.parametrize("cell_m", [100.0, 1000.0])
def test_flat_sums_run_smoothly_over_the_edges_of_blocks(cell_m):
    latitude, z, _, _ = raster(66.6, cell_m, 0.0, cells=96)
    flat = np.zeros_like(z)
    sums = irradiation(z, flat, flat, latitude_rad=latitude, days=[140, 172, 355])
    step = np.abs(np.diff(sums.flat_total_wh_m2, axis=1))
    inside = np.delete(step, [31, 63], axis=1)
    # at the polar circle day length changes most from cell to cell: between blocks at most twice
    # the largest change within a block, plus 0.5 Wh of diffuse light in two minutes
    assert (step[:, [31, 63]].max(axis=(1, 2)) < 2 * inside.max(axis=(1, 2)) + 0.7).all()


def test_any_window_of_whole_blocks_and_any_threads_give_the_same_bits():
    latitude, z, slope, aspect = raster(66.6, 2000.0, 0.6, cells=128)
    whole = irradiation(z, slope, aspect, latitude_rad=latitude, days=[140], threads=1)
    cells = np.s_[64:128, 32:96]
    part = [np.ascontiguousarray(a[cells]) for a in (z, slope, aspect, latitude)]
    some = irradiation(*part[:3], latitude_rad=part[3], days=[140], anchor=(64, 32), threads=3)
    for name in ("total_wh_m2", "hours", "flat_total_wh_m2"):
        expected = np.ascontiguousarray(getattr(whole, name)[0][cells])
        assert getattr(some, name)[0].tobytes() == expected.tobytes(), name


def test_a_month_s_day_length_is_that_of_every_cell_s_latitude():
    # cells of 1 km about the polar circle; the lattice of latitudes has points 50 km apart
    latitude = Lattice.sample((200, 8), 50, lambda row, col: np.radians(67.5 - row / 111.2))
    june = day_lengths(latitude.places(0, 0, 200, 8), year=2026, longitude_deg=0.0)
    cells = latitude.expand(0, 0, 200, 8)
    hours = np.interp(cells, june.node_rad, june.node_hours[5])
    days = days_of_month(5)
    exact = sum(day_length_hours_rad(cells, day, year=2026) for day in days) / len(days)
    assert hours[:, 0].max() - hours[:, 0].min() > 2.0  # the circle lies within
    # day length is least linear where it reaches 24 hours, which is on one day of thirty at a time
    np.testing.assert_allclose(hours, exact, atol=0.01)
