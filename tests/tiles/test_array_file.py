"""Arrays in files: they are read as written, and incomplete files are refused."""

import os

import numpy as np
import pytest

from eemt_core.errors import InputError, ResourceError
from eemt_core.tiles.array_file import append_array, read_arrays, write_arrays


def test_arrays_of_one_file_lie_side_by_side_and_keep_their_cells(tmp_path):
    path, places = tmp_path / "results", []
    for number, shape in enumerate([(3, 5), (2, 7, 11), (1, 1)]):
        place, cells = append_array(path, shape)
        cells[...] = number + np.arange(cells.size).reshape(shape)
        cells.flush()
        places.append(place)
    for number, place in enumerate(places):
        assert place.offset % 64 == 0
        cells = place.load(tmp_path)
        np.testing.assert_array_equal(cells.ravel(), number + np.arange(cells.size))
        assert len(place.sha256(tmp_path)) == 64
    assert len({place.sha256(tmp_path) for place in places}) == 3


def test_a_file_that_is_cut_off_is_told(tmp_path):
    place, _ = append_array(tmp_path / "results", (4, 4))
    os.truncate(tmp_path / "results", 60)
    with pytest.raises(InputError, match="4 bytes too short"):
        place.sha256(tmp_path)
    (tmp_path / "results").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        place.sha256(tmp_path)


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(ResourceError, match=r"ulimit -f\), or use another disk") as told:
        append_array(tmp_path / "results", (1 << 20, 1 << 22))
    assert told.value.lack == "disk"


def test_named_arrays_come_back_bit_by_bit(tmp_path):
    arrays = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "b": np.array([[1.5, np.nan]]),
        "text": np.array("ä {}"),
        "none": np.empty((0, 4), dtype=np.int16),
        "no cell": np.empty((3, 0, 4), dtype=np.float32),
        "number": np.float32(2.5),
        "line": np.linspace(0, 1, 5000, dtype=np.float32),
        "grid": np.linspace(0, 1, 4800, dtype=np.float32).reshape(60, 80),
        "months": np.linspace(0, 1, 4800, dtype=np.float32).reshape(80, 60).T.reshape(12, 5, 80),
        "doubles": np.linspace(0, 1, 4800).reshape(60, 80),
    }
    write_arrays(tmp_path / "x.arrays", arrays)
    found = read_arrays(tmp_path / "x.arrays")
    assert found.keys() == arrays.keys()
    for name, values in arrays.items():
        assert found[name].dtype == values.dtype
        np.testing.assert_array_equal(found[name], values)
        found[name].flags.writeable = True


@pytest.mark.parametrize("values", [np.zeros(1000), np.zeros((40, 50), np.float32)])
@pytest.mark.parametrize("harm", [b"", b"\x05", b"\xff" * 20, None])
def test_what_is_no_file_of_arrays_is_told(tmp_path, harm, values):
    path = tmp_path / "x.arrays"
    write_arrays(path, {"a": values})
    path.write_bytes(path.read_bytes()[:-8] if harm is None else harm)
    with pytest.raises(InputError, match="cannot be read as arrays"):
        read_arrays(path)
