"""Jobs of a real Slurm whose work is in a container of podman's."""

import shlex
import subprocess

import pytest

from clusters import ENDLESS, SHORT, wait_for
from eemt_submits import submitted
from images import make_image_of_commands, podman_environment
from runs import assert_same_maps, eemt_run

pytestmark = pytest.mark.slow

IMAGE = "localhost/eemt-core:commands"


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    """Environment of a podman that has the image."""
    folder = tmp_path_factory.mktemp("podman")
    environment = podman_environment(folder)
    make_image_of_commands(folder, IMAGE, environment)
    yield environment
    subprocess.run(
        ["podman", "rmi", "--all", "--force"], env=environment, check=True, capture_output=True
    )


@pytest.fixture
def start(slurm, podman, tmp_path):
    """Submits an array over exported tiles, and returns its number."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    variables = shlex.join(f"{n}={text}" for n, text in {**podman, "TMPDIR": scratch}.items())

    def submit(tiles, *more):
        told = submitted(
            slurm, "slurm", "--tiles", tiles, "--cores", 2, "--memory", "1500M", "--time", "10min",
            "--runtime", "podman", "--image", IMAGE, "--setup", f"export {variables}",
            "--log-dir", tmp_path, *more,
        )  # fmt: skip
        return told["jobs"]

    submit.scratch = scratch
    return submit


def containers(podman, *more):
    command = ["podman", "ps", "--all", "--quiet", *more]
    return subprocess.run(
        command, env=podman, capture_output=True, text=True, check=True
    ).stdout.split()


def test_tiles_in_containers_are_those_of_one_machine(slurm, podman, start, dem, local, tmp_path):
    tiles = tmp_path / "tiles"
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--export-tiles", tiles)
    assert done.returncode == 0, done.stderr
    number = start(tiles, "--per-job", "4")
    assert slurm.wait_for_end(number) == dict.fromkeys((1, 2), "COMPLETED"), log(tmp_path)
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--collect", tiles)
    assert done.returncode == 0, done.stderr
    assert_same_maps(local, tmp_path / "out")
    assert containers(podman) == []
    assert list(start.scratch.iterdir()) == []


def test_a_cancelled_job_takes_its_container_along(slurm, podman, start, dem, tmp_path):
    tiles = tmp_path / "tiles"
    done = eemt_run(dem, "-o", tmp_path / "out", *ENDLESS, "--export-tiles", tiles)
    assert done.returncode == 0, done.stderr
    number = start(tiles)
    begun = tiles / "results"
    wait_for(lambda: list(begun.glob(".tile-*.part")), what=f"its tile: {log(tmp_path)}")
    assert len(containers(podman)) == 1
    slurm.run("scancel", number)
    assert slurm.wait_for_end(number) == {1: "CANCELLED"}
    wait_for(lambda: containers(podman) == [], what="the container's end")
    wait_for(lambda: list(start.scratch.iterdir()) == [], what="the end of the job's folder")
    assert list(begun.iterdir()) == []


def log(folder):
    return "".join(path.read_text() for path in folder.glob("*.log"))
