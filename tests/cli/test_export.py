"""Tiles that plain processes compute without a manager: the bytes of a run of one machine."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from runs import assert_same_files, eemt_run, mountains, write_dem

pytestmark = pytest.mark.slow

OPTIONS = ("--days", "1,172", "--tile-size", "64", "--no-pictures", "--threads", "2")
TILE = [sys.executable, "-c", "from eemt_core.cli.tile import main; main()"]
COUNT = 8


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    """Eight tiles of 64 x 64 cells."""
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((128, 256)))


@pytest.fixture(scope="module")
def local(dem, tmp_path_factory):
    """Maps of the local engine."""
    out = tmp_path_factory.mktemp("local") / "out"
    done = eemt_run(dem, "-o", out, *OPTIONS)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def pristine(dem, tmp_path_factory):
    """An exported folder that nobody has worked in."""
    folder = tmp_path_factory.mktemp("exported") / "tiles"
    done = eemt_run(dem, "-o", folder.with_name("out"), *OPTIONS, "--export-tiles", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(folder)
    assert f"{folder} holds {COUNT} tiles, each of 1 core and at most " in done.stderr
    return folder


@pytest.fixture
def exported(pristine, tmp_path):
    """One that a test may work in, and that lies elsewhere than it was written."""
    return shutil.copytree(pristine, tmp_path / "moved here" / "tiles")


def collect(dem, out, exported, *more):
    return eemt_run(dem, "-o", out, *OPTIONS, "--collect", exported, *more)


def start_tile(exported, *words, **variables):
    return subprocess.Popen(
        [*TILE, str(exported), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


def run_tile(exported, *words, **variables):
    process = start_tile(exported, *words, **variables)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def kill_in_the_middle(exported, number):
    """Kill a process while it computes a tile; one that was quicker begins again."""
    name = f"tile-{number - 1:06d}"
    result, begun = exported / "results" / name, f".{name}.*.part"
    while True:
        process = start_tile(exported, number)
        while process.poll() is None and not list(result.parent.glob(begun)):
            time.sleep(0.005)
        process.kill()
        _, said = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), said
        if not result.exists():
            return
        shutil.rmtree(result)


def test_an_export_holds_all_that_tiles_need_in_few_files(pristine):
    assert {path.name for path in pristine.iterdir()} == {
        "export.json", "results", "tiles", "tiles.txt", "wetness",
    }  # fmt: skip
    names = (pristine / "tiles.txt").read_text().split()
    assert names == [f"tile-{number:06d}" for number in range(COUNT)]
    for name in names:
        assert len(list((pristine / "tiles" / name).iterdir())) <= 8
    # nothing was written where the maps will go
    assert not pristine.with_name("out").exists()
    assert [path.name for path in pristine.parent.iterdir()] == ["tiles"]


def test_processes_in_any_order_leave_the_bytes_of_one_machine(dem, local, exported, tmp_path):
    out, order = tmp_path / "out", [*range(1, COUNT + 1)]
    random.Random(3).shuffle(order)
    # three processes at once, of which two are at the same tile; the third is killed in the middle
    twins = [start_tile(exported, order[0]) for _ in range(2)]
    results = exported / "results"
    kill_in_the_middle(exported, order[1])
    for twin in twins:
        twin.communicate(timeout=300)
        assert twin.returncode == 0
    code, said, _ = run_tile(exported, *order[2:5])
    assert code == 0
    assert said.count(" done in ") == 3
    # one result is damaged on its way
    damaged = f"tile-{order[2] - 1:06d}"
    with (results / damaged / "results.blocks").open("r+b") as file:
        file.seek(1000)
        file.write(b"\xff\xff")

    first = collect(dem, out, exported)
    assert first.returncode == 6
    missing = (exported / "missing.txt").read_text().split()
    assert missing == sorted([damaged, *(f"tile-{n - 1:06d}" for n in (order[1], *order[5:]))])
    assert f"{len(missing)} of {COUNT} tiles have no valid result" in first.stderr
    assert f"{damaged} (its result " in first.stderr
    assert not list(out.glob("**/*.tif"))

    assert run_tile(exported, *missing)[0] == 0
    # what was collected once is kept: it may be gone here
    shutil.rmtree(results / f"tile-{order[3] - 1:06d}")
    second = collect(dem, out, exported)
    assert second.returncode == 0, second.stderr
    assert not (exported / "missing.txt").exists()
    assert_same_files(local, out)
    again = collect(dem, out, exported)
    assert again.returncode == 0
    assert "holds all maps of this run already" in again.stderr


def test_a_complete_result_is_left_alone(exported):
    assert run_tile(exported, 1)[0] == 0
    result = exported / "results" / "tile-000000" / "results.blocks"
    before = result.stat().st_mtime_ns
    code, said, _ = run_tile(exported, "tile-000000")
    assert (code, said) == (0, "tile-000000 was complete already.\n")
    assert result.stat().st_mtime_ns == before
    assert [path.name for path in (exported / "results").iterdir()] == ["tile-000000"]


def test_a_job_needs_no_more_than_the_folder_of_its_tile(dem, local, exported, tmp_path):
    job = tmp_path / "job"
    shutil.copytree(exported / "tiles" / "tile-000005", job / "tiles" / "tile-000005")
    code, _, told = run_tile(job, 6)
    assert (code, "or a tile by its name" in told) == (3, True)
    assert run_tile(job, "tile-000005")[0] == 0
    shutil.copytree(job / "results" / "tile-000005", exported / "results" / "tile-000005")
    first = collect(dem, tmp_path / "out", exported)
    assert first.returncode == 6
    assert f"{COUNT - 1} of {COUNT} tiles" in first.stderr


def test_several_lines_are_given_by_the_first_and_the_last(exported):
    code, said, _ = run_tile(exported, "2-3", 5)
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == [
        "tile-000001", "tile-000002", "tile-000004",
    ]  # fmt: skip
    assert run_tile(exported, "2-5")[1].count("was complete already") == 3


def test_no_tile_is_begun_that_may_not_end_in_time(exported):
    """The first is begun in any case: of none before it is known how long it takes."""
    code, said, error = run_tile(exported, "4-8", "--wall-time", "auto", EEMT_JOB_END="1")
    assert said.count(" done in ") == 1
    assert code == 6
    assert "4 of 5 tiles, tile-000004 the first, are left, since none would end" in error
    again = {"EEMT_JOB_END": str(int(time.time()) + 3600)}
    code, said, error = run_tile(exported, "4-8", "--wall-time", "auto", **again)
    assert (code, error) == (0, "")
    assert said.count("was complete already") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((0,), "there is no tile 0: give a line of"),
        ((COUNT + 1,), f"there is no tile {COUNT + 1}: give a line of"),
        (("7-9",), "there is no tile 7-9: give a line of"),
        (("3-2",), "there is no tile 3-2: give a line of"),
        (("tile-000099",), "holds no tile 'tile-000099'"),
        (("../tiles/tile-000001",), "holds no tile '../tiles/tile-000001'"),
    ],
)
def test_tiles_that_there_are_not_are_told(exported, words, sentence):
    code, _, said = run_tile(exported, *words)
    assert code == 2
    assert sentence in said
    assert not list((exported / "results").iterdir())


def test_a_tile_that_fails_keeps_no_other_from_being_computed(exported):
    (exported / "tiles" / "tile-000001" / "dem.arrays").unlink()
    (exported / "tiles" / "tile-000002" / "geometry.arrays").write_bytes(b"")
    code, said, told = run_tile(exported, 1, 2, 3, 4)
    assert code == 3
    assert told.count("Error: input ") == 2
    assert [line.split()[0] for line in said.splitlines()] == ["tile-000000", "tile-000003"]
    assert {p.name for p in (exported / "results").iterdir()} == {"tile-000000", "tile-000003"}


def test_an_export_says_what_a_tile_takes(pristine):
    need = json.loads((pristine / "export.json").read_text())["largest_tile"]
    tasks = [json.loads(path.read_text()) for path in pristine.glob("tiles/*/task.json")]
    assert need["memory_mb"] == max(task["memory_mb"] for task in tasks)
    assert need["cores"] == 1
    folder = pristine / "tiles" / "tile-000000"
    assert sum(path.stat().st_size for path in folder.iterdir()) < need["disk_mb"] * 2**20


def test_a_damaged_input_is_told_and_leaves_nothing(exported):
    with (exported / "tiles" / "tile-000002" / "dem.arrays").open("r+b") as file:
        file.seek(500)
        file.write(b"\x01\x02\x03")
    code, _, said = run_tile(exported, 3)
    assert code == 3
    assert "input dem.arrays of tile-000002 is damaged" in said
    assert not list((exported / "results").iterdir())


def test_a_processor_that_lacks_the_instruction_set_is_told(exported):
    code, _, said = run_tile(exported, 1, EEMT_SIMD="base")
    if "v3" not in (exported / "export.json").read_text():
        pytest.skip("this processor has one instruction set alone")
    assert code == 5
    assert "which this processor lacks" in said
    assert not list((exported / "results").iterdir())


def test_a_full_disk_is_told_and_leaves_nothing(exported):
    limited = f"ulimit -f 8; exec {sys.executable} -c 'from eemt_core.cli.tile import main; main()'"
    done = subprocess.run(
        ["bash", "-c", f'{limited} "$@"', "bash", str(exported), "1"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 4, done.stderr
    assert not list((exported / "results").iterdir())


def test_another_run_is_not_collected(dem, exported, tmp_path):
    done = eemt_run(dem, "-o", tmp_path / "out", "--days", "3", "--collect", exported)
    assert done.returncode == 3
    assert "holds tiles of other parameters" in done.stderr
    done = collect(dem, tmp_path / "out2", tmp_path)
    assert done.returncode == 3
    assert "holds no exported tiles" in done.stderr


def test_an_export_replaces_nothing_unasked(dem, exported, tmp_path):
    asked = (dem, "-o", tmp_path / "out", *OPTIONS, "--export-tiles")
    done = eemt_run(*asked, exported)
    assert done.returncode == 2
    assert "holds exported tiles" in done.stderr
    assert eemt_run(*asked, exported, "--overwrite").returncode == 0
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    done = eemt_run(*asked, full, "--overwrite")
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in full.iterdir()] == ["mine.txt"]


def test_the_halves_exclude_each_other(dem, tmp_path):
    done = eemt_run(dem, "-o", tmp_path / "o", "--collect", tmp_path, "--export-tiles", tmp_path)
    assert (done.returncode, "not both" in done.stderr) == (2, True)


def test_the_halves_need_no_manager(dem, tmp_path):
    asked = (dem, "-o", tmp_path / "o")
    for half, option in (("--export-tiles", "--manager-port"), ("--collect", "--workers")):
        done = eemt_run(*asked, half, tmp_path / "tiles", option, "1")
        assert done.returncode == 2
        assert f"{half} needs no manager: leave out {option}" in done.stderr
    written = eemt_run(*asked, "--workers", "2", "--print-request")
    (tmp_path / "request.json").write_text(written.stdout)
    done = eemt_run("--request", tmp_path / "request.json", "--collect", tmp_path / "tiles")
    assert done.returncode == 2
    assert "--collect needs no manager: take cluster out of the request" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"request.json"}
