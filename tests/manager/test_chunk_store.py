"""What tiles take in of the same terrain: each cell is read and packed once."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.errors import InputError
from eemt_core.grids.tiling import Tiling, Window
from eemt_core.manager.inputs.chunk_store import ChunkFile, ChunkStore, dem_edge, level_edge
from eemt_core.tiles.chunks import ChunkGrid, read_chunks


class Grid:
    """A grid that counts how often each of its cells is read."""

    def __init__(self, rows, cols):
        self.cells = np.arange(rows * cols, dtype=np.float32).reshape(rows, cols)
        self.reads = np.zeros((rows, cols), int)

    def read(self, window):
        self.reads[window.slices] += 1
        return self.cells[window.slices]


@st.composite
def parts(draw, length):
    begin = draw(st.integers(0, length - 1))
    return begin, draw(st.integers(1, length - begin))


@st.composite
def windows(draw, rows, cols):
    (row0, height), (col0, width) = draw(parts(rows)), draw(parts(cols))
    return Window(row0, col0, height, width)


def read(chunks):
    return read_chunks(io.BytesIO(chunks.packed), chunks.grid, chunks.window)


@given(st.lists(windows(70, 50), min_size=1, max_size=6), st.sampled_from([8, 16, 33]))
def test_any_windows_have_their_cells_and_none_is_read_twice(tmp_path_factory, asked, edge):
    grid = Grid(70, 50)
    file = ChunkFile(tmp_path_factory.mktemp("chunks") / "chunks")
    store = ChunkStore(ChunkGrid(70, 50, edge), grid.read, file)
    for window in asked:
        np.testing.assert_array_equal(read(store.cut(window)), grid.cells[window.slices])
    file.close()
    assert grid.reads.max() == 1
    touched = np.zeros((70, 50), bool)
    for w in asked:
        rows = slice(w.row0 // edge * edge, -(-w.row1 // edge) * edge)
        touched[rows, w.col0 // edge * edge : -(-w.col1 // edge) * edge] = True
    np.testing.assert_array_equal(grid.reads > 0, touched)


@given(windows(70, 50), windows(70, 50))
def test_squares_that_are_hidden_are_left_out_and_the_others_are_whole(
    tmp_path_factory, window, hidden
):
    grid, edge = Grid(70, 50), 8
    file = ChunkFile(tmp_path_factory.mktemp("chunks") / "chunks")
    store = ChunkStore(ChunkGrid(70, 50, edge), grid.read, file)
    found = read(store.cut(window, hidden))
    left_out = np.zeros((70, 50), bool)
    rows = slice(-(-hidden.row0 // edge) * edge, hidden.row1 // edge * edge)
    left_out[rows, -(-hidden.col0 // edge) * edge : hidden.col1 // edge * edge] = True
    np.testing.assert_array_equal(np.isnan(found), left_out[window.slices])
    kept = ~left_out[window.slices]
    np.testing.assert_array_equal(found[kept], grid.cells[window.slices][kept])
    assert not grid.reads[left_out].any()
    # what was left out is there for who needs it
    np.testing.assert_array_equal(read(store.cut(window)), grid.cells[window.slices])
    file.close()


def test_grids_share_a_file_which_goes_at_the_end(tmp_path):
    one, other = Grid(30, 40), Grid(20, 20)
    file = ChunkFile(tmp_path / "new" / "chunks")
    stores = [
        ChunkStore(ChunkGrid(*grid.cells.shape, 16), grid.read, file) for grid in (one, other)
    ]
    for window in (Window(0, 0, 5, 5), Window(3, 2, 17, 18)):
        for grid, store in zip((one, other), stores, strict=True):
            np.testing.assert_array_equal(read(store.cut(window)), grid.cells[window.slices])
    file.close()
    assert not list((tmp_path / "new").iterdir())


@pytest.mark.parametrize(
    ("halo", "dem", "level"),
    [(1, 32, 32), (64, 32, 32), (128, 64, 64), (256, 128, 64), (999, 128, 64)],
)
def test_squares_are_parts_of_a_halo(halo, dem, level):
    tiling = Tiling(1000, 1000, 64, halo)
    assert (dem_edge(tiling), level_edge(tiling)) == (dem, level)


def test_a_file_that_was_cut_short_is_told(tmp_path):
    file = ChunkFile(tmp_path / "chunks")
    begin = file.append(b"a" * 600)
    os.truncate(tmp_path / "chunks", 300)
    with pytest.raises(InputError, match="was cut short: begin again with"):
        file.read(begin, 600)
    file.close()


def test_a_file_that_may_not_grow_says_which(tmp_path):
    program = f"""
import resource, signal
from pathlib import Path
from eemt_core.errors import ResourceError
from eemt_core.manager.inputs.chunk_store import ChunkFile

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file = ChunkFile(Path({str(tmp_path / "chunks")!r}))
begin = file.append(b"a" * 600)
try:
    file.append(b"b" * 600)
except ResourceError as error:
    assert "chunks cannot be written" in error.sentence, error.sentence
else:
    raise SystemExit("it was written")
assert file.append(b"c" * 300) == begin + 600
assert file.read(begin + 599, 3) == b"acc"
"""
    subprocess.run([sys.executable, "-c", program], check=True)
