"""Rounding, overviews and statistics of a map's numbers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eemt_core.blocks.cells import count, halve, joined, round_mantissa
from oracles import blocks as numpy_way

SPECIAL = np.array(
    [0.0, -0.0, np.inf, -np.inf, 1e-45, -1e-45, 1.2e-38, 3.4e38, 1.0, -1.0, 359.99], np.float32
)
patterns = st.integers(0, 2**32 - 1)
grids = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
    elements=st.floats(-1e6, 1e6, width=32) | st.just(np.nan),
)

any_grids = hnp.arrays(np.uint32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20)).map(
    lambda pattern: pattern.view(np.float32)
)


def exactly(value):
    return Fraction(float(value))


@given(pattern=patterns, bits=st.integers(6, 23))
def test_a_number_becomes_the_nearest_that_has_so_many_bits(pattern, bits):
    cells = np.array([pattern], np.uint32).view(np.float32)
    found = round_mantissa(cells, bits)
    kept = int(found.view(np.uint32)[0])
    if np.isnan(cells[0]):
        assert kept == 0x7FC00000
        return
    assert kept % 2 ** (23 - bits) == 0
    if np.isinf(found[0]):  # so large that the nearest one has no float32
        assert int(pattern) & 0x7FFFFFFF >= 0x7F800000 - 2 ** (22 - bits) or np.isinf(cells[0])
        return
    step = 2 ** (23 - bits)
    magnitude = int(pattern) & 0x7FFFFFFF
    below = magnitude // step * step
    near = [np.array([p], np.uint32).view(np.float32)[0] for p in (below, below + step)]
    far = [abs(exactly(abs(cells[0])) - exactly(p)) for p in near if np.isfinite(p)]
    assert abs(exactly(cells[0]) - exactly(found[0])) == min(far)
    assert kept & 0x80000000 == int(pattern) & 0x80000000
    if len(far) == 2 and far[0] == far[1] and step > 1:
        assert kept // step % 2 == 0


def test_all_bits_leave_every_number_as_it_is():
    assert round_mantissa(SPECIAL, 23).tobytes() == SPECIAL.tobytes()


@pytest.mark.parametrize("bits", range(6, 24))
def test_the_relative_error_is_within_what_the_bits_say(bits):
    cells = np.random.default_rng(bits).uniform(1e-3, 1e7, 10_000).astype(np.float32)
    error = np.abs(round_mantissa(cells, bits).astype(float) - cells) / cells
    assert error.max() <= 2.0 ** -(bits + 1)
    assert bits == 23 or error.max() > 2.0 ** -(bits + 1) * 0.9


@given(cells=grids, bits=st.integers(6, 23))
def test_rounding_twice_is_rounding_once(cells, bits):
    once = round_mantissa(cells, bits)
    assert round_mantissa(once, bits).tobytes() == once.tobytes()


@given(cells=any_grids, bits=st.integers(6, 23), circular=st.booleans())
def test_all_is_what_numpy_makes_of_it(cells, bits, circular):
    assert round_mantissa(cells, bits).tobytes() == numpy_way.round_mantissa(cells, bits).tobytes()
    below = round_mantissa(cells, 23)  # one kind of NaN
    judged = numpy_way.halve(below, circular=circular)
    assert halve(below, circular=circular).tobytes() == judged.tobytes()
    found, expected = count(cells), numpy_way.statistics(cells)
    assert found[:2] == expected[:2]
    assert np.array_equal(found[3:], expected[3:], equal_nan=True)


@given(cells=grids)
def test_an_overview_is_the_mean_of_the_valid_cells_below(cells):
    found = halve(cells)
    rows, cols = cells.shape
    assert found.shape == (-(-rows // 2), -(-cols // 2))
    for row in range(found.shape[0]):
        for col in range(found.shape[1]):
            four = cells[2 * row : 2 * row + 2, 2 * col : 2 * col + 2]
            valid = [float(value) for value in four.ravel() if not np.isnan(value)]
            expected = sum(valid) / len(valid) if valid else np.nan
            assert found[row, col].tobytes() == np.float32(expected).tobytes()


@given(cells=grids)
def test_an_overview_of_directions_has_one_of_them(cells):
    assert np.array_equal(halve(cells, circular=True), cells[::2, ::2], equal_nan=True)


@given(cells=grids)
def test_statistics_are_those_of_the_valid_cells(cells):
    found, valid = count(cells), cells[~np.isnan(cells)].astype(float)
    assert (found.cells, found.gaps) == (valid.size, cells.size - valid.size)
    if valid.size:
        assert (found.low, found.high) == (valid.min(), valid.max())
        # each addition of two doubles may round
        assert abs(found.total - valid.sum()) <= valid.size * 2e-16 * np.abs(valid).sum()
    else:
        assert np.isnan([found.low, found.high]).all()
        assert found.total == 0.0


@given(cells=grids)
def test_statistics_of_parts_are_those_of_the_whole(cells):
    parts = [count(cells[:, col : col + 1]) for col in range(cells.shape[1])]
    whole, found = count(cells), joined(parts)
    assert found == joined(reversed(parts)) or not whole.cells
    assert (found.cells, found.gaps) == (whole.cells, whole.gaps)
    assert np.array_equal([found.low, found.high], [whole.low, whole.high], equal_nan=True)
    assert abs(found.total - whole.total) <= cells.size * 4e-16 * np.nansum(
        np.abs(cells.astype(float))
    )


def test_infinities_are_told():
    found = count(np.array([[np.inf, -np.inf, 1, np.nan]], np.float32))
    assert (found.low, found.high, found.cells, found.gaps) == (-np.inf, np.inf, 3, 1)
    assert (joined([found]).low, joined([found]).high) == (-np.inf, np.inf)
