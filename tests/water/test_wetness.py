"""The topographic wetness index: laws, a brute-force twin, its memory."""

import doctest
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core import water
from eemt_core.errors import ArgumentError
from oracles.water import wetness_slow
from water_terrains import CELL_SIZES, dems, plane, rough


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELL_SIZES)
@given(z=dems(values=st.one_of(st.floats(0, 50, width=16), st.just(np.nan)), largest=7))
def test_wetness_agrees_with_the_brute_force_twin(z, cell):
    # Random tenths break ties, but for those on the shores of filled depressions.
    z = z + np.random.default_rng(0).uniform(0, 0.1, z.shape)
    wetness = water.topographic_wetness_index(z, cell_size_m=cell)
    np.testing.assert_allclose(wetness, wetness_slow(z, *cell, 1e-3), atol=1e-9)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-5)])
def test_wetness_is_the_log_of_area_over_gradient(dtype, tolerance):
    z = rough((150, 170), dtype=dtype)
    direction, gradient = water.flow_direction_rad(water.fill_depressions(z), cell_size_m=10.0)
    a = water.specific_catchment_area_rad(direction, cell_size_m=10.0)
    expected = np.log(a / np.maximum(gradient, 1e-3))
    # float32: areas are summed in float32, over paths of some hundred cells
    wetness = water.topographic_wetness_index(z, cell_size_m=10.0)
    assert wetness.dtype == dtype
    np.testing.assert_allclose(wetness, expected, atol=tolerance)


def test_level_ground_is_as_wet_as_the_least_gradient_says():
    z = np.zeros((1, 1))
    for least in (1e-3, 1e-2):
        wetness = water.topographic_wetness_index(z, cell_size_m=10.0, min_gradient=least)
        assert wetness[0, 0] == pytest.approx(np.log(10.0 / least))
    assert water.topographic_wetness_index(z, cell_size_m=10.0)[0, 0] == pytest.approx(9.2103404)


def test_a_ridge_is_dry_and_a_valley_wet():
    _, cols = np.indices((60, 61))
    ridge = 1000.0 - 3.0 * np.abs(cols - 30)
    # a channel of 1 % at the foot of slopes of 30 %
    valley = 3.0 * np.abs(cols - 30) + 0.1 * np.arange(60, 0, -1)[:, None]
    on_ridge = water.topographic_wetness_index(ridge, cell_size_m=10.0)[30]
    in_valley = water.topographic_wetness_index(valley, cell_size_m=10.0)[50]
    assert on_ridge[30] == on_ridge.min()
    assert in_valley[30] > in_valley[:29].max() + 4.0


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_rotating_the_dem_rotates_the_answer(turns):
    # Without pits, since on level ground the first of equal neighbours is taken.
    cell = (10.0, 15.0)
    z = plane((40, 33), 0.7, cell, gradient=0.5) + rough((40, 33)) / 100.0
    np.testing.assert_array_equal(water.fill_depressions(z), z)
    turned_cell = cell[::-1] if turns % 2 else cell
    wetness = water.topographic_wetness_index(z, cell_size_m=cell)
    turned = water.topographic_wetness_index(np.rot90(z, turns).copy(), cell_size_m=turned_cell)
    np.testing.assert_allclose(turned, np.rot90(wetness, turns), atol=1e-9)
    direction, _ = water.flow_direction_rad(z, cell_size_m=cell)
    turned, _ = water.flow_direction_rad(np.rot90(z, turns).copy(), cell_size_m=turned_cell)
    expected = np.rot90(direction, turns) - turns * np.pi / 2  # counter-clockwise
    np.testing.assert_allclose(np.cos(turned - expected), 1.0, atol=1e-12)


@given(dems())
def test_rotating_a_dem_with_pits_rotates_its_filling(z):
    turned = water.fill_depressions(np.rot90(z).copy())
    np.testing.assert_array_equal(turned, np.rot90(water.fill_depressions(z)))


def test_mirroring_the_dem_mirrors_the_answer():
    z = plane((40, 33), 0.7, (10.0, 10.0), gradient=0.5) + rough((40, 33)) / 100.0
    wetness = water.topographic_wetness_index(z, cell_size_m=10.0)
    mirrored = water.topographic_wetness_index(z[:, ::-1].copy(), cell_size_m=10.0)
    np.testing.assert_allclose(mirrored[:, ::-1], wetness, atol=1e-9)


@given(dems(np.float32, st.sampled_from([0.0, 1.0, 2.0, np.nan, np.inf, -np.inf])))
def test_cells_without_data_and_no_others_are_nan(z):
    missing = ~np.isfinite(z)
    filled = water.fill_depressions(z)
    direction, gradient = water.flow_direction_rad(z, cell_size_m=10.0)
    area = water.specific_catchment_area_rad(direction, cell_size_m=10.0)
    wetness = water.topographic_wetness_index(z, cell_size_m=10.0)
    for result in (filled, direction, gradient, area, wetness):
        np.testing.assert_array_equal(np.isnan(result), missing)


def test_a_lake_without_data_changes_nothing_upstream_or_beside_it():
    z = plane((60, 80), np.pi, (10.0, 10.0)) + rough((60, 80)) / 1000.0
    with_lake = z.copy()
    with_lake[30:36, 30:45] = np.nan
    before = water.topographic_wetness_index(z, cell_size_m=10.0)
    after = water.topographic_wetness_index(with_lake, cell_size_m=10.0)
    # Cells beside nodata get their slope from the opposite side, which may change flow one cell
    # further to the side in each row downhill; all cells above and beside are unchanged.
    same = np.zeros(z.shape, bool)
    same[:29] = same[:36, :23] = same[:36, 52:] = True
    np.testing.assert_array_equal(after[same], before[same])
    assert np.median(after[37:40, 32:43]) < np.median(before[37:40, 32:43])


def test_threads_do_not_change_a_bit():
    z = rough((211, 157), dtype=np.float32)
    one = water.topographic_wetness_index(z, cell_size_m=10.0, threads=1)
    for threads in (2, 3, 7):
        many = water.topographic_wetness_index(z, cell_size_m=10.0, threads=threads)
        assert many.tobytes() == one.tobytes()


MEASURE = """
import sys
import numpy as np
from eemt_core import water

def now(key):
    lines = open("/proc/self/status").read().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(key)).split()[1])

rng = np.random.default_rng(1)
side, kind = int(sys.argv[1]), sys.argv[2]
water.topographic_wetness_index(rng.random((64, 64), np.float32), cell_size_m=10.0)
open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
before = now("VmRSS:")
z = rng.random((side, side), np.float32)  # white noise: the largest fronts and most pits
if kind == "level":
    z[:] = 1.0
elif kind == "stepped":
    np.floor(np.multiply(z, 3, out=z), out=z)
water.topographic_wetness_index(z, cell_size_m=10.0)
print((now("VmHWM:") - before) / z.size)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["noise", "level", "stepped"])
def test_wetness_stays_within_its_bytes_per_cell(kind):
    result = subprocess.run(
        [sys.executable, "-c", MEASURE, "2000", kind], capture_output=True, text=True, check=True
    )
    # At least input, output, directions, areas and counts (17 bytes), else nothing was measured;
    # up to a byte a cell (4 MB) of them may lie where freed memory was resident before.
    assert 16 <= float(result.stdout) <= water.WETNESS_BYTES_PER_CELL <= 20


def test_the_examples_in_the_docstrings_run():
    results = doctest.testmod(water)
    assert results.attempted > 0
    assert results.failed == 0


@given(dems(np.float64, st.sampled_from([-7.0, -0.5, 0.0, 1.0, 8.0, np.nan])))
def test_the_ratio_of_mean_1_shares_out_all_water_and_no_more(index):
    if not (index > 0).any():
        with pytest.raises(ArgumentError, match="wetness must be above 0 somewhere"):
            water.wetness_ratio(index)
        return
    ratio = water.wetness_ratio(index)
    assert np.nanmean(ratio) == pytest.approx(1.0, rel=1e-12)
    assert (ratio[index < 0] == 0).all()
    np.testing.assert_array_equal(np.isnan(ratio), np.isnan(index))


def test_a_least_gradient_out_of_range_is_named():
    with pytest.raises(ArgumentError, match="min_gradient must lie in"):
        water.topographic_wetness_index(np.zeros((2, 2)), cell_size_m=1.0, min_gradient=0.0)
