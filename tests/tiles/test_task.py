"""A task's folder: plain data that gives the same bytes wherever it is run."""

import json
import platform
import resource
import shutil
import subprocess
import sys

import pytest

from decoded import result_of
from eemt_core.errors import ArgumentError, InputError, VersionError
from eemt_core.files import write_json, xxh3_file
from eemt_core.tiles import compute, contract
from eemt_core.tiles.__main__ import main
from tile_tasks import tile_task


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a tile that needs every input."""
    path = tmp_path_factory.mktemp("task") / "tile"
    tile_task(path)
    return path


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "tile")


def run_process(folder, **options):
    command = [sys.executable, "-P", "-m", "eemt_core.tiles", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def outputs(folder):
    return (folder / contract.BLOCKS_FILE).read_bytes()


def test_a_moved_folder_gives_the_same_bytes(made, folder, tmp_path):
    compute.run(folder)
    elsewhere = shutil.copytree(made, tmp_path / "far" / "away")
    done = run_process("far/away", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert outputs(folder) == outputs(elsewhere)
    assert str(folder) not in (elsewhere / "task.json").read_text()


def test_the_number_of_cores_changes_no_byte(folder):
    compute.run(folder)
    one = outputs(folder)
    for cores in (2, 3):
        description = json.loads((folder / "task.json").read_text())
        description["cores"] = cores
        write_json(folder / "task.json", description)
        compute.run(folder)
        assert outputs(folder) == one


def test_the_result_says_what_it_took(folder):
    # in a process of its own, whose memory is that of the task alone
    subprocess.run([sys.executable, "-m", "eemt_core.tiles", folder], check=True)
    result = result_of(folder)
    assert sorted(result.encoded.layers) == sorted(contract.read_task(folder).outputs)
    blocks = folder / contract.BLOCKS_FILE
    assert (result.encoded.bytes, result.encoded.xxh3) == (
        blocks.stat().st_size,
        xxh3_file(blocks),
    )
    assert not (folder / contract.ARRAYS_FILE).exists()
    assert 20 < result.account.peak_memory_mb < 2000
    assert result.account.seconds.keys() >= {"terrain", "sunlight", "encoding"}
    assert result.account.host == platform.node()


def change(folder, **entries):
    description = json.loads((folder / "task.json").read_text())
    write_json(folder / "task.json", {**description, **entries})


def damage(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "error", "exit_code", "sentence"),
    [
        (lambda f: change(f, schema=99), VersionError, 5, "task layout 99"),
        (lambda f: change(f, program="0.0.1"), VersionError, 5, "written by eemt-core 0.0.1"),
        (lambda f: change(f, kind="dance"), ArgumentError, 2, "kind must be one of tile"),
        (lambda f: change(f, colour="red"), ArgumentError, 2, "is not a task"),
        (
            lambda f: change(f, inputs={"../dem.arrays": "0"}),
            ArgumentError,
            2,
            "must lie in the task's folder",
        ),
        (lambda f: damage(f / "dem.arrays"), InputError, 3, "dem.arrays of tile-000000 is damaged"),
        (
            lambda f: (f / "far.arrays").unlink(),
            InputError,
            3,
            "far.arrays of tile-000000 is missing",
        ),
        (lambda f: (f / "task.json").unlink(), InputError, 3, "does not exist"),
        (lambda f: (f / "task.json").write_text("{"), InputError, 3, "cannot be read as JSON"),
    ],
)
def test_a_spoilt_task_is_refused(folder, spoil, error, exit_code, sentence):
    (folder / "result.json").write_text("{}")
    spoil(folder)
    with pytest.raises(error, match=sentence) as caught:
        compute.run(folder)
    assert caught.value.exit_code == exit_code
    done = main([str(folder)])
    assert done == exit_code
    assert sentence in json.loads((folder / "error.json").read_text())["error"]


def test_what_the_system_says_is_a_sentence(folder):
    (folder / contract.BLOCKS_FILE).mkdir()
    done = run_process(folder)
    told = json.loads((folder / contract.ERROR_FILE).read_text())
    assert done.returncode == 3
    assert told["error"].endswith(": a folder stands where a file should: remove it")


def test_a_limit_of_file_size_is_named(folder):
    done = run_process(
        folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    )
    told = json.loads((folder / contract.ERROR_FILE).read_text())
    assert (done.returncode, told["lack"]) == (4, "disk")
    assert "raise the limit of a file's size (ulimit -f)" in told["error"]


def test_usage_is_told(capsys):
    assert main([]) == 2
    assert "usage: python -m eemt_core.tiles" in capsys.readouterr().err


def test_a_task_ends_with_the_end_of_its_standard_input(folder):
    """The task runs as long as the pipe is open, and ends when the pipe's writer has ended."""
    command = [sys.executable, "-P", "-m", "eemt_core.tiles", "--end-with-parent", str(folder)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=60, check=False)
    assert done.returncode == 130
    assert not (folder / "result.json").exists()
