"""How many processes a run starts, and runs that need more than there is."""

import pytest

from eemt_core.errors import ResourceError
from eemt_core.manager.plan import resources


def test_what_does_not_fit_is_said_before_it_starts(tmp_path):
    with pytest.raises(ResourceError, match="use a smaller tile_cells"):
        resources.processes_for(2, 4, 10**9)
    with pytest.raises(ResourceError, match="on the disk of"):
        resources.check_disk(tmp_path, 10**18)


@pytest.mark.parametrize(
    ("cores", "tiles", "processes"),
    [
        (1, 5, 1),
        (2, 1, 1),
        (2, 2, 2),
        (2, 3, 2),  # two tiles at once, then the third on both cores
        (
            16,
            9,
            8,
        ),  # eight tiles of two threads, then the ninth with all; nine of one leave seven idle
        (16, 400, 16),
    ],
)
def test_processes_are_as_many_as_end_soonest(cores, tiles, processes):
    assert resources.processes_for(cores, tiles, 1) == processes
