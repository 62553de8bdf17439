"""Horizons of tiles with a halo or a far field agree with those of the whole DEM."""

import numpy as np
import pytest

from eemt_core import terrain
from eemt_core.terrain._horizon_codes import angle_of_codes_rad, horizon_codes
from oracles.relief import relief

WHOLE = relief((140, 170), seed=3, dtype=np.float32)


def block_means(z, factor):
    rows, cols = (n // factor for n in z.shape)
    return z[: rows * factor, : cols * factor].reshape(rows, factor, cols, factor).mean((1, 3))


@pytest.mark.parametrize("cell_m", [(10.0, 10.0), (10.0, 17.0)])
@pytest.mark.parametrize("window", [(0, 0, 40, 50), (63, 41, 50, 37), (100, 130, 40, 40)])
def test_a_window_has_the_bits_of_the_whole(cell_m, window):
    whole = horizon_codes(WHOLE, cell_size_m=cell_m, directions=36)
    part = horizon_codes(WHOLE, cell_size_m=cell_m, directions=36, window=window)
    r, c, rows, cols = window
    np.testing.assert_array_equal(part, whole[:, r : r + rows, c : c + cols])


def test_a_cut_has_the_bits_of_the_whole_where_it_holds_the_skyline():
    """A wall all around, higher than everything outside, is the skyline of all inside."""
    z = WHOLE.copy()
    z[20:120, 30:140][[0, 1, -2, -1]] = z[20:120, 30:140][:, [0, 1, -2, -1]] = 9000.0
    z = np.ascontiguousarray(z)
    z[20:22, 30:140] = z[118:120, 30:140] = 9000.0
    z[20:120, 30:32] = z[20:120, 138:140] = 9000.0
    whole = horizon_codes(z, cell_size_m=10.0, directions=40, window=(25, 35, 90, 100))
    cut = z[20:120, 30:140].copy()
    tile = horizon_codes(
        cut, cell_size_m=10.0, directions=40, window=(5, 5, 90, 100), anchor=(20, 30)
    )
    np.testing.assert_array_equal(tile, whole)


def test_the_anchor_tells_which_lines_cut_the_dem():
    """Far from the origin the lines are the same: moving a tile by whole steps of a
    rational slope (here 1/2 at cells of 10 m x 20 m towards 45 degrees) changes nothing."""
    z = relief((60, 60), roughness=1.0)
    here = horizon_codes(z, cell_size_m=(20.0, 10.0), directions=8)
    there = horizon_codes(z, cell_size_m=(20.0, 10.0), directions=8, anchor=(2000, 3000))
    np.testing.assert_array_equal(here, there)


def test_a_far_mountain_stands_over_the_tiles_edge():
    cell, n = 30.0, 300
    whole = np.zeros((n, n))
    rows, cols = np.mgrid[0:n, 0:n]
    whole += 1500.0 * np.exp(-(((rows - 150) / 30.0) ** 2 + ((cols - 230) / 20.0) ** 2))
    window = (120, 40, 60, 40)
    truth = horizon_codes(whole, cell_size_m=cell, window=window)
    cut = whole[100:200, 20:100].copy()
    far = terrain.FarLevel(block_means(whole, 5), 5 * cell, -20 * cell, -100 * cell)
    options = {"cell_size_m": cell, "window": (20, 20, 60, 40), "anchor": (100, 20)}
    alone = horizon_codes(cut, **options)
    tile = horizon_codes(cut, far_field=[far], **options)
    angle, expected = (angle_of_codes_rad(codes) for codes in (tile, truth))
    # Across the range the summit bends by 1500 * 2 / 20^2 = 7.5 m per cell squared. A mean
    # over 5 x 5 cells lies below it by 7.5 * 25 / 24 = 8 m, the nearest far cell's centre by
    # up to 7.5 * 2.5^2 / 2 = 23 m and the nearest sample between centres by as much again;
    # all this is seen from 130 cells of 30 m away or more.
    assert np.abs(angle - expected).max() < (8 + 23 + 23) / (130 * cell)
    assert np.abs(angle - expected).mean() < 1e-3
    assert (angle_of_codes_rad(alone) - expected).min() < -0.2


def test_far_levels_follow_each_other_outwards():
    """Each level is used only beyond the one before: what a coarse level says of the
    terrain that a finer one holds has no effect."""
    tile = np.zeros((20, 20))
    near = terrain.FarLevel(np.zeros((30, 30)), 20.0, -200.0, -200.0)
    coarse = np.zeros((30, 30))
    inside = coarse.copy()
    inside[12:18, 12:18] = 5000.0  # where the tile and the first level are
    options = {"cell_size_m": 10.0, "curvature": False, "directions": 16}
    levels = [[near, terrain.FarLevel(z, 50.0, -650.0, -650.0)] for z in (coarse, inside)]
    flat, covered = (horizon_codes(tile, far_field=far, **options) for far in levels)
    assert (flat == 0).all()
    np.testing.assert_array_equal(covered, flat)
    outside = coarse.copy()
    outside[:, 28:] = 500.0  # centres from 775 m east of the tile's western edge
    far = [near, terrain.FarLevel(outside, 50.0, -650.0, -650.0)]
    east = angle_of_codes_rad(horizon_codes(tile, far_field=far, **options)[4])
    # Samples stand a far cell apart; between the centres at 725 m and 775 m it slopes.
    x = 5.0 + 10.0 * np.arange(20)
    assert (east[10] <= np.arctan(500.0 / (775.0 - x)) + 4e-5).all()
    assert (east[10] >= np.arctan(500.0 / (825.0 - x)) - 4e-5).all()


def test_nodata_of_the_far_field_is_passed_over():
    tile = np.zeros((5, 5))
    far = np.zeros((40, 40))
    far[:, 39] = 1000.0
    options = {"cell_size_m": 10.0, "directions": 4}
    whole = horizon_codes(tile, far_field=[terrain.FarLevel(far, 30.0, -600.0, -600.0)], **options)
    far[:, 25:36] = np.nan
    holed = horizon_codes(tile, far_field=[terrain.FarLevel(far, 30.0, -600.0, -600.0)], **options)
    np.testing.assert_array_equal(holed, whole)


def test_threads_do_not_change_a_bit_of_a_far_field():
    far = [terrain.FarLevel(block_means(WHOLE, 10), 100.0, -500.0, -500.0)]
    z = WHOLE[50:80, 50:90].copy()
    one, many = (
        horizon_codes(z, cell_size_m=10.0, far_field=far, threads=threads) for threads in (1, 5)
    )
    assert one.tobytes() == many.tobytes()


def test_a_peak_above_the_lines_beside_it_sees_the_far_field():
    """A rough summit stands far above the scan lines beside it, whose skylines end on ground
    nearby: behind that ground comes the far field, as in the whole the next point of the hull."""
    z = relief((300, 300), seed=3, roughness=3.5, height_m=400.0, dtype=np.float32)
    truth = horizon_codes(z, cell_size_m=20.0, window=(120, 120, 60, 60), directions=36)
    far = terrain.FarLevel(block_means(z, 2), 40.0, -2000.0, -2000.0)
    tile = horizon_codes(
        np.ascontiguousarray(z[100:200, 100:200]),
        cell_size_m=20.0,
        window=(20, 20, 60, 60),
        directions=36,
        anchor=(100, 100),
        far_field=[far],
    )
    angle, expected = (angle_of_codes_rad(codes) for codes in (tile, truth))
    lost = np.degrees(expected - angle)[expected > 0]
    # a mean over 2 x 2 cells lies up to 25 m below its highest, 400 m or more away: 3.6 degrees;
    # a summit that misses the far field altogether loses up to 27
    assert lost.max() < 5.0
    assert np.abs(lost).mean() < 0.2
