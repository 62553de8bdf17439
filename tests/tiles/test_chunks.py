"""Windows of packed squares: the cells of any window come back, and damage is told."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.grids.tiling import Window
from eemt_core.tiles.array_file import read_arrays, write_arrays
from eemt_core.tiles.chunks import ChunkGrid, Chunks, nothing, read_chunks
from eemt_core.tiles.packing import pack


@st.composite
def windows(draw):
    """A grid's rows and columns, and a window of it."""
    rows, cols = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    row0, col0 = draw(st.integers(0, rows - 1)), draw(st.integers(0, cols - 1))
    return (
        rows,
        cols,
        Window(row0, col0, draw(st.integers(1, rows - row0)), draw(st.integers(1, cols - col0))),
    )


def packed(z, grid, window):
    """Return the squares that a window touches, as nobody else packs them."""
    edge, content = grid.edge, b""
    for row in range(window.row0 // edge, (window.row1 - 1) // edge + 1):
        for col in range(window.col0 // edge, (window.col1 - 1) // edge + 1):
            content += pack(z[row * edge : (row + 1) * edge, col * edge : (col + 1) * edge])
    return content


def cells_of(rows, cols):
    z = np.arange(rows * cols, dtype=np.float32).reshape(rows, cols) / 10
    z[rows // 2, cols // 3] = np.nan
    return z


@given(windows(), st.sampled_from([1, 7, 16, 100]))
def test_a_window_has_its_cells(asked, edge):
    rows, cols, window = asked
    z, grid = cells_of(rows, cols), ChunkGrid(rows, cols, edge)
    file = io.BytesIO(packed(z, grid, window) + b"next")
    np.testing.assert_array_equal(read_chunks(file, grid, window), z[window.slices])
    assert file.read() == b"next"


def test_a_file_of_arrays_may_hold_squares(tmp_path):
    z, grid, window = cells_of(50, 40), ChunkGrid(50, 40, 16), Window(3, 17, 40, 9)
    chunks = Chunks(grid, window, packed(z, grid, window))
    write_arrays(tmp_path / "x.arrays", {"first": chunks, "n": np.arange(3), "again": chunks})
    found = read_arrays(tmp_path / "x.arrays")
    np.testing.assert_array_equal(found["first"], z[window.slices])
    np.testing.assert_array_equal(found["again"], z[window.slices])
    np.testing.assert_array_equal(found["n"], [0, 1, 2])


def test_a_square_without_values_is_small():
    grid = ChunkGrid(64, 64, 64)
    assert len(nothing(64, 64)) < 200
    found = read_chunks(io.BytesIO(nothing(64, 64)), grid, Window(0, 0, 64, 64))
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    "window",
    [Window(0, 0, 0, 4), Window(-1, 0, 3, 3), Window(0, 0, 51, 4), Window(0, 39, 2, 2)],
)
def test_a_window_that_the_grid_has_not_is_refused(window):
    with pytest.raises(ValueError, match=r"is no window|is not within"):
        read_chunks(io.BytesIO(b"x" * 10_000), ChunkGrid(50, 40, 16), window)


def test_squares_that_are_cut_short_are_told():
    z, grid, window = cells_of(50, 40), ChunkGrid(50, 40, 16), Window(0, 0, 50, 40)
    content = packed(z, grid, window)
    for length in (0, 5, len(content) - 1):
        with pytest.raises(ValueError, match=r"cut short|another size|content size|decompress"):
            read_chunks(io.BytesIO(content[:length]), grid, window)
