"""A Slurm for all tests of a session, maps to compare with, and a folder with an evil name."""

import pytest

from clusters import SHORT
from orders import exported, password_file
from runs import eemt_run, mountains, write_dem
from slurm_cluster import SlurmCluster


@pytest.fixture
def hostile(tmp_path):
    """A folder with a password and tiles; every character of its name but letters is special."""
    folder = tmp_path / """a b'c"d$(touch e)`touch f`;&|<>*?[g]{h}!#~%A"""
    folder.mkdir()
    password_file(folder)
    exported(folder)
    return folder


@pytest.fixture(scope="session")
def slurm():
    """A Slurm of two nodes with two cores each; it starts in two seconds."""
    with SlurmCluster() as cluster:
        yield cluster


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
