"""Systems that run for real, shared by all tests of a session, and maps to compare with.

These tests take minutes: `make test-deploy` runs them, `make test` does not.
"""

import shlex
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from built_image import build_image
from clusters import SHORT
from grid_engine import GridEngine
from orders import hostile_folder
from podman import Podman
from runs import eemt_run, mountains, write_dem
from slurm_cluster import SlurmCluster

HERE = Path(__file__).parent
OF_IMAGE = ("test_image", "test_compose", "test_kubernetes_pods")


class _ByFiles(LoadScopeScheduling):
    """What runs beside what: files do, but those of the image together, so that it is built once.

    Marks for pytest-xdist's groups would say the same, but its release 3.8 does not find any with
    pytest 9.2: single tests of all files run beside each other then, and all systems twice.
    """

    def _split_scope(self, nodeid):
        file = Path(nodeid.partition("::")[0]).stem
        return "image" if file in OF_IMAGE else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return _ByFiles(config, log)


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.deploy)
            assert ("built" in item.fixturenames) == (item.path.stem in OF_IMAGE), item.nodeid


@pytest.fixture(scope="session")
def slurm():
    """A Slurm of two nodes with two cores each; it starts in two seconds."""
    with SlurmCluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def grid_engine():
    """A Grid Engine of one node with four slots; it starts in four seconds."""
    with GridEngine() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def built():
    """A podman with the image of the Containerfile, which takes most of a minute."""
    with Podman() as podman:
        build_image(podman)
        yield podman


@pytest.fixture(scope="session")
def dem(tmp_path_factory):
    """Eight tiles of 64 x 64 cells."""
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((128, 256)))


@pytest.fixture(scope="session")
def local(dem, tmp_path_factory):
    """Maps of the local engine, with the options `SHORT`."""
    out = tmp_path_factory.mktemp("local") / "out"
    done = eemt_run(dem, "-o", out, *SHORT)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def scratch(tmp_path):
    """Where jobs have their folders, and the line of setup that says so."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder, f"export TMPDIR={shlex.quote(str(folder))}"


@pytest.fixture
def hostile(tmp_path):
    """A folder with a name of special characters, see `hostile_folder`."""
    return hostile_folder(tmp_path)
