"""Processes that are started ahead of their tasks run them as others do, and none is left over."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from clusters import processes
from eemt_core.engines import local
from eemt_core.engines.ahead import Ahead
from eemt_core.engines.base import LOG_FILE, Completion, Submission
from eemt_core.tiles.contract import BLOCKS_FILE, RESULT_FILE
from eemt_core.tiles.task import Resources
from runs import mountains, request, task_folders, write_dem

OUT = Path("/nowhere/out")


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    home = tmp_path_factory.mktemp("ahead")
    dem = write_dem(home / "dem.tif", mountains((100, 200)))
    return task_folders(request(dem, home / "out", tile_cells=64), home / "tiles")


@pytest.fixture
def folders(tiles, tmp_path):
    return [shutil.copytree(tile, tmp_path / tile.name) for tile in tiles[:2]]


def begun(process):
    """When a process began, in the system's ticks; None once it has gone."""
    try:
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] == "Z" else int(words[19])


def those_about(folder):
    """Processes whose command line names a folder."""
    return [number for number, text in processes() if str(folder) in text.split()]


def those_begun(folder, count):
    """As soon as there are so many: a command line is there a moment after its process."""
    deadline = time.monotonic() + 20
    while len(found := those_about(folder)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(found) == count
    return found


def results(folders, ahead=None):
    """Run tasks one after the other; their completions, without the time that they took."""
    engine, found = local.LocalEngine(1, ahead), []
    for folder in folders:
        engine.submit(Submission(folder.name, folder, Resources(1, 200, 100)))
    deadline = time.monotonic() + 120
    while len(found) < len(folders) and time.monotonic() < deadline:
        found += [event for event in engine.wait(0.2) if isinstance(event, Completion)]
    engine.close()
    return [(c.name, c.exit_code, c.message, c.log) for c in found]


def test_tasks_go_to_processes_that_wait_and_leave_what_they_leave_elsewhere(folders, tmp_path):
    alone = [shutil.copytree(folder, tmp_path / f"alone-{folder.name}") for folder in folders]
    results(alone)
    with closing(Ahead(1, OUT)) as ahead:
        (waiting,) = those_begun(OUT, 1)
        done = results(folders, ahead)  # the second one finds none left
        assert begun(waiting) is None
    assert done == [(folder.name, 0, "", "") for folder in folders]
    for folder, other in zip(folders, alone, strict=True):
        assert (folder / BLOCKS_FILE).read_bytes() == (other / BLOCKS_FILE).read_bytes()


def test_a_failure_comes_with_its_sentence_and_its_log(folders):
    (folders[0] / "dem.arrays").unlink()
    with closing(Ahead(1, OUT)) as ahead:
        ((_, code, message, log),) = results(folders[:1], ahead)
    assert (code, message) == (3, "input dem.arrays of tile-000000 is missing")
    assert "dem.arrays" in log
    assert log == (folders[0] / LOG_FILE).read_text()


def test_one_that_has_died_is_passed_over(folders):
    with closing(Ahead(2, OUT)) as ahead:
        first, second = sorted(those_begun(OUT, 2), key=begun)
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        assert [code for _, code, _, _ in results(folders[:1], ahead)] == [0]
        assert begun(second) is None
        assert ahead.hand_over(folders[0], folders[0] / LOG_FILE) is None


def test_those_without_a_task_end_with_the_block():
    with closing(Ahead(2, OUT)):
        those_begun(OUT, 2)
    assert those_about(OUT) == []


_PARENT = """
import sys, time
from pathlib import Path
from eemt_core.engines.ahead import Ahead
kept = Ahead(2, Path(sys.argv[1]))
print("started", flush=True)
time.sleep(60)
"""


def test_they_do_not_outlive_a_killed_parent(tmp_path):
    command = [sys.executable, "-c", _PARENT, str(tmp_path)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert parent.stdout.readline()
    those_begun(tmp_path, 3)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while those_about(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_where_no_process_may_be_started_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.executable", str(tmp_path / "missing"))
    ahead = Ahead(2, OUT)
    assert ahead.hand_over(tmp_path, tmp_path / LOG_FILE) is None
    ahead.close()


def test_a_folder_of_any_name_can_be_told(folders, tmp_path):
    odd = tmp_path / os.fsdecode(b"a\n\xff \"b'")
    folders[0].rename(odd)
    with closing(Ahead(1, OUT)) as ahead:
        process = ahead.hand_over(odd, odd / LOG_FILE)
        assert process.wait(timeout=60) == 0
        process.stdin.close()
    assert json.loads((odd / RESULT_FILE).read_text())["name"] == "tile-000000"
