"""A run gives the same bytes, in whatever form workers have the code."""

import os
import subprocess
import sys

import pytest

from clusters import SHORT, manager, workers
from images import IMAGE, make_images, podman_environment
from runs import assert_same_maps

pytestmark = pytest.mark.slow

# their halos contain the whole DEM, so cells are the same as with smaller tiles
TWO_TILES = ("--days", "1,172", "--step", "15", "--tile-size", "128", "--no-pictures")


def test_a_worker_gets_the_code_with_its_first_task(dem, local, tmp_path):
    """Its Python has no packages at all."""
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {os.path.realpath(sys.executable)} -I -S "$@"\n')
    bare.chmod(0o755)
    env = {"EEMT_PYTHON": str(bare)}
    with (
        manager(dem, tmp_path / "out", *SHORT, "--runtime", "wheel") as run,
        workers(run.port(), 2, tmp_path, cores=2, env=env),
    ):
        run.ends()
    assert "failed" not in run.said
    assert_same_maps(local, tmp_path / "out")


@pytest.fixture
def podman(tmp_path):
    """Environment of a podman that has the image."""
    environment = podman_environment(tmp_path)
    make_images(tmp_path, environment)
    yield environment
    subprocess.run(
        ["podman", "rmi", "--all", "--force"], env=environment, check=True, capture_output=True
    )


def test_a_worker_needs_no_python_where_a_container_has_it(dem, local, tmp_path, podman):
    env = {**podman, "EEMT_PYTHON": "/nowhere/python", "EEMT_CONTAINER_RUNTIME": "podman"}
    (tmp_path / "work").mkdir()
    shared = tmp_path / 'shared,"x'
    shared.mkdir()
    container = ("--runtime", "container", "--image", IMAGE, "--shared-dir", shared)
    with (
        manager(dem, tmp_path / "out", *TWO_TILES, *container) as run,
        workers(run.port(), 2, tmp_path / "work", env=env),
    ):
        run.ends()
    assert "failed" not in run.said
    assert "by the network" not in run.said
    assert_same_maps(local, tmp_path / "out")
