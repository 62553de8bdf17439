"""Mean irradiation of a cell's surroundings, compared with a simple loop."""

import numpy as np
import pytest

from eemt_core.solar import _reflection as surroundings


def mean_slow(field, row, col):
    """At a cell that is a sample: the mean of the samples within 7 of it, nodata left out."""
    samples = [
        field[r, c]
        for r in range(row - 56, row + 57, 8)
        for c in range(col - 56, col + 57, 8)
        if 0 <= r < field.shape[0] and 0 <= c < field.shape[1] and not np.isnan(field[r, c])
    ]
    return np.mean(samples)


def field_of(seed=0, shape=(150, 170)):
    rng = np.random.default_rng(seed)
    field = rng.uniform(0, 1000, shape)
    field[40:60, 30:90] = np.nan
    return field


def mean_of(field, anchor, window):
    """The mean over a window of the raster, from the samples its margin holds."""
    margin = surroundings.MARGIN_CELLS
    row0, col0 = max(window[0] - margin, 0), max(window[1] - margin, 0)
    rows = min(window[0] + window[2] + margin, field.shape[0])
    cols = min(window[1] + window[3] + margin, field.shape[1])
    part = field[row0:rows, col0:cols]
    row_slice, col_slice, first = surroundings.sampled((row0, col0))
    light = part[row_slice, col_slice][np.newaxis]
    return surroundings.mean_over_surroundings(light, first, anchor, window[2:])[0]


def test_at_samples_it_is_the_plain_mean():
    field = field_of()
    got = mean_of(field, (0, 0), (0, 0, *field.shape))
    for row, col in [(0, 0), (8, 160), (64, 64), (48, 40), (144, 168)]:
        assert got[row, col] == pytest.approx(mean_slow(field, row, col), rel=1e-12)


def test_between_samples_it_is_linear():
    got = mean_of(field_of(), (0, 0), (0, 0, 150, 170))
    np.testing.assert_allclose(got[:144:8][:, 4], (got[:144:8][:, 0] + got[:144:8][:, 8]) / 2)


@pytest.mark.parametrize("window", [(64, 64, 32, 40), (13, 77, 51, 60), (100, 3, 50, 9)])
def test_any_window_gives_the_raster_s_bits(window):
    field = field_of(3)
    whole = mean_of(field, (0, 0), (0, 0, *field.shape))
    row, col, rows, cols = window
    part = mean_of(field, (row, col), window)
    assert (
        part.tobytes() == np.ascontiguousarray(whole[row : row + rows, col : col + cols]).tobytes()
    )


def test_without_any_sample_it_is_unknown():
    nothing = np.empty((1, 0, 3))
    got = surroundings.mean_over_surroundings(nothing, (1, 0), (1, 0), (4, 20))
    assert np.isnan(got).all()
