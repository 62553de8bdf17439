"""Maps of the local engine, with which runs on workers are compared."""

import pytest

from clusters import LONGER, SHORT
from runs import eemt_run, mountains, write_dem


@pytest.fixture(scope="session")
def dem(tmp_path_factory):
    """Eight tiles of 64 x 64 cells."""
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((128, 256)))


@pytest.fixture(scope="session")
def local(dem, tmp_path_factory):
    """Maps of the local engine, with the options `SHORT`."""
    return run_here(dem, tmp_path_factory, SHORT)


@pytest.fixture(scope="session")
def local_longer(dem, tmp_path_factory):
    """Maps of the local engine, with the options `LONGER`."""
    return run_here(dem, tmp_path_factory, LONGER)


def run_here(dem, tmp_path_factory, options):
    out = tmp_path_factory.mktemp("local") / "out"
    done = eemt_run(dem, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    return out
