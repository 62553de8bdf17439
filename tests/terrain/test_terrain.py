"""Slope and aspect: laws, a slow twin, and the errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eemt_core import solar, terrain
from eemt_core.errors import ArgumentError
from eemt_core.terrain._slope import slope_aspect_rad
from oracles.gradient import slope_aspect_slow


def dems(dtype=np.float64):
    shapes = st.tuples(st.integers(1, 7), st.integers(1, 7))
    values = st.one_of(st.integers(-50, 50).map(float), st.just(np.nan))
    return shapes.flatmap(lambda shape: hnp.arrays(dtype, shape, elements=values))


@pytest.mark.slow
@given(dems(), st.floats(0.5, 90), st.floats(0.5, 90))
def test_agrees_with_the_slow_twin(z, cell_x, cell_y):
    slope, aspect = slope_aspect_rad(z, cell_size_m=(cell_x, cell_y))
    slope_slow, aspect_slow = slope_aspect_slow(z, cell_x, cell_y)
    np.testing.assert_allclose(slope, slope_slow, atol=1e-12)
    # the same direction, also just beside the jump from 2 pi to 0
    np.testing.assert_allclose(np.cos(aspect - aspect_slow)[slope > 1e-9], 1.0, atol=1e-12)


@pytest.mark.parametrize("facing_deg", range(0, 360, 15))
@pytest.mark.parametrize("slope_deg", [1.0, 30.0, 75.0])
def test_a_plane_has_its_slope_and_aspect_up_to_the_edge(facing_deg, slope_deg):
    rows, cols = np.mgrid[0:6, 0:9]
    a = np.radians(facing_deg)
    east, north = cols * 20.0, -rows * 10.0
    z = 1000 - np.tan(np.radians(slope_deg)) * (np.sin(a) * east + np.cos(a) * north)
    slope, aspect = slope_aspect_rad(z, cell_size_m=(20.0, 10.0))
    np.testing.assert_allclose(slope, np.radians(slope_deg), rtol=1e-9)
    np.testing.assert_allclose(np.cos(aspect - a), 1.0, atol=1e-12)


@given(dems(np.float32))
def test_nan_cells_and_no_others_are_nan(z):
    slope, aspect = slope_aspect_rad(z, cell_size_m=30.0)
    assert slope.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(slope), np.isnan(z))
    np.testing.assert_array_equal(np.isnan(aspect), np.isnan(z))


@pytest.mark.slow
@given(dems())
def test_rotating_the_dem_rotates_the_answer(z):
    slope, aspect = slope_aspect_rad(z, cell_size_m=10.0)
    # counter-clockwise by 90 degrees: what faced east now faces north
    slope_r, aspect_r = slope_aspect_rad(np.rot90(z).copy(), cell_size_m=10.0)
    np.testing.assert_allclose(slope_r, np.rot90(slope), atol=1e-12)
    turned = np.cos(aspect_r - (np.rot90(aspect) - np.pi / 2))
    np.testing.assert_allclose(turned[slope_r > 1e-9], 1.0, atol=1e-12)


def test_float32_agrees_with_the_slow_twin_around_holes_too():
    # wider than two vectors of any processor; holes leave cells to be made good one by one
    z = np.random.default_rng(3).normal(1000.0, 30.0, (23, 75)).astype(np.float32)
    z[5:9, 20:31] = z[15, 3] = z[0, 70] = np.nan
    z[12:16, 40:60] = 900.0  # level
    slope, aspect = slope_aspect_rad(z, cell_size_m=(30.0, 20.0))
    slope_slow, aspect_slow = slope_aspect_slow(z.astype(float), 30.0, 20.0)
    # sums of six rises of float32, then arc tangents good to 1e-7
    np.testing.assert_allclose(slope, slope_slow, atol=1e-6)
    np.testing.assert_allclose(np.cos(aspect - aspect_slow)[slope > 1e-3], 1.0, atol=1e-6)
    assert np.all(aspect[13:15, 41:59] == 0)


def test_threads_do_not_change_a_bit():
    z = np.random.default_rng(1).normal(size=(101, 57))
    one = slope_aspect_rad(z, cell_size_m=1.0, threads=1)
    for threads in (2, 3, 7):
        many = slope_aspect_rad(z, cell_size_m=1.0, threads=threads)
        assert all(a.tobytes() == b.tobytes() for a, b in zip(one, many, strict=True))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros((3, 3), int), "elevation_m must be float32 or float64, got int64"),
        (np.zeros(3), r"elevation_m must have shape \(rows, cols\), got shape \(3,\)"),
        ([[1.0]], "elevation_m must be a NumPy array, got list"),
    ],
)
def test_a_wrong_array_is_named(bad, message):
    with pytest.raises(ArgumentError, match=message):
        slope_aspect_rad(bad, cell_size_m=1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_an_infinite_elevation_is_no_data_for_all_that_looks_at_terrain(infinite, dtype):
    rng = np.random.default_rng(5)
    nothing = rng.normal(1000.0, 20.0, (9, 11)).astype(dtype)
    nothing[4, 5] = nothing[0, 10] = np.nan
    odd = np.where(np.isnan(nothing), dtype(infinite), nothing)
    lights = []
    for z in (nothing, odd):
        place = terrain.Terrain(z, cell_size_m=30.0, latitude_deg=45.0)
        light = solar.sunlight(place, solar.Sun([20])).total_wh_m2
        surface = place.surface
        horizon = terrain.horizon_map(z, cell_size_m=30.0, directions=8)
        lights.append([light, surface.slope_deg, surface.aspect_deg, surface.elevation_m, horizon])
    for expected, found in zip(*lights, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("change", ["read-only", "strided", "transposed", "window"])
def test_the_layout_of_an_array_in_memory_changes_no_bit(change):
    z = np.random.default_rng(6).normal(1000.0, 20.0, (9, 11))
    other = {
        "strided": np.repeat(np.repeat(z, 2, axis=0), 3, axis=1)[::2, ::3],
        "transposed": np.ascontiguousarray(z.T).T,
        "window": np.pad(z, 3)[3:-3, 3:-3],
        "read-only": z.copy(),
    }[change]
    other.flags.writeable = change != "read-only"
    found, expected = (
        solar.sunlight(
            terrain.Terrain(array, cell_size_m=30.0, latitude_deg=np.full_like(array, 45.0)),
            solar.Sun([20]),
        )
        for array in (other, z)
    )
    np.testing.assert_array_equal(found.total_wh_m2, expected.total_wh_m2)
