"""Filling, D-infinity and catchment area: laws, slow twins and the errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core import water
from eemt_core.errors import ArgumentError
from oracles.water import (
    catchment_area_slow,
    contour_width_slow,
    fill_slow,
    flow_direction_slow,
    is_outlet,
    neighbour,
    receivers_slow,
)
from water_terrains import CELL_SIZES, dems, plane, rough

# Depressions


@given(dems(np.float32))
def test_filling_agrees_with_the_slow_twin(z):
    filled = water.fill_depressions(z)
    assert filled.dtype == z.dtype
    # No arithmetic is done on elevations, so they agree exactly.
    np.testing.assert_array_equal(filled, fill_slow(z))


@given(dems())
def test_filling_never_lowers_and_filling_twice_is_filling_once(z):
    filled = water.fill_depressions(z)
    np.testing.assert_array_equal(np.isnan(filled), np.isnan(z))
    assert np.all(filled[~np.isnan(z)] >= z[~np.isnan(z)])
    np.testing.assert_array_equal(water.fill_depressions(filled), filled)


@given(dems())
def test_every_filled_cell_has_a_path_to_an_outlet_that_never_rises(z):
    filled = water.fill_depressions(z)
    drained = {c for c in np.ndindex(z.shape) if not np.isnan(z[c]) and is_outlet(z, c)}
    front = list(drained)
    while front:  # upstream from the outlets
        cell = front.pop()
        for n in filter(None, (neighbour(filled, cell, k) for k in range(8))):
            if n not in drained and filled[n] >= filled[cell]:
                drained.add(n)
                front.append(n)
    assert len(drained) == np.count_nonzero(~np.isnan(z))


@pytest.mark.parametrize("towards_deg", range(0, 360, 45))
def test_filling_leaves_a_plane_as_it_is(towards_deg):
    z = plane((20, 31), np.radians(towards_deg), (10.0, 10.0)).astype(np.float32)
    np.testing.assert_array_equal(water.fill_depressions(z), z)


def test_a_bowl_fills_to_its_notch_and_not_above():
    rows, cols = np.indices((41, 41)) - 20
    bowl = np.hypot(rows, cols)
    bowl[20, 32:] = 12.5
    filled = water.fill_depressions(bowl)
    np.testing.assert_array_equal(filled, np.maximum(bowl, 12.5))


def test_a_hole_in_the_data_is_an_outlet():
    pit = np.full((7, 7), 9.0)
    pit[2:5, 2:5] = 1.0
    assert np.all(water.fill_depressions(pit) == 9.0)
    pit[3, 3] = np.nan
    np.testing.assert_array_equal(water.fill_depressions(pit), pit)


# D-infinity


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELL_SIZES)
@given(z=dems())
def test_directions_agree_with_the_slow_twin_on_awkward_terrain(z, cell):
    direction, gradient = water.flow_direction_rad(z, cell_size_m=cell)
    slow_direction, slow_gradient = flow_direction_slow(z, *cell)
    # Where two facets are equally steep up to rounding either may win; so the
    # gradient must always agree, and the direction where the facets differ.
    np.testing.assert_allclose(gradient, slow_gradient, rtol=1e-12)
    flat = slow_gradient == 0
    np.testing.assert_allclose(direction[flat], slow_direction[flat], rtol=1e-12)


@pytest.mark.parametrize("cell", CELL_SIZES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 5e-7)])
def test_directions_agree_with_the_slow_twin_on_rough_terrain(cell, dtype, tolerance):
    z = rough((30, 27), dtype=dtype)  # no ties; float32 rounds only the result (6e-8 of 2 pi)
    direction, gradient = water.flow_direction_rad(z, cell_size_m=cell)
    slow_direction, slow_gradient = flow_direction_slow(z, *cell)
    np.testing.assert_allclose(gradient, slow_gradient, rtol=tolerance)
    np.testing.assert_allclose(direction, slow_direction, atol=tolerance)


def test_float32_directions_agree_with_the_slow_twin_around_holes_too():
    z = rough((21, 75), seed=4, dtype=np.float32)  # wider than two vectors of any processor
    z[5:9, 20:31] = z[15, 3] = z[0, 70] = np.nan
    z[12:16, 40:60] = 8e3  # level, above its shore
    direction, gradient = water.flow_direction_rad(z, cell_size_m=(30.0, 12.0))
    slow_direction, slow_gradient = flow_direction_slow(z, 30.0, 12.0)
    # float32 rounds only the result (6e-8 of 2 pi); the angle in its facet is good to 1e-7
    np.testing.assert_allclose(gradient, slow_gradient, rtol=5e-7)
    turned = np.cos(direction - slow_direction)
    np.testing.assert_allclose(turned[direction >= 0], 1.0, atol=1e-12)
    np.testing.assert_array_equal(direction == -1, slow_direction == -1)


@pytest.mark.parametrize("cell", CELL_SIZES)
@pytest.mark.parametrize("towards_deg", range(0, 360, 15))
def test_a_plane_drains_along_its_slope_up_to_the_edge(towards_deg, cell):
    direction, gradient = water.flow_direction_rad(
        plane((6, 9), np.radians(towards_deg), cell), cell_size_m=cell
    )
    np.testing.assert_allclose(np.cos(direction - np.radians(towards_deg)), 1.0, atol=1e-12)
    np.testing.assert_allclose(gradient, 0.2, rtol=1e-9)


@given(dems(values=st.sampled_from([0.0, 0.0, 0.0, 0.0, 1.0]), largest=12))
def test_level_areas_agree_with_the_slow_twin(z):
    z[1:-1, 1:-1] -= 1.0  # surrounded by a wall: lakes that all drain through a gap, or into a pit
    z[0, :2] = -1.0
    for surface in (z, water.fill_depressions(z)):
        direction, gradient = water.flow_direction_rad(surface, cell_size_m=(10.0, 7.0))
        slow_direction, _ = flow_direction_slow(surface, 10.0, 7.0)
        flat = gradient == 0
        np.testing.assert_allclose(direction[flat], slow_direction[flat], rtol=1e-12)


def test_water_turns_the_corner_of_a_lake_diagonally():
    lake = np.full((7, 7), 5.0)
    lake[0, :] = lake[:, -1] = 4.0  # falls off to the north and the east
    lake[-1, :] = lake[:, 0] = 9.0
    direction, gradient = water.flow_direction_rad(lake, cell_size_m=10.0)
    assert gradient[3, 3] == 0
    northwest_part, diagonal, southeast_part = direction[3, 2], direction[3, 3], direction[4, 4]
    np.testing.assert_allclose(
        [northwest_part, diagonal, southeast_part], [0.0, np.pi / 4, np.pi / 2]
    )


@given(dems(np.float32))
def test_all_water_of_a_filled_terrain_leaves_it(z):
    filled = water.fill_depressions(z)
    direction, _ = water.flow_direction_rad(filled, cell_size_m=10.0)
    for cell in np.argwhere(direction == -1):
        assert is_outlet(z, tuple(cell))
    # followed cell by cell, none lost and none in a circle (that would never end)
    _, left = catchment_area_slow(direction.astype(np.float64), 10.0, 10.0)
    assert left == pytest.approx(100.0 * np.count_nonzero(~np.isnan(z)), rel=1e-6)


tiny = st.sampled_from([0.0, 5e-324, 1e-300, 1e-160, 1.0])


@given(dems(values=tiny))
def test_drops_too_small_to_square_still_drain(z):
    filled = water.fill_depressions(z)
    direction, _ = water.flow_direction_rad(filled, cell_size_m=10.0)
    for cell in np.argwhere(direction == -1):
        assert is_outlet(z, tuple(cell))
    water.specific_catchment_area_rad(direction, cell_size_m=10.0)


def test_a_float32_lake_at_4000_m_drains_through_its_notch():
    # An epsilon of 1 mm a cell is below what float32 can tell apart up there.
    z = np.full((201, 301), 4000.0, np.float32)
    z[0, :] = z[-1, :] = z[:, 0] = z[:, -1] = 4500.0
    z[100, 300] = 3999.0
    direction, gradient = water.flow_direction_rad(water.fill_depressions(z), cell_size_m=10.0)
    area = water.specific_catchment_area_rad(direction, cell_size_m=10.0)
    assert np.all(direction[1:-1, 1:-1] >= 0)
    assert np.count_nonzero(gradient[1:-1, 1:-1] > 0) == 3  # only the cells beside the notch
    # The notch takes the whole lake and itself; the walls' outer sides drain outwards.
    inside = 199 * 299
    assert area[100, 300] * 10.0 == pytest.approx(100.0 * (inside + 1), rel=0.02)


def test_level_ground_drains_to_the_nearest_edge():
    direction, gradient = water.flow_direction_rad(np.zeros((9, 40)), cell_size_m=10.0)
    assert np.all(gradient == 0)
    np.testing.assert_allclose(direction[1:4, 10:30], 0.0)
    np.testing.assert_allclose(direction[5:8, 10:30], np.pi)
    assert np.all(direction[[0, -1]] == -1)


# Catchment area


@pytest.mark.parametrize("cell", CELL_SIZES)
@given(z=dems())
def test_area_agrees_with_following_each_drop(z, cell):
    direction, _ = water.flow_direction_rad(z, cell_size_m=cell)
    a = water.specific_catchment_area_rad(direction, cell_size_m=cell)
    slow, _ = catchment_area_slow(direction, *cell)
    np.testing.assert_allclose(a, slow / contour_width_slow(direction, *cell), rtol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_leaves_at_the_outlets_is_the_whole_area(dtype):
    z = rough((120, 90), dtype=dtype)
    z[40:50, 30:45] = np.nan
    cell = (20.0, 10.0)
    direction, _ = water.flow_direction_rad(water.fill_depressions(z), cell_size_m=cell)
    direction = direction.astype(np.float64)
    area = water.specific_catchment_area_rad(direction, cell_size_m=cell)
    area *= contour_width_slow(direction, *cell)
    left = 0.0
    for at in map(tuple, np.argwhere(~np.isnan(z))):
        towards = receivers_slow(direction, at, *cell)
        left += area[at] * (1.0 if not towards else sum(s for to, s in towards if to is None))
    # 1e-6: shares of float32 directions, decoded once in C++ and once here
    assert left == pytest.approx(200.0 * np.count_nonzero(~np.isnan(z)), rel=1e-6)


@pytest.mark.parametrize("cell", CELL_SIZES)
@pytest.mark.parametrize("towards_deg", [*range(0, 360, 15), 22, 68, 201])
def test_on_a_plane_specific_area_is_the_distance_from_the_divide(towards_deg, cell):
    phi, n = np.radians(towards_deg), 15
    down_rows = abs(np.cos(phi)) * cell[0] >= abs(np.sin(phi)) * cell[1]
    # The divide is one edge of the map; the other two are too far to matter.
    shape = (n, 8 * n) if down_rows else (8 * n, n)
    direction, _ = water.flow_direction_rad(plane(shape, phi, cell), cell_size_m=cell)
    a = water.specific_catchment_area_rad(direction, cell_size_m=cell)
    profile = a[:, 4 * n] if down_rows else a[4 * n, :]
    against_order = np.cos(phi) > 0 if down_rows else np.sin(phi) < 0
    steps = np.arange(1, n + 1)
    along = cell[1] / abs(np.cos(phi)) if down_rows else cell[0] / abs(np.sin(phi))
    # Rounding of the plane's elevations turns a direction by 1e-11 or so.
    np.testing.assert_allclose(
        profile[::-1] if against_order else profile, steps * along, rtol=1e-8
    )


def test_on_a_cone_specific_area_is_half_the_radius():
    rows, cols = np.indices((301, 301)) - 150
    radius = np.hypot(rows, cols) * 10.0
    direction, _ = water.flow_direction_rad(5e3 - 0.3 * radius, cell_size_m=10.0)
    ratio = water.specific_catchment_area_rad(direction, cell_size_m=10.0) / (radius / 2 + 1e-9)
    # D-infinity prefers the eight directions a little (single cells are 30 % low to 60 %
    # high, Tarboton 1997 Fig. 7); in the mean over a ring this cancels.
    for inner, outer in [(300, 600), (600, 900), (900, 1400)]:
        ring = (radius >= inner) & (radius < outer)
        assert ratio[ring].mean() == pytest.approx(1.0, abs=0.03)
        assert ratio[ring].std() < 0.15


def test_directions_that_lead_in_a_circle_are_an_error():
    east, west = 90.0, 270.0
    with pytest.raises(ArgumentError, match="directions must not lead in a circle"):
        water.specific_catchment_area(np.array([[east, west]]), cell_size_m=10.0)


@pytest.mark.parametrize("direction", [360.0, np.inf, -0.5, -1.5])
def test_a_direction_out_of_range_is_named(direction):
    with pytest.raises(ArgumentError, match="direction_deg must lie in"):
        water.specific_catchment_area(np.array([[direction]]), cell_size_m=10.0)


def test_float32_directions_may_be_widened():
    z = water.fill_depressions(rough((60, 50), dtype=np.float32))
    for cell in CELL_SIZES:
        narrow, _ = water.flow_direction_rad(z, cell_size_m=cell)
        wide = water.specific_catchment_area_rad(narrow.astype(np.float64), cell_size_m=cell)
        # 5e-7 rad of rounding in shares, over some dozen cells
        np.testing.assert_allclose(
            wide, water.specific_catchment_area_rad(narrow, cell_size_m=cell), rtol=2e-5
        )


# Errors


@pytest.mark.parametrize(
    "function",
    [
        water.fill_depressions,
        lambda z: water.flow_direction_rad(z, cell_size_m=1.0),
        lambda z: water.topographic_wetness_index(z, cell_size_m=1.0),
    ],
)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros((3, 3), int), "elevation_m must be float32 or float64, got int64"),
        (np.zeros(3), r"elevation_m must have shape \(rows, cols\), got shape \(3,\)"),
        ([[1.0]], "elevation_m must be a NumPy array, got list"),
        (
            np.broadcast_to(np.float32(0), (2**16, 2**16)),
            "elevation_m must have at most 4294967295 cells, got 4294967296",
        ),
    ],
)
def test_a_wrong_array_is_named(function, bad, message):
    with pytest.raises(ArgumentError, match=message):
        function(bad)
