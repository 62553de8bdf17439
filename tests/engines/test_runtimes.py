"""Runtimes: the worker's own installation and code sent to it, run as a worker runs them."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import eemt_core
from eemt_core.engines.runtimes import bootstrap
from eemt_core.engines.runtimes.archive import pack, write_archive
from eemt_core.engines.runtimes.make import make_runtime
from eemt_core.engines.runtimes.runtime import Shipped
from eemt_core.errors import ArgumentError
from eemt_core.files import sha256_file
from eemt_core.tiles import compute
from sandboxes import (
    EVIL,
    block,
    command_line,
    obeyed,
    outputs,
    run_in,
    sandbox,
    start_in,
    wait_for,
    write_task,
)

STATION = Path(eemt_core.__file__).parent / "data" / "allardt.toml"
OURS = {"EEMT_PYTHON": sys.executable}


@pytest.fixture(scope="module")
def sunlight(tmp_path_factory):
    """A task's folder, and the task's results when it is run directly."""
    return with_outputs(write_task(tmp_path_factory.mktemp("sunlight")))


@pytest.fixture(scope="module")
def energy(tmp_path_factory):
    return with_outputs(write_task(tmp_path_factory.mktemp("energy"), climate=STATION))


def with_outputs(made):
    direct = shutil.copytree(made, made.parent / "direct")
    compute.run(direct)
    return made, outputs(direct)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return make_runtime("installed", work_folder=tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return make_runtime("wheel", work_folder=tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A Python without any packages."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return str(folder / "bin" / "python")


@pytest.fixture
def worker(tmp_path):
    return tmp_path / "worker"


def assert_says(sentence, pattern):
    assert re.search(pattern, sentence), sentence


def error(place):
    return json.loads((place / "tile" / "error.json").read_text())


def test_installed_runs_the_task_with_the_python_of_the_worker(worker, sunlight, installed):
    made, expected = sunlight
    place = sandbox(worker, made, installed)
    exit_code, log = run_in(place, installed, **OURS)
    assert (exit_code, log) == (0, "")
    assert outputs(place / "tile") == expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["installed", "wheel"])
def test_a_failure_of_the_task_is_not_laid_at_the_runtimes_door(
    worker, sunlight, tmp_path, kind, request
):
    runtime = request.getfixturevalue(kind)
    place = sandbox(worker, sunlight[0], runtime)
    (place / "tile" / "dem.arrays").unlink()
    exit_code, log = run_in(place, runtime, **OURS)
    assert exit_code == 3
    assert "dem.arrays of tile-000000 is missing" in log
    assert runtime.diagnose(exit_code, log) == ""


@pytest.mark.parametrize("kind", ["installed", "wheel"])
@pytest.mark.parametrize(
    ("python", "why"), [("/nonexistent/python", "not found"), (os.devnull, "ermission denied")]
)
def test_a_worker_without_a_python_is_told_what_to_install(
    worker, sunlight, kind, python, why, request
):
    runtime = request.getfixturevalue(kind)
    place = sandbox(worker, sunlight[0], runtime)
    exit_code, log = run_in(place, runtime, EEMT_PYTHON=python)
    assert exit_code in (126, 127)
    assert_says(runtime.diagnose(exit_code, log), f"{why}.*or let EEMT_PYTHON name one")


def test_a_worker_without_eemt_core_is_told_to_install_it(worker, sunlight, installed, bare_python):
    place = sandbox(worker, sunlight[0], installed)
    exit_code, log = run_in(place, installed, EEMT_PYTHON=bare_python)
    assert exit_code == 1
    assert_says(installed.diagnose(exit_code, log), "has no eemt-core: .*`pip install eemt-core`")


@pytest.mark.parametrize("kind", ["installed", "wheel"])
def test_the_command_becomes_the_task(worker, sunlight, kind, request):
    """Killing the process that a worker started leaves no process: there is only that one."""
    runtime = request.getfixturevalue(kind)
    place = sandbox(worker, sunlight[0], runtime)
    block(place)
    with start_in(place, runtime, **OURS) as shell:
        try:
            wait_for(lambda: command_line(shell.pid)[-2:] == ["--guest", "tile"])
        finally:
            shell.kill()


def test_folders_with_any_name_are_quoted(tmp_path, installed, wheel):
    for runtime in (installed, wheel):
        assert runtime.command("a tile; true").endswith(
            "'a tile; true' >'a tile; true'/log.txt 2>&1"
        )


def test_a_runtime_that_is_none_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match=r"must be one of installed.*, got 'hat'"):
        make_runtime("hat", work_folder=tmp_path)
    with pytest.raises(ArgumentError, match="an image is used by runtime container alone"):
        make_runtime("wheel", image="eemt", work_folder=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sunlight", "energy"])
def test_what_is_sent_gives_the_same_bytes_on_a_python_without_packages(
    worker, wheel, bare_python, kind, request
):
    made, expected = request.getfixturevalue(kind)
    place = sandbox(worker, made, wheel)
    assert run_in(place, wheel, EEMT_PYTHON=bare_python) == (0, "")
    assert outputs(place / "tile") == expected


def test_names_on_the_worker_contain_the_contents_sha(wheel):
    for file in wheel.shipped:
        assert sha256_file(file.path)[:16] in file.name
        assert "/" not in file.name


def test_the_same_installation_gives_the_same_archive(tmp_path, wheel):
    archive = wheel.shipped[0].path
    again = write_archive(tmp_path)
    assert again.name == archive.name
    assert again.read_bytes() == archive.read_bytes()


def test_what_people_and_managers_use_is_not_sent(wheel):
    with tarfile.open(wheel.shipped[0].path) as tar:
        names = tar.getnames()
    assert "packages/eemt_core/tiles/task.py" in names
    unwanted = re.compile(r"eemt_core/(cli|manager|rasters|engines)/|/tests/|__pycache__|\.(h|a)$")
    assert [name for name in names if unwanted.search(name)] == []


@pytest.mark.slow
def test_tasks_that_come_at_once_share_one_unpacked_folder(worker, sunlight, wheel):
    made, expected = sunlight
    places = [sandbox(worker, made, wheel, number) for number in range(4)]
    shells = [start_in(place, wheel, **OURS) for place in places]
    assert [shell.wait(120) for shell in shells] == [0] * 4
    for place in places:
        assert outputs(place / "tile") == expected
    folders = [path.name for path in worker.iterdir() if path.is_dir()]
    home = wheel.shipped[0].name.split(".")[0]
    assert sorted(folders) == sorted([home, *(place.name for place in places)])


@pytest.mark.slow
def test_the_workers_folder_is_where_work_queue_says(worker, sunlight, wheel, tmp_path):
    elsewhere = tmp_path / "workspace"
    elsewhere.mkdir()
    place = sandbox(worker, sunlight[0], wheel)
    exit_code, log = run_in(place, wheel, WORK_QUEUE_SANDBOX=str(elsewhere), **OURS)
    assert exit_code == 0, log
    assert [path.name for path in elsewhere.iterdir() if path.is_dir()] == [
        wheel.shipped[0].name.split(".")[0]
    ]
    assert list(worker.iterdir()) == [place]


@pytest.mark.slow
def test_what_a_killed_task_had_half_unpacked_is_removed(worker, sunlight, wheel):
    place = sandbox(worker, sunlight[0], wheel)
    home = worker / wheel.shipped[0].name.split(".")[0]
    left = worker / (home.name + ".part-left")
    (left / "packages").mkdir(parents=True)
    assert run_in(place, wheel, **OURS) == (0, "")
    assert home.is_dir()
    assert not left.exists()


def test_a_truncated_archive_is_refused_and_leaves_nothing(worker, sunlight, wheel):
    place = sandbox(worker, sunlight[0], wheel)
    archive = place / wheel.shipped[0].name
    os.truncate(archive, archive.stat().st_size // 2)
    exit_code, log = run_in(place, wheel, **OURS)
    assert exit_code == 1
    assert_says(error(place)["error"], "did not arrive whole on the worker")
    assert wheel.diagnose(exit_code, log) == error(place)["error"]
    assert list(worker.iterdir()) == [place]


def sent(wheel, folder, files=(), **entries):
    """The same runtime with another archive, whose manifest differs in some entries."""
    with tarfile.open(wheel.shipped[0].path) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
    archive = pack(folder, {**manifest, **entries}, dict(files))
    return type(wheel)(shipped=(Shipped(archive, archive.name), wheel.shipped[1]))


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        (
            {"python": "3.99", "suffix": ".cpython-399-{}.so"},
            r"needs Python 3\.99 .*: install that Python there and let EEMT_PYTHON name it",
        ),
        (
            {"suffix": ".cpython-311-riscv64-linux-gnu.so"},
            r"is for \.cpython-311-riscv64.*: install eemt-core there",
        ),
        ({"glibc": "99.1"}, r"needs glibc 99\.1 and the worker has \d.*: install eemt-core there"),
    ],
)
def test_code_that_does_not_fit_the_worker_is_refused(
    worker, sunlight, wheel, tmp_path, entries, sentence
):
    here = bootstrap.EXTENSION_SUFFIXES[0].split("-", 2)[2].removesuffix(".so")
    other = sent(wheel, tmp_path, **{key: value.format(here) for key, value in entries.items()})
    place = sandbox(worker, sunlight[0], other)
    exit_code, log = run_in(place, other, **OURS)
    assert exit_code == 5
    assert_says(error(place)["error"], sentence)
    assert other.diagnose(exit_code, log) == error(place)["error"]
    assert list(worker.iterdir()) == [place], "unpacked in vain"


def test_a_fitting_python_on_the_path_takes_the_place_of_one_that_does_not_fit(
    worker, sunlight, wheel, tmp_path
):
    """The python3.99 of the manifest is started; it is this Python, which cannot load the code."""
    here = bootstrap.EXTENSION_SUFFIXES[0].split("-", 2)[2]
    other = sent(wheel, tmp_path, python="3.99", suffix=f".cpython-399-{here}")
    called = tmp_path / "bin" / "python3.99"
    called.parent.mkdir()
    called.symlink_to(sys.executable)
    place = sandbox(worker, sunlight[0], other)
    path = f"{called.parent}:/usr/bin:/bin"
    exit_code, _ = run_in(place, other, PATH=path, **OURS)
    assert exit_code == 5
    assert_says(error(place)["error"], f"the worker's {called} loads")


def test_a_worker_whose_disk_cannot_be_written_is_told_so(worker, sunlight, wheel, tmp_path):
    place = sandbox(worker, sunlight[0], wheel)
    exit_code, _ = run_in(place, wheel, WORK_QUEUE_SANDBOX=str(tmp_path / "missing"), **OURS)
    assert exit_code == 1
    assert_says(error(place)["error"], "cannot be unpacked in .*missing .*let the worker write")


def test_nothing_but_what_was_sent_is_used(worker, sunlight, wheel, tmp_path):
    """Without numpy in the archive the task has none, even if the worker's Python has it."""
    package = Path(eemt_core.__file__).parent
    files = {
        f"packages/eemt_core/{path.relative_to(package)}": path
        for pattern in ("**/*.py", "**/*.pyi", "*.so")
        for path in package.glob(pattern)
    }
    other = sent(wheel, tmp_path, files)
    place = sandbox(worker, sunlight[0], other)
    exit_code, log = run_in(place, other, PYTHONPATH=os.pathsep.join(sys.path), **OURS)
    assert exit_code == 5  # that of an installation which does not fit
    assert_says(other.diagnose(exit_code, log), "cannot load the code that was sent .*'numpy'")


def test_an_older_python_can_read_the_program_that_says_which_one_is_needed():
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 6))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["installed", "wheel"])
def test_the_names_of_a_worker_s_python_and_folder_are_no_commands(
    tmp_path, sunlight, kind, request
):
    runtime, evil = request.getfixturevalue(kind), tmp_path / EVIL
    evil.mkdir()
    python = evil / "python"
    python.write_text(f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    place = sandbox(evil / "worker", sunlight[0], runtime)
    assert run_in(place, runtime, EEMT_PYTHON=str(python)) == (0, "")
    assert outputs(place / "tile") == sunlight[1]
    assert obeyed(tmp_path, Path.cwd()) == []
