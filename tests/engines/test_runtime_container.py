"""Tasks in containers, started by podman as a worker does. Needs Debian's podman and runc."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from eemt_core.engines.runtimes.make import make_runtime
from eemt_core.errors import ArgumentError
from eemt_core.files import sha256_file
from eemt_core.tiles import compute
from images import IMAGE, WITHOUT_CODE, WITHOUT_PYTHON, make_images, podman_environment
from sandboxes import EVIL, block, obeyed, outputs, run_in, sandbox, start_in, wait_for, write_task


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    """Environment of a podman that has the images."""
    folder = tmp_path_factory.mktemp("podman")
    environment = podman_environment(folder)
    make_images(folder, environment)
    yield environment
    subprocess.run(
        ["podman", "rmi", "--all", "--force"], env=environment, check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write_task(tmp_path_factory.mktemp("container"))


@pytest.fixture
def worker(tmp_path):
    return tmp_path / "worker"


@pytest.fixture(scope="module")
def container(tmp_path_factory):
    """Function that returns the runtime for an image."""
    folder = tmp_path_factory.mktemp("work")
    return lambda image=IMAGE: make_runtime("container", image=image, work_folder=folder)


def containers(podman, *arguments):
    command = ["podman", "ps", "--all", "--quiet", *arguments]
    listed = subprocess.run(command, env=podman, capture_output=True, text=True, check=True)
    return listed.stdout.split()


def assert_says(sentence, pattern):
    assert re.search(pattern, sentence), sentence


@pytest.mark.slow
def test_a_container_gives_the_same_bytes_and_leaves_nothing(worker, made, podman, container):
    runtime = container()
    place = sandbox(worker, made, runtime)
    exit_code, log = run_in(place, runtime, CORES="2", MEMORY="500", OMP_NUM_THREADS="2", **podman)
    assert (exit_code, log) == (0, ""), log
    compute.run(made)
    assert outputs(place / "tile") == outputs(made)
    assert {path.stat().st_uid for path in (place / "tile").rglob("*")} == {os.getuid()}
    result = json.loads((place / "tile" / "result.json").read_text())
    assert result["host"] == os.uname().nodename
    assert {path.name for path in place.iterdir()} == {"tile", runtime.shipped[0].name}
    wait_for(lambda: not containers(podman))


@pytest.mark.slow
def test_a_failure_of_the_task_is_not_laid_at_the_runtimes_door(worker, made, podman, container):
    runtime = container()
    place = sandbox(worker, made, runtime)
    (place / "tile" / "dem.arrays").unlink()
    exit_code, log = run_in(place, runtime, **podman)
    assert exit_code == 3
    assert "dem.arrays of tile-000000 is missing" in log
    assert runtime.diagnose(exit_code, log) == ""


@pytest.mark.slow
@pytest.mark.alone  # under pytest-xdist the container outlives its command
@pytest.mark.parametrize("before", [(), (signal.SIGTERM,)])
def test_the_container_ends_with_the_command(worker, made, podman, before, container):
    """Although the container is not a child of the process that the worker started and kills."""
    runtime = container()
    place = sandbox(worker, made, runtime)
    block(place)
    with start_in(place, runtime, **podman) as shell:
        try:
            wait_for(lambda: containers(podman, "--filter", "status=running"))
            for number in before:
                shell.send_signal(number)
        finally:
            shell.kill()
    wait_for(lambda: not containers(podman))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("image", "exit_code", "sentence"),
    [
        (WITHOUT_CODE, 1, f"image {WITHOUT_CODE} has no eemt-core: use an image like"),
        (WITHOUT_PYTHON, 127, f"image {WITHOUT_PYTHON} has no python3: use an image like"),
        ("localhost:1/none:1", 125, "no image localhost:1/none:1 and cannot fetch it .*load it"),
    ],
)
def test_an_image_that_cannot_run_the_task_is_named(
    worker, made, podman, image, exit_code, sentence, container
):
    runtime = container(image)
    ended, log = run_in(sandbox(worker, made, runtime), runtime, **podman)
    assert ended == exit_code, log
    assert_says(runtime.diagnose(ended, log), sentence)


def test_of_what_docker_says_the_cause_is_told(container):
    """The last lines of podman's message (here of version 20.10) are advice on its options."""
    log = (
        "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker "
        "daemon running?\n\nRun 'docker run --help' for more information\n"
    )
    assert_says(
        container().diagnose(125, log),
        r"cannot start a container \(docker: Cannot connect .* running\?\): let its user",
    )


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("auto", "has none of podman, docker and apptainer: install one"),
        ("/opt/none/docker", "is /opt/none/docker, which the worker does not have: install it"),
        ("lxc", "must be podman, docker, apptainer or auto, got lxc"),
    ],
)
def test_a_worker_without_a_container_program_is_told_so(
    worker, made, tmp_path, program, sentence, container
):
    runtime = container()
    place = sandbox(worker, made, runtime)
    shell = tmp_path / "bin" / "sh"  # the only program on its PATH
    shell.parent.mkdir()
    shell.symlink_to("/bin/sh")
    environment = {"PATH": str(shell.parent), "EEMT_CONTAINER_RUNTIME": program}
    exit_code, log = run_in(place, runtime, **environment)
    assert exit_code == 125
    assert_says(runtime.diagnose(exit_code, log), sentence)


@pytest.mark.slow
def test_the_program_that_the_worker_names_is_taken(worker, made, podman, container):
    runtime = container()
    place = sandbox(worker, made, runtime)
    environment = {**podman, "EEMT_CONTAINER_RUNTIME": shutil.which("podman", path=podman["PATH"])}
    assert run_in(place, runtime, **environment) == (0, "")


@pytest.mark.slow
def test_the_names_of_a_worker_s_program_and_folder_are_no_commands(
    tmp_path, made, podman, container
):
    runtime, evil = container(), tmp_path / EVIL
    evil.mkdir()
    (evil / "podman").symlink_to(shutil.which("podman", path=podman["PATH"]))
    place = sandbox(evil / "worker", made, runtime)
    environment = {**podman, "EEMT_CONTAINER_RUNTIME": str(evil / "podman")}
    assert run_in(place, runtime, **environment) == (0, "")
    assert obeyed(tmp_path, Path.cwd()) == []


@pytest.mark.slow
def test_the_name_of_an_image_s_file_is_no_command(tmp_path, made, podman, container):
    """Podman refuses files, but may be given one: no shell must interpret the file's name."""
    runtime = container(f"/{EVIL}.sif")
    place = sandbox(tmp_path / "worker", made, runtime)
    exit_code, _ = run_in(place, runtime, **podman)
    assert exit_code == 125
    assert obeyed(tmp_path, Path.cwd()) == []


@pytest.mark.parametrize("image", ["", "--privileged", "a b", "a;reboot", "$(reboot)", "../a"])
def test_what_cannot_be_an_image_is_refused(image, container):
    with pytest.raises(ArgumentError, match="image"):
        container(image)


@pytest.mark.parametrize(
    "image",
    ["eemt", "ghcr.io/lab/eemt-core:0.1.0", "docker://lab/eemt", "/shared/eemt.sif",
     "lab/eemt@sha256:" + "a1" * 32],
)  # fmt: skip
def test_images_are_named_as_users_know_it(image, container):
    assert f" {image} tile >tile/log.txt" in container(image).command("tile")


def test_the_name_on_the_worker_contains_the_contents_sha(container):
    (program,) = container().shipped
    assert sha256_file(program.path)[:16] in program.name
