"""Exported tiles that several files of tests work with."""

import shutil

import pytest

from eemt_core.manager.export import export_tiles
from eemt_core.manager.reporter import Silent
from eemt_core.manager.run import run
from exported_tiles import asked, run_tile
from runs import mountains, write_dem


@pytest.fixture(scope="session")
def four_tiles(tmp_path_factory):
    """A DEM of four tiles of 64 x 64 cells."""
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((128, 128)))


@pytest.fixture(scope="session")
def their_maps(four_tiles, tmp_path_factory):
    """The maps of a run of one machine."""
    return run(asked(four_tiles, tmp_path_factory.mktemp("local") / "out"), Silent())


@pytest.fixture(scope="session")
def _computed(four_tiles, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "tiles"
    export_tiles(asked(four_tiles, folder.with_name("out")), folder, Silent())
    assert run_tile(folder, 1, 2, 3, 4)[0] == 0
    return folder


@pytest.fixture
def computed(_computed, tmp_path):
    """An exported folder with the results of all tiles, for a test of its own."""
    return shutil.copytree(_computed, tmp_path / "computed")


@pytest.fixture
def exported(computed):
    """One without any result."""
    for result in (computed / "results").iterdir():
        shutil.rmtree(result)
    return computed
