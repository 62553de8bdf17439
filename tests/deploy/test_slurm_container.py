"""Jobs of a real Slurm whose work is in a container of podman's."""

import shlex
import socket
import subprocess

import pytest

from clusters import ENDLESS, SHORT, manager, wait_for
from eemt_core.machine import reserve_mb
from eemt_submits import submitted
from images import make_image_of_commands, podman_environment
from orders import password_file
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
    """Submits an array, and returns its number."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    variables = shlex.join(f"{n}={text}" for n, text in {**podman, "TMPDIR": scratch}.items())

    def submit(*work):
        told = submitted(
            slurm, "slurm", *work, "--cores", 2, "--memory", "1500M", "--time", "10min",
            "--runtime", "podman", "--image", IMAGE, "--setup", f"export {variables}",
            "--log-dir", tmp_path,
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
    number = start("--tiles", tiles, "--per-job", "4")
    assert slurm.wait_for_end(number) == dict.fromkeys((1, 2), "COMPLETED"), log(tmp_path)
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--collect", tiles)
    assert done.returncode == 0, done.stderr
    assert_same_maps(local, tmp_path / "out")
    wait_for(lambda: not containers(podman), what="the containers' end")
    wait_for(lambda: list(start.scratch.iterdir()) == [], what="the end of the jobs' folders")


def test_workers_in_containers_give_the_maps_of_one_machine(
    slurm, podman, start, dem, local, tmp_path
):
    password = password_file(tmp_path)
    with manager(dem, tmp_path / "out", *SHORT, "--password-file", password) as run:
        address = f"{socket.gethostname()}:{run.port()}"
        whom = ("--manager", address, "--password-file", password)
        number = start(*whom, "--workers", 2)
        run.ends()
    slurm.run("scancel", number)  # they would look for a minute whether the manager comes back
    assert_same_maps(local, tmp_path / "out")
    assert slurm.wait_for_end(number) == dict.fromkeys((1, 2), "CANCELLED"), log(tmp_path)
    # the job's, not the node's
    assert log(tmp_path).count(f"offering 2 cores, {1500 - reserve_mb(1500)} MB of memory") == 2
    wait_for(lambda: containers(podman) == [], what="the containers' end")
    wait_for(lambda: list(start.scratch.iterdir()) == [], what="the end of the jobs' folders")


def test_a_cancelled_job_takes_its_container_along(slurm, podman, start, dem, tmp_path):
    tiles = tmp_path / "tiles"
    done = eemt_run(dem, "-o", tmp_path / "out", *ENDLESS, "--export-tiles", tiles)
    assert done.returncode == 0, done.stderr
    number = start("--tiles", tiles)
    begun = tiles / "results"
    wait_for(lambda: list(begun.glob(".tile-*.part")), what=f"its tile: {log(tmp_path)}")
    assert len(containers(podman)) == 1
    slurm.run("scancel", number)
    assert slurm.wait_for_end(number) == {1: "CANCELLED"}
    wait_for(lambda: containers(podman) == [], what="the container's end")
    wait_for(lambda: list(start.scratch.iterdir()) == [], what="the end of the job's folder")
    wait_for(lambda: list(begun.iterdir()) == [], what="the end of the unfinished tile")


def log(folder):
    return "".join(path.read_text() for path in folder.glob("*.log"))
