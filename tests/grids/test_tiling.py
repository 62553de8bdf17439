"""Tiles, halos and far fields: the laws of the arithmetic."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.errors import ArgumentError
from eemt_core.grids import tiling
from eemt_core.grids.tiling import BLOCK_CELLS, NARROWEST, Tiling, Window

ROOT = Path(__file__).parents[2]

sizes = st.integers(1, 700)
tilings = st.builds(
    Tiling,
    rows=sizes,
    cols=sizes,
    tile_cells=st.integers(1, 8).map(lambda n: n * BLOCK_CELLS),
    halo_cells=st.integers(1, 80),
)


def contains(outer, inner):
    return (
        outer.row0 <= inner.row0
        and outer.col0 <= inner.col0
        and outer.row1 >= inner.row1
        and outer.col1 >= inner.col1
    )


@given(tilings)
def test_every_cell_lies_in_exactly_one_core(plan):
    hits = np.zeros((plan.rows, plan.cols), np.uint8)
    for tile in plan:
        hits[tile.core.slices] += 1
    assert (hits == 1).all()


@given(tilings)
def test_halos_lie_within_the_dem_and_are_full_where_the_dem_allows(plan):
    dem = Window(0, 0, plan.rows, plan.cols)
    for tile in plan:
        assert contains(dem, tile.halo)
        assert contains(tile.halo, tile.core)
        assert tile.halo.row0 == max(0, tile.core.row0 - plan.halo_cells)
        assert tile.halo.col1 == min(plan.cols, tile.core.col1 + plan.halo_cells)
        trimmed = tile.core.relative_to(tile.halo)
        assert np.zeros(tile.halo.shape)[trimmed.slices].shape == tile.core.shape


@given(tilings, st.floats(0, 50_000), st.floats(5, 100), st.floats(5, 100))
def test_the_far_field_covers_the_reach_and_grows_with_distance(plan, reach_m, cell_x, cell_y):
    tile = plan.tile(len(plan) // 2)
    levels = tiling.far_windows(plan, tile, reach_m=reach_m, cell_size_m=(cell_x, cell_y))
    assert [far.level for far in levels] == list(range(1, len(levels) + 1))
    rows, cols = int(reach_m // cell_y), int(reach_m // cell_x)
    needed = tile.core.grown(rows, cols, (plan.rows, plan.cols))
    covered = tile.halo
    for far in levels:
        cells = Window(*(n * far.block for n in far.window.numbers))
        assert contains(cells, covered)
        assert cells.row1 < plan.rows + far.block
        assert cells.col1 < plan.cols + far.block
        # a level's blocks are used only at distances that are large compared with their size. Here:
        # all needed terrain nearer than halo_cells (level 1) or halo_cells * 2**level is covered
        margin = plan.halo_cells * (far.block if far.level > 1 else 1)
        near = tile.core.grown(margin, margin, (plan.rows, plan.cols))
        row0, col0 = max(near.row0, needed.row0), max(near.col0, needed.col0)
        row1, col1 = min(near.row1, needed.row1), min(near.col1, needed.col1)
        assert contains(covered, Window(row0, col0, row1 - row0, col1 - col0))
        covered = cells
    assert contains(covered, needed)


def test_no_far_field_where_the_halo_holds_the_whole_dem():
    plan = Tiling(300, 300, tile_cells=192, halo_cells=256)
    assert all(
        tiling.far_windows(plan, tile, reach_m=1e6, cell_size_m=(30.0, 30.0)) == () for tile in plan
    )


def test_a_far_field_of_a_huge_dem_stays_small():
    # 20,000 x 20,000 cells of 10 m: the data of a tile must not grow with the DEM
    plan = Tiling(20_000, 20_000)
    tile = plan.tile(len(plan) // 2 + plan.tiles_across // 2)
    levels = tiling.far_windows(plan, tile, reach_m=2e5, cell_size_m=(10.0, 10.0))
    assert sum(far.window.cells for far in levels) < 8_000_000
    assert 4 <= len(levels) <= 6


@given(tilings)
def test_cores_start_on_multiples_of_the_tile_and_end_with_it_or_with_the_dem(plan):
    for tile in plan:
        core = tile.core
        assert (core.row0 % plan.tile_cells, core.col0 % plan.tile_cells) == (0, 0)
        assert core.row1 in (plan.rows, core.row0 + plan.tile_cells)
        assert core.col1 in (plan.cols, core.col0 + plan.tile_cells)
        for length, dem in zip(core.shape, (plan.rows, plan.cols), strict=True):
            assert NARROWEST * length >= min(plan.tile_cells, NARROWEST * dem)
            assert NARROWEST * length < (NARROWEST + 1) * plan.tile_cells
    rows, cols = ([tile.core.shape[axis] for tile in plan] for axis in (0, 1))
    assert plan.edge == (max(rows), max(cols))


@pytest.mark.parametrize(
    ("rows", "heights"),
    [
        (1, [1]),
        (127, [127]),
        (1024, [1024]),
        (1028, [1028]),
        (1151, [1151]),
        (1152, [1024, 128]),
        (2048, [1024, 1024]),
        (2175, [1024, 1151]),
    ],
)
def test_a_rest_of_less_than_an_eighth_belongs_to_the_tile_before_it(rows, heights):
    for plan, axis in ((Tiling(rows, 972), 0), (Tiling(972, rows), 1)):
        assert [tile.core.shape[axis] for tile in plan] == heights
        assert plan.edge[axis] == max(heights)


@given(st.floats(1, 8000))
def test_at_the_reach_terrain_stands_at_the_lowest_horizon(relief_m):
    reach = tiling.far_reach_m(relief_m)
    angle = relief_m / reach - reach * 0.87 / (2 * 6_371_000.0)
    assert np.degrees(np.arctan(angle)) == pytest.approx(tiling.LOWEST_HORIZON_DEG, rel=1e-6)


def test_a_flat_dem_needs_no_far_field():
    assert tiling.far_reach_m(0.0) == 0.0
    assert tiling.far_reach_m(float("nan")) == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tile_cells": 100}, "tile_cells must be a positive multiple of 64, got 100"),
        ({"tile_cells": 0}, "tile_cells must be a positive multiple of 64, got 0"),
        ({"halo_cells": 0}, "halo_cells must be at least 1, got 0"),
    ],
)
def test_a_bad_cut_is_named(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        Tiling(100, 100, **arguments)


def test_whole_blocks_rounds_up():
    assert [tiling.whole_blocks(n) for n in (1, 64, 65, 500)] == [64, 64, 128, 512]


def test_the_earth_is_that_of_the_kernels():
    header = (ROOT / "cpp/include/eemt/constants.hpp").read_text()
    for name, value in (
        ("earth_radius_m", tiling.EARTH_RADIUS_M),
        ("terrestrial_refraction_k", tiling.TERRESTRIAL_REFRACTION_K),
    ):
        (told,) = re.findall(rf"\b{name} = ([0-9.]+);", header)
        assert float(told) == value
