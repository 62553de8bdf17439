"""The local engine: real processes are counted, and ended when they should be."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eemt_core.engines import local
from eemt_core.engines.base import Completion, Submission, TaskStarted
from eemt_core.errors import ArgumentError
from eemt_core.tiles.task import Resources
from runs import mountains, request, task_folders, write_dem


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    home = tmp_path_factory.mktemp("engine")
    dem = write_dem(home / "dem.tif", mountains((100, 250)))
    return task_folders(request(dem, home / "out", tile_cells=64), home / "tiles")


@pytest.fixture
def folders(tiles, tmp_path):
    return [shutil.copytree(tile, tmp_path / tile.name) for tile in tiles]


def submissions(folders):
    return [Submission(folder.name, folder, Resources(1, 200, 100)) for folder in folders]


def completions(events):
    return [event for event in events if isinstance(event, Completion)]


def drain(engine, count, limit_s=120):
    completed, deadline = [], time.monotonic() + limit_s
    while len(completed) < count and time.monotonic() < deadline:
        completed += completions(engine.wait(0.2))
    return completed


def children():
    """Processes whose parent is this one, zombies left out."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_every_task_completes_once_and_no_more_run_than_asked(folders):
    engine = local.LocalEngine(2)
    before, most = len(children()), 0
    for task in submissions(folders):
        engine.submit(task)
    completed = []
    while len(completed) < len(folders):
        most = max(most, len(children()) - before)
        completed += completions(engine.wait(0.05))
    engine.close()
    assert sorted(c.name for c in completed) == sorted(folder.name for folder in folders)
    assert all(c.exit_code == 0 and c.message == "" for c in completed)
    assert most == 2


def test_a_task_is_said_to_start_before_it_ends(folders):
    engine = local.LocalEngine(1)
    for task in submissions(folders)[:2]:
        engine.submit(task)
    events = []
    while len(completions(events)) < 2:
        events += engine.wait(0.2)
    engine.close()
    told = [(type(event), event.name) for event in events]
    for folder in folders[:2]:
        assert told.index((TaskStarted, folder.name)) < told.index((Completion, folder.name))


def test_a_failure_comes_with_its_sentence(folders):
    (folders[0] / "dem.arrays").unlink()
    engine = local.LocalEngine(1)
    engine.submit(submissions(folders)[0])
    (completion,) = drain(engine, 1)
    engine.close()
    assert completion.exit_code == 3
    assert completion.message == "input dem.arrays of tile-000000 is missing"


def test_a_killed_process_is_said_to_be_short_of_memory(folders):
    engine = local.LocalEngine(1)
    known = set(children())
    engine.submit(submissions(folders)[0])
    (child,) = set(children()) - known
    os.kill(child, signal.SIGKILL)
    (completion,) = drain(engine, 1)
    engine.close()
    assert completion.exit_code == -signal.SIGKILL
    assert "ran out of memory" in completion.message
    assert "<<tile_cells>>" in completion.message
    assert completion.lack == "memory"


def test_a_cancelled_task_never_completes_and_its_process_is_gone(folders):
    engine = local.LocalEngine(1)
    known = set(children())
    first, second = submissions(folders)[:2]
    engine.submit(first)
    engine.submit(second)
    engine.cancel(first.name)
    completed = drain(engine, 1)
    assert [c.name for c in completed] == [second.name]
    engine.close()
    assert set(children()) == known


def test_closing_ends_all_processes_at_once(folders, monkeypatch):
    """It does not wait until those are killed that do not end by themselves."""
    monkeypatch.setattr(local, "_GRACE_S", 120.0)
    engine = local.LocalEngine(2)
    known = set(children())
    for task in submissions(folders):
        engine.submit(task)
    assert len(set(children()) - known) == 2
    start = time.monotonic()
    engine.close()
    assert time.monotonic() - start < 60
    assert set(children()) == known
    assert completions(engine.wait(0.1)) == []


_PARENT = """
import sys, time
from pathlib import Path
from eemt_core.engines.base import Submission
from eemt_core.engines.local import LocalEngine
from eemt_core.tiles.task import Resources
engine = LocalEngine(1)
engine.submit(Submission("tile", Path(sys.argv[1]), Resources(1, 200, 100)))
print(next(iter(engine._running.values())).pid, flush=True)
time.sleep(60)
"""


def test_a_task_does_not_outlive_a_killed_parent(folders):
    # a step of one minute keeps the task busy for longer than the test
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(folders[0])], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.05)
    pytest.fail(f"process {child} still runs")


def test_an_engine_needs_a_process():
    with pytest.raises(ArgumentError, match="processes must be at least 1, got 0"):
        local.LocalEngine(0)
