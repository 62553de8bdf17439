"""The whole DEM of the wetness task: every bit comes back, and what is no DEM is told as such."""

import numpy as np
import pytest

from eemt_core.errors import InputError
from eemt_core.tiles.whole_dem import WHOLE_DEM_FILE, read_whole_dem, write_whole_dem


@pytest.mark.parametrize("shape", [(1, 1), (3, 70_000), (300, 900), (1000, 7)])
def test_a_whole_dem_comes_back_to_the_bit(tmp_path, shape):
    elevation_m = np.random.default_rng(1).normal(1000, 300, shape).astype(np.float32)
    elevation_m[-1, -1] = np.nan
    read = []

    def rows_of(row, rows):
        read.append(rows)
        return elevation_m[row : row + rows]

    write_whole_dem(tmp_path, shape, rows_of)
    found = read_whole_dem(tmp_path)
    np.testing.assert_array_equal(found.view(np.uint32), elevation_m.view(np.uint32))
    assert sum(read) == shape[0]
    path = tmp_path / WHOLE_DEM_FILE
    for kept in (path.read_bytes()[:-1], b"", bytes(16)):
        path.write_bytes(kept)
        with pytest.raises(InputError, match="cannot be read as a DEM"):
            read_whole_dem(tmp_path)
