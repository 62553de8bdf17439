"""Grids and lattices: arithmetic of windows, and values independent of the window."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.errors import ArgumentError
from eemt_core.grids.grid import Grid, Lattice

GRID = Grid(rows=40, cols=60, x0=1000.0, y0=5000.0, dx=10.0, dy=30.0, unit_m=1.0, crs="")

indices = st.integers(-500, 500)
counts = st.integers(1, 300)
offsets = st.sampled_from([0.0, 0.25, 0.5, 1.0])


@given(indices, indices, counts, counts, indices, indices, counts, counts)
def test_a_window_of_a_window_is_the_window_at_the_sum(r1, c1, n1, m1, r2, c2, n2, m2):
    twice = GRID.window(r1, c1, n1, m1).window(r2, c2, n2, m2)
    once = GRID.window(r1 + r2, c1 + c2, n2, m2)
    assert twice.shape == once.shape == (n2, m2)
    assert (twice.x0, twice.y0) == (once.x0, once.y0)


@given(indices, indices, indices, indices)
def test_a_cell_has_the_same_centre_in_every_window(row, col, row0, col0):
    whole = GRID.centres(row, col)
    part = GRID.window(row0, col0, 5, 5).centres(row - row0, col - col0)
    assert whole == pytest.approx(part, rel=1e-12)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_index_undoes_centres(row, col):
    x, y = GRID.centres(row, col)
    # one part in 1e16 of coordinates of 1e5 and cells of 10
    assert GRID.index_of(x, y) == pytest.approx((row, col), abs=1e-9)


def test_corners_and_centres_of_a_known_grid():
    assert GRID.bounds == (1000.0, 3800.0, 1600.0, 5000.0)
    assert GRID.cell_size_m == (10.0, 30.0)
    x, y = GRID.centres(np.array([0, 39]), np.array([0, 1, 59]))
    assert x.tolist() == [1005.0, 1015.0, 1595.0]
    assert y.tolist() == [4985.0, 3815.0]


def test_a_grid_in_feet_has_cells_in_metres():
    feet = Grid(1, 1, 0.0, 0.0, 10.0, 20.0, 0.3048, "")
    assert feet.cell_size_m == pytest.approx((3.048, 6.096))
    assert not feet.is_geographic


def test_json_keeps_every_bit_of_a_grid():
    grid = Grid(3, 4, 0.1 + 0.2, -1 / 3, 1 / 3, 2 / 7, 0.3048006096012192, 'PROJCRS["é"]')
    assert Grid.from_dict(json.loads(json.dumps(grid.to_dict()))) == grid


@pytest.mark.parametrize(
    ("rows", "dx", "message"),
    [(0, 1.0, "must have cells, got 0 x 1"), (1, -1.0, "dx and dy must be positive")],
)
def test_an_impossible_grid_is_refused(rows, dx, message):
    with pytest.raises(ArgumentError, match=message):
        Grid(rows, 1, 0.0, 0.0, dx, 1.0, 1.0, "")


def wavy(row, col):
    return np.sin(row / 70.0) * 3 + np.cos(col / 90.0) + 1e-5 * row * col


@given(indices, indices, counts, counts, st.integers(1, 64), offsets, offsets, st.data())
def test_a_cell_has_the_same_bits_in_every_window_and_after_a_cut(
    row0, col0, rows, cols, spacing, row_offset, col_offset, data
):
    lattice = Lattice.sample((150, 130), spacing, wavy)
    window = lattice.expand(row0, col0, rows, cols, row_offset, col_offset)
    assert window.shape == (rows, cols)
    i, n = sorted(data.draw(st.tuples(*[st.integers(0, rows)] * 2).filter(lambda p: p[0] != p[1])))
    j, m = sorted(data.draw(st.tuples(*[st.integers(0, cols)] * 2).filter(lambda p: p[0] != p[1])))
    part = lattice.expand(row0 + i, col0 + j, n - i, m - j, row_offset, col_offset)
    assert part.tobytes() == window[i:n, j:m].tobytes()
    cut = lattice.cut(row0, col0, rows, cols)
    assert cut.expand(row0, col0, rows, cols, row_offset, col_offset).tobytes() == window.tobytes()
    again = cut.cut(row0 + i, col0 + j, n - i, m - j)
    answer = again.expand(row0 + i, col0 + j, n - i, m - j, row_offset, col_offset)
    assert answer.tobytes() == part.tobytes()


@given(indices, indices, st.integers(1, 64), offsets, offsets)
def test_a_lattice_is_exact_for_a_plane_with_a_twist(row0, col0, spacing, row_offset, col_offset):
    def twisted(row, col):
        return 2.0 + 3.0 * row - 5.0 * col + 0.25 * row * col

    values = Lattice.sample((200, 100), spacing, twisted).expand(
        row0, col0, 3, 4, row_offset, col_offset
    )
    row = row0 + np.arange(3)[:, None] + row_offset
    col = col0 + np.arange(4)[None, :] + col_offset
    # sums of terms up to 1e5, each rounded to 1e-16 of itself
    np.testing.assert_allclose(values, twisted(row, col), rtol=1e-12, atol=1e-9)


def test_a_lattice_agrees_with_its_slow_twin():
    lattice = Lattice.sample((100, 90), 32, wavy)
    values = lattice.expand(20, 30, 60, 50)
    for row in range(20, 80, 7):
        for col in range(30, 80, 7):
            r, c = (row + 0.5) / 32, (col + 0.5) / 32
            i, j = int(r), int(c)
            corners = [wavy(32 * (i + a), 32 * (j + b)) for a in (0, 1) for b in (0, 1)]
            weights = [abs(a - r + i) * abs(b - c + j) for a in (1, 0) for b in (1, 0)]
            expected = np.dot(corners, weights)
            assert values[row - 20, col - 30] == pytest.approx(expected, abs=1e-12)


def test_a_cut_holds_no_more_than_its_window_needs():
    lattice = Lattice.sample((6400, 6400), 64, wavy)
    cut = lattice.cut(128, 640, 64, 128)
    # the window's corners, and one more where a lower edge lies on a control point
    assert cut.values.shape == (3, 4)
    with pytest.raises(ArgumentError, match="outside this cut lattice"):
        cut.expand(1000, 640, 10, 10)


def test_arrays_bring_a_lattice_back_bit_by_bit():
    lattice = Lattice.sample((300, 200), 32, wavy).cut(100, 90, 50, 60)
    arrays = lattice.to_arrays("latitude_rad") | lattice.to_arrays("longitude_rad")
    back = Lattice.from_arrays("latitude_rad", arrays)
    assert back.expand(100, 90, 50, 60).tobytes() == lattice.expand(100, 90, 50, 60).tobytes()
