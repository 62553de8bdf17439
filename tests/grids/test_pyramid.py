"""Coarse levels of a DEM: the value of each block, independent of windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.grids import pyramid
from eemt_core.grids.tiling import FarWindow, Tiling, Window
from eemt_core.terrain._horizon_codes import horizon_codes
from oracles.relief import relief


def level_slow(z, level):
    """Mix of mean and maximum of the valid cells of each block."""
    block = 2**level
    rows, cols = (-(-n // block) for n in z.shape)
    out = np.full((rows, cols), np.nan, np.float32)
    for i in range(rows):
        for j in range(cols):
            cells = z[i * block : (i + 1) * block, j * block : (j + 1) * block]
            cells = cells[np.isfinite(cells)].astype(np.float64)
            if cells.size:
                share = pyramid.MAX_SHARE
                out[i, j] = (1 - share) * cells.mean() + share * cells.max()
    return out


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 11])
)
def test_levels_are_those_of_the_slow_twin(tmp_path_factory, rows, cols, seed, window_levels):
    rng = np.random.default_rng(seed)
    z = rng.normal(1000, 300, (rows, cols)).astype(np.float32)
    z[rng.random(z.shape) < 0.2] = np.nan
    with pytest.MonkeyPatch.context() as patch:
        # small windows: levels are put together from several, and coarse blocks are larger than one
        patch.setattr(pyramid, "_WINDOW_LEVELS", window_levels)
        patch.setattr(pyramid, "WINDOW_ROWS", 2**window_levels)
        patch.setattr(pyramid, "WINDOW_COLS", 2 ** (window_levels + 1))
        made = pyramid.build(
            lambda window: z[window.slices],
            rows,
            cols,
            cell_size_m=(25.0, 40.0),
            levels=4,
            folder=tmp_path_factory.mktemp("pyramid"),
        )
    for level in range(1, 5):
        expected = level_slow(z, level)
        whole = made.cut(FarWindow(level, Window(0, 0, *expected.shape)))
        steps = {1: 10, 2: 1, 3: 1, 4: 1}[level]  # of cells of 50, 100, 200 and 400 m
        stepped = np.rint(whole.astype(np.float64) * steps) / steps
        np.testing.assert_array_equal(whole, stepped.astype(np.float32))
        # sums in another order, then float32
        np.testing.assert_allclose(whole, expected, rtol=1e-6, atol=0.5 / steps)
        part = Window(0, expected.shape[1] // 2, 1, 1)
        np.testing.assert_array_equal(made.cut(FarWindow(level, part)), whole[part.slices])
    if np.isfinite(z).any():
        assert (made.lowest_m, made.highest_m) == (np.nanmin(z), np.nanmax(z))


@pytest.mark.parametrize(("rows", "cols", "halo"), [(10, 10, 256), (257, 3, 256), (20_000, 9, 256)])
def test_after_the_last_level_a_halo_covers_the_dem(rows, cols, halo):
    levels = pyramid.levels_needed(rows, cols, halo)
    assert halo * 2**levels >= max(rows, cols)
    assert levels == 0 or halo * 2 ** (levels - 1) < max(rows, cols)


@pytest.mark.parametrize("cell_m", [(30.0, 30.0), (25.0, 40.0)])
@pytest.mark.parametrize("index", [0, 5, 7, 14, 23])
@pytest.mark.parametrize("directions", [7, 72])
def test_what_finer_levels_hold_is_left_out_and_never_looked_at(
    tmp_path, cell_m, index, directions
):
    z = relief((390, 310), seed=4, dtype=np.float32) + np.float32(2000)
    made = pyramid.build(
        lambda window: z[window.slices],
        *z.shape,
        cell_size_m=cell_m,
        levels=6,
        folder=tmp_path,
    )
    tiling = Tiling(*z.shape, tile_cells=64, halo_cells=21)
    tile = tiling.tile(index)
    levels = list(made.far_field(tiling, tile, cell_m))
    holes = [np.isnan(level.elevation_m) for level in levels]
    assert len(levels) > 2
    assert all(hole.mean() > 0.05 for hole in holes)

    def seen(filled):
        return horizon_codes(
            z[tile.halo.slices].copy(),
            cell_size_m=cell_m,
            window=tile.core.relative_to(tile.halo).numbers,
            directions=directions,
            anchor=(tile.halo.row0, tile.halo.col0),
            far_field=filled,
        )

    found = seen(levels)
    for height_m in (-400.0, 8800.0):
        for level, hole in zip(levels, holes, strict=True):
            level.elevation_m[hole] = height_m
        np.testing.assert_array_equal(found, seen(levels))
    # and what is left is needed: no level may go
    assert any((found != seen(levels[:n])).any() for n in range(len(levels)))
