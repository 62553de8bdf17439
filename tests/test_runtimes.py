"""The three ways for a worker to have the code, by tasks that run as a worker runs them."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eemt_core import task
from eemt_core.engines.runtimes import make_runtime
from eemt_core.errors import ArgumentError
from runs import mountains, request, task_folders, write_dem

DEBIAN_PYTHON = "/usr/bin/python3"  # has no eemt_core
BARE = {"PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One tile's folder, as the manager writes it."""
    home = tmp_path_factory.mktemp("runtimes")
    dem = write_dem(home / "dem.tif", mountains((60, 70)))
    asked = request(dem, home / "out", days=(1, 172), tile_cells=128, halo_cells=64)
    return task_folders(asked, home / "tiles")[0]


@pytest.fixture(scope="module")
def expected(made, tmp_path_factory):
    """What the task gives when it is run directly."""
    folder = shutil.copytree(made, tmp_path_factory.mktemp("direct") / "tile")
    task.run(folder)
    return outputs(folder)


@pytest.fixture
def worker(tmp_path):
    return tmp_path / "worker"


def outputs(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}


def sandbox(worker, made, number=1):
    """A task's place on a worker, as Work Queue makes it, with the tile in it."""
    place = worker / f"t.{number}"
    place.mkdir(parents=True)
    shutil.copytree(made, place / "tile")
    return place


def run_in(place, runtime, **environment):
    """Run the command as a worker does, with nothing in the environment but what is given."""
    for file in runtime.shipped:
        shutil.copyfile(file.path, place / file.name)
    shell = ["sh", "-c", runtime.command("tile")]
    return subprocess.run(shell, cwd=place, env={**BARE, **environment}, timeout=120).returncode


def log(place):
    return (place / "tile" / "log.txt").read_text()


def test_installed_runs_the_task_with_the_python_of_the_worker(tmp_path, worker, made, expected):
    place = sandbox(worker, made)
    runtime = make_runtime("installed", work_folder=tmp_path)
    assert run_in(place, runtime, EEMT_PYTHON=sys.executable) == 0, log(place)
    assert outputs(place / "tile") == expected
    assert runtime.diagnose(0, log(place)) == ""


def test_what_the_task_says_is_in_its_log_and_nothing_of_it_is_laid_at_the_runtimes_door(
    tmp_path, worker, made
):
    place = sandbox(worker, made)
    (place / "tile" / "dem.npy").unlink()
    runtime = make_runtime("installed", work_folder=tmp_path)
    exit_code = run_in(place, runtime, EEMT_PYTHON=sys.executable)
    assert exit_code == 3
    assert "dem.npy of tile-000000 is missing" in log(place)
    assert runtime.diagnose(exit_code, log(place)) == ""


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("/nonexistent/python", "cannot be started .*not found.*let EEMT_PYTHON name one"),
        (os.devnull, "cannot be started .*ermission denied.*let EEMT_PYTHON name one"),
        (DEBIAN_PYTHON, "has no eemt-core: install it there with `pip install eemt-core`"),
    ],
)
def test_a_worker_that_cannot_run_the_installed_code_is_told_why(
    tmp_path, worker, made, python, sentence
):
    place = sandbox(worker, made)
    runtime = make_runtime("installed", work_folder=tmp_path)
    exit_code = run_in(place, runtime, EEMT_PYTHON=python)
    assert exit_code != 0
    match_sentence(sentence, runtime.diagnose(exit_code, log(place)))


def match_sentence(pattern, sentence):
    with pytest.raises(ValueError, match=pattern):
        raise ValueError(sentence)


def test_the_task_ends_with_the_command(tmp_path, worker, made):
    """What the worker started becomes the task, so that killing it leaves nothing behind."""
    place = sandbox(worker, made)
    description = place / "tile" / "task.json"
    description.unlink()
    os.mkfifo(description)  # the task waits for somebody to write into it
    runtime = make_runtime("installed", work_folder=tmp_path)
    shell = subprocess.Popen(
        ["sh", "-c", runtime.command("tile")],
        cwd=place,
        env={**BARE, "EEMT_PYTHON": sys.executable},
    )
    try:
        wait_for(lambda: b"eemt_core.task" in cmdline(shell.pid))
    finally:
        shell.kill()
        shell.wait(30)


def cmdline(pid):
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return words if words[0] != b"sh" else []


def wait_for(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_runtime_that_is_none_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match="must be one of installed.*, got 'hat'"):
        make_runtime("hat", work_folder=tmp_path)
    with pytest.raises(ArgumentError, match="an image is used by runtime container alone"):
        make_runtime("installed", image="eemt", work_folder=tmp_path)
