"""Workers that were updated while a run goes on, or not yet, are told apart and told so."""

import shutil
from pathlib import Path

import pytest

import eemt_core
from clusters import SHORT, manager
from eemt_core.tiles.contract import SCHEMA
from eemt_workers import EemtWorker
from runs import assert_same_maps

pytestmark = pytest.mark.slow

NEWER = "9.9.0"
SIZES = ("--cores", "1", "--memory", "2G", "--disk", "1G")


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    """Variables with which Python has a newer version of this package."""
    folder = tmp_path_factory.mktemp("newer")
    ours = Path(eemt_core.__file__).parent
    shutil.copytree(ours, folder / "eemt_core", ignore=shutil.ignore_patterns("__pycache__"))
    version = folder / "eemt_core" / "_version.py"
    version.write_text(version.read_text().replace(eemt_core.__version__, NEWER))
    return {"PYTHONPATH": str(folder)}


def test_workers_of_another_version_are_told_so_and_those_of_the_runs_finish_it(
    dem, local, newer, tmp_path
):
    """As when machines are updated one by one: first there is none of the run's version."""
    why = (
        f"the task was written by eemt-core {eemt_core.__version__} (task layout {SCHEMA}) but "
        f"this is eemt-core {NEWER} (task layout {SCHEMA}): install the same version on both sides"
    )
    with manager(dem, tmp_path / "out", *SHORT) as run:
        whom = ("--manager-host", "127.0.0.1", "--manager-port", run.port(), *SIZES)
        with EemtWorker(tmp_path, *whom, **newer) as updated:
            updated.wait_for(f"no task of this manager can run here: {why}")
            run.hears(f"is of no use to this run: {why}")
            assert run.process.poll() is None
            with EemtWorker(tmp_path, *whom):
                run.ends()
        assert updated.told.count(why) == 1
    assert "failed" not in run.said
    assert_same_maps(local, tmp_path / "out")
