"""Rasters in blocks: any window is read as it was written, and damage is found."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.errors import InputError
from eemt_core.grids.tiling import Window
from eemt_core.tiles import block_file
from eemt_core.tiles.block_file import write_blocks


def written(folder, cells, name="dem.blocks"):
    (folder / name).unlink(missing_ok=True)

    def read(window):
        return cells[window.row0 : window.row1, window.col0 : window.col1]

    return write_blocks(folder / name, cells.shape, read)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(block_file, "BLOCK_CELLS", 4)


@given(data=st.data())
def test_a_window_holds_the_cells_that_were_written(tmp_path_factory, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_file, "BLOCK_CELLS", 4)
        rows, cols = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 14))
        row0, col0 = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, cols - 1))
        height = data.draw(st.integers(1, rows - row0))
        width = data.draw(st.integers(1, cols - col0))
        cells = np.arange(rows * cols, dtype=np.float32).reshape(rows, cols)
        cells[0, 0] = np.nan
        folder = tmp_path_factory.getbasetemp()
        cut = written(folder, cells).cut(Window(row0, col0, height, width))
        expected = cells[row0 : row0 + height, col0 : col0 + width]
        np.testing.assert_array_equal(cut.read(folder), expected)
        assert (folder / "dem.blocks").stat().st_size == 4 * rows * cols


def test_all_of_a_raster_of_several_blocks_of_the_usual_size(tmp_path):
    cells = np.random.default_rng(1).normal(size=(513, 1025)).astype(np.float32)
    stored = written(tmp_path, cells)
    assert len(stored.sha256) == 6
    np.testing.assert_array_equal(stored.cut(Window(0, 0, 513, 1025)).read(tmp_path), cells)
    cut = stored.cut(Window(500, 1000, 13, 25))
    assert len(cut.sha256) == 4
    np.testing.assert_array_equal(cut.read(tmp_path), cells[500:, 1000:])


def test_damage_is_found_in_the_blocks_of_the_window_alone(tmp_path, small_blocks):
    stored = written(tmp_path, np.zeros((8, 8), np.float32))
    with (tmp_path / "dem.blocks").open("r+b") as file:
        file.seek(4 * 16)  # the first cell of the second block
        file.write(b"x")
    assert not stored.cut(Window(4, 0, 4, 8)).read(tmp_path).any()
    with pytest.raises(InputError, match=r"dem\.blocks is damaged"):
        stored.cut(Window(3, 3, 2, 2)).read(tmp_path)


def test_a_file_that_is_cut_off_or_missing_is_told(tmp_path, small_blocks):
    stored = written(tmp_path, np.ones((8, 8), np.float32))
    os.truncate(tmp_path / "dem.blocks", 4 * 63)
    with pytest.raises(InputError, match=r"dem\.blocks is damaged"):
        stored.cut(Window(7, 7, 1, 1)).read(tmp_path)
    (tmp_path / "dem.blocks").unlink()
    with pytest.raises(InputError, match=r"cannot be read \(No such file"):
        stored.cut(Window(7, 7, 1, 1)).read(tmp_path)
