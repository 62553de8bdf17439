"""Coarse levels of a DEM: the value of each block, independent of windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.grids import pyramid
from eemt_core.grids.tiling import FarWindow, Window


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
        made = pyramid.build(
            lambda window: z[window.slices],
            rows,
            cols,
            levels=4,
            folder=tmp_path_factory.mktemp("pyramid"),
        )
    for level in range(1, 5):
        expected = level_slow(z, level)
        whole = made.cut(FarWindow(level, Window(0, 0, *expected.shape)))
        # sums in another order, then float32
        np.testing.assert_allclose(whole, expected, rtol=1e-6)
        part = Window(0, expected.shape[1] // 2, 1, 1)
        np.testing.assert_array_equal(made.cut(FarWindow(level, part)), whole[part.slices])
    if np.isfinite(z).any():
        assert (made.lowest_m, made.highest_m) == (np.nanmin(z), np.nanmax(z))


@pytest.mark.parametrize(("rows", "cols", "halo"), [(10, 10, 256), (257, 3, 256), (20_000, 9, 256)])
def test_after_the_last_level_a_halo_covers_the_dem(rows, cols, halo):
    levels = pyramid.levels_needed(rows, cols, halo)
    assert halo * 2**levels >= max(rows, cols)
    assert levels == 0 or halo * 2 ** (levels - 1) < max(rows, cols)
