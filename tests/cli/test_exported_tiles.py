"""The process that computes an exported tile: what it refuses, clears away, and replaces."""

import fcntl
import json
import os
import re
import shutil
import signal
import time

import pytest

import eemt_core
from eemt_core.errors import InputError
from eemt_core.exported import _work_folder, chosen_tiles, run_exported
from eemt_core.manager.collect import collect_tiles
from eemt_core.manager.export import export_tiles
from eemt_core.manager.reporter import Silent
from exported_tiles import NAMES, asked, run_tile, start_tile
from interrupts import begin_interrupted
from runs import assert_same_maps, mountains, request, write_dem

pytestmark = pytest.mark.slow


def cut_short(path):
    path.write_bytes(path.read_bytes()[:300])


def altered(path):
    # a description that computes something else
    path.write_text(path.read_text().replace('"albedo": 0.2', '"albedo": 0.3'))


@pytest.mark.parametrize(
    ("file", "damage", "sentence"),
    [
        ("task.json", os.unlink, "task.json cannot be read (No such file or directory)"),
        ("task.json", cut_short, "task.json is damaged"),
        ("task.json", altered, "task.json is damaged"),
        ("task.sha256", os.unlink, "task.sha256 cannot be read (No such file or directory)"),
        ("dem.arrays", cut_short, "input dem.arrays of tile-000001 is damaged"),
        ("far.arrays", os.unlink, "input far.arrays of tile-000001 is missing"),
    ],
)
def test_inputs_that_are_not_as_exported_are_refused(file, damage, sentence, exported):
    damage(exported / "tiles" / "tile-000001" / file)
    with pytest.raises(InputError, match=re.escape(sentence)) as told:
        run_exported(exported, "tile-000001")
    assert told.value.remedy.startswith("copy it again from where the tiles were exported")
    assert not list((exported / "results").iterdir())


def test_another_tiles_folder_or_none_is_refused(exported):
    tiles = exported / "tiles"
    shutil.rmtree(tiles / "tile-000001")
    (name,) = chosen_tiles(exported, ["2"])
    with pytest.raises(InputError, match="cannot be read"):
        run_exported(exported, name)
    shutil.copytree(tiles / "tile-000002", tiles / "tile-000001")
    with pytest.raises(InputError, match="tile-000001 holds the task of tile-000002"):
        run_exported(exported, name)


def replaced_by_a_file(result):
    shutil.rmtree(result)
    result.write_text("")


def replaced_by_a_link_to_nothing(result):
    shutil.rmtree(result)
    result.symlink_to("nowhere")


def longer(result):
    with (result / "results.blocks").open("ab") as file:
        file.write(b"more")


def of_another_tile(result):
    shutil.rmtree(result)
    shutil.copytree(result.with_name(NAMES[1]), result)


def with_a_pipe(result):
    (result / "result.json").unlink()
    os.mkfifo(result / "result.json")


def of_another_run(result):
    document = json.loads((result / "result.json").read_text())
    document["fingerprint"]["parameters"] = "0" * 64
    (result / "result.json").write_text(json.dumps(document))


def test_whatever_lies_under_a_tiles_name_and_is_no_result_is_replaced(
    four_tiles, their_maps, computed, tmp_path
):
    some = [of_another_tile, longer, with_a_pipe, of_another_run]
    for damages in (some, [replaced_by_a_file, replaced_by_a_link_to_nothing]):
        for name, damage in zip(NAMES, damages, strict=False):
            damage(computed / "results" / name)
        code, said, told = run_tile(computed, 1, 2, 3, 4)
        assert (code, said.count(" done in ")) == (0, len(damages)), told
    out = collect_tiles(asked(four_tiles, tmp_path / "out"), computed, Silent())
    assert_same_maps(their_maps, out)


def test_a_process_leaves_room_for_itself_alone(exported):
    """What a killed one left is cleared away, what another one works in is not."""
    results = exported / "results"
    mine = f".tile-000000.{os.uname().nodename}."
    killed, working, elsewhere = (
        results / f"{prefix}.part" for prefix in (f"{mine}1", f"{mine}2", ".tile-000000.else.3")
    )
    for part in (killed, working, elsewhere):
        part.mkdir()
        (part / "running").touch()
        os.utime(part / "running", (0, 0))
    with (working / "running").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run_tile(exported, 1)[0] == 0
    assert set(results.iterdir()) == {results / "tile-000000", working, elsewhere}


def test_a_process_that_is_told_to_end_does_so_while_a_kernel_computes(tmp_path):
    """Also if it is told twice at once, as a batch system's jobs are."""
    dem = write_dem(tmp_path / "dem.tif", mountains((256, 256)))
    solar = {"mode": "rsun", "step_minutes": 1.0}  # minutes of one kernel
    long = request(dem, tmp_path / "out", days=range(1, 366), tile_cells=256, solar=solar)
    exported = export_tiles(long, tmp_path / "tiles", Silent())
    terrain_bytes = 3 * 256 * 256  # a byte a cell at least of slope, aspect and sky view
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        process = start_tile(exported, 1)
        deadline = time.monotonic() + 60
        while not any(
            path.stat().st_size >= terrain_bytes
            for path in (exported / "results").glob(".*.part/results.blocks")
        ):
            assert process.poll() is None
            if time.monotonic() > deadline:
                process.kill()
                pytest.fail("waited in vain for the terrain")
            time.sleep(0.01)
        time.sleep(0.5)
        process.send_signal(number)
        time.sleep(0.002)
        process.send_signal(number)
        process.communicate(timeout=15)
        assert process.returncode == code
        assert not list((exported / "results").iterdir())


@pytest.mark.parametrize(
    ("changed", "code"), [("solar/_position.py", 5), ("cli/tile.py", 0), ("exported.py", 0)]
)
def test_code_that_computes_otherwise_is_refused(changed, code, exported, tmp_path):
    package = os.path.dirname(eemt_core.__file__)
    copy = shutil.copytree(package, tmp_path / "changed" / "eemt_core")
    with (copy / changed).open("a") as source:
        source.write("\n# changed\n")
    met, _, said = run_tile(exported, 1, PYTHONPATH=str(tmp_path / "changed"))
    assert met == code, said
    assert ("with other code: install on both sides" in said) == (code == 5)
    assert [path.name for path in (exported / "results").iterdir()] == [NAMES[0]] * (code == 0)


def test_a_folder_that_may_only_be_read_is_told(exported):
    results = exported / "results"
    results.chmod(0o500)
    try:
        code, _, said = run_tile(exported, 1, bound=True)
    finally:
        results.chmod(0o700)
    assert code == 4
    assert f"results cannot be written to {results} (Permission denied): copy the folder" in said
    assert not list(results.iterdir())


def test_who_does_not_hear_what_is_said_gets_the_results(exported):
    with open("/dev/full", "w") as full:
        process = start_tile(exported, 1, 2, stdout=full)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert sorted(path.name for path in (exported / "results").iterdir()) == NAMES[:2]


def test_nothing_stays_of_a_work_folder_that_was_interrupted_while_it_was_made(tmp_path):
    def look():
        assert list(tmp_path.iterdir()) == []

    assert begin_interrupted(lambda: _work_folder(tmp_path / "result"), look) >= 5
