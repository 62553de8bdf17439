"""How many processes a run starts, and runs that need more than there is."""

import pytest

from eemt_core.errors import ResourceError
from eemt_core.manager.plan.resources import check_disk
from eemt_core.manager.plan.staffing import makespan, processes_for


def test_what_does_not_fit_is_said_before_it_starts(tmp_path):
    with pytest.raises(ResourceError, match="use a smaller tile_cells"):
        processes_for(2, [1] * 4, 10**9)
    with pytest.raises(ResourceError, match="on the disk of"):
        check_disk(tmp_path, 10**18)


@pytest.mark.parametrize(
    ("cores", "tiles", "processes"),
    [
        (1, [1] * 5, 1),
        (2, [1], 1),
        (2, [1] * 2, 2),
        (2, [1] * 3, 2),  # two tiles at once, then the third on both cores
        # eight tiles of two threads, then the ninth with all; nine of one leave seven idle
        (16, [1] * 9, 8),
        (16, [1] * 400, 16),
        (16, [1] * 100_000, 16),
        # 1,536 x 1,536 cells in tiles of 1,024: one has four ninths of the work
        (4, [4, 2, 2, 1], 2),
        (2, [4, 2, 2, 1], 1),
        (2, [4, 4, 4, 2, 2], 2),
        (2, [8, 1, 1], 1),
    ],
)
def test_processes_are_as_many_as_end_soonest(cores, tiles, processes):
    assert processes_for(cores, [tile * 2**18 for tile in tiles], 1) == processes


def test_where_starts_take_longer_than_tiles_there_are_many():
    assert processes_for(4, [4096, 2048, 2048, 1024], 1) == 4


def test_the_last_tiles_take_all_cores():
    # two rounds of one thread, then the fifth tile with both
    assert makespan([1] * 5, 2, 2, 0.1) == pytest.approx(2 + 0.03 + 0.97 / 2 + 3 * 0.1)
    assert makespan([3, 1, 1, 1], 2, 2, 0) == pytest.approx(3)
