"""A worker computes the wetness index of the whole DEM, or, if none can, the manager."""

import numpy as np
import pytest

from climate_files import STATION
from clusters import SHORT, is_busy, kill_group, manager, start_worker, wait_for, workers
from runs import assert_same_maps, eemt_run, mountains, write_dem

pytestmark = pytest.mark.slow

TAKES_IT = "A worker is to compute the wetness index over the whole DEM."
DONE = "The wetness index was computed on "
LOST = "The wetness index lost its worker on "
HERE = "This machine computes the wetness index itself: "


@pytest.fixture(scope="module")
def energy(dem, tmp_path_factory):
    """Options of a run whose tiles take their part of the index, and its maps of this machine."""
    folder = tmp_path_factory.mktemp("energy")
    climate = folder / "station.toml"
    climate.write_text(STATION)
    options = (
        "--workflow", "eemt", "--climate", climate, "--variant", "topo", "--step", "60",
        "--directions", "8", "--tile-size", "128", "--no-pictures",
    )  # fmt: skip
    done = eemt_run(dem, "-o", folder / "out", *options)
    assert done.returncode == 0, done.stderr
    return options, folder / "out"


def test_a_worker_computes_it_beside_the_tiles(dem, local, tmp_path):
    out = tmp_path / "out"
    with manager(dem, out, *SHORT) as run, workers(run.port(), 1, tmp_path):
        run.ends()
    assert TAKES_IT in run.said
    assert DONE in run.said
    assert HERE not in run.said
    assert_same_maps(local, out)


def test_tiles_wait_for_it_where_they_take_their_part_of_it(dem, energy, tmp_path):
    options, local = energy
    out = tmp_path / "out"
    with manager(dem, out, *options) as run, workers(run.port(), 1, tmp_path):
        run.ends()
    assert 0 < run.said.index(DONE) < run.said.index("tile-00")
    assert_same_maps(local, out)


def test_it_is_kept_for_a_run_that_goes_on(dem, energy, tmp_path):
    options, local = energy
    out = tmp_path / "out"
    with manager(dem, out, *options) as run:
        with workers(run.port(), 1, tmp_path):
            run.hears(DONE)
        run.kill()
    with manager(dem, out, *options, "--resume") as again, workers(again.port(), 1, tmp_path):
        again.ends()
    assert again.said.count(TAKES_IT) == 1  # by the first
    assert HERE not in again.said
    assert_same_maps(local, out)


def test_after_three_lost_workers_the_manager_computes_it(dem, energy, tmp_path):
    options, local = energy
    out = tmp_path / "out"
    with manager(dem, out, *options) as run:
        for number in range(3):
            lost = start_worker(run.port(), work_dir=tmp_path)
            wait_for(lambda lost=lost: is_busy(lost), what="the task")
            kill_group(lost)
            wait_for(lambda n=number: run.said.count(LOST) > n, what=LOST)
        run.hears(f"{HERE}3 workers were gone in the middle of it.")
        with workers(run.port(), 1, tmp_path):
            run.ends()
    assert DONE not in run.said
    assert_same_maps(local, out)


def test_where_no_worker_has_the_memory_the_manager_computes_it(tmp_path):
    # mountains are made as a square: of this width they would take 18 GB
    dem = write_dem(tmp_path / "dem.tif", np.tile(mountains((64, 512)), (1, 16)))
    few = ("--days", "172", "--step", "60", "--no-shadows", "--tile-size", "512", "--no-pictures")
    done = eemt_run(dem, "-o", tmp_path / "local", *few)
    assert done.returncode == 0, done.stderr
    with manager(dem, tmp_path / "out", *few) as run:
        # enough for a tile
        small = start_worker(run.port(), "--memory", "127", work_dir=tmp_path)
        try:
            run.hears(f"{HERE}no worker has 130 MB of memory for it.")
            run.ends()
        finally:
            kill_group(small)
    assert_same_maps(tmp_path / "local", tmp_path / "out")
