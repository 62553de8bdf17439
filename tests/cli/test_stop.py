"""Stopping ``eemt-run``: by Ctrl-C, by kill -9, by a second run; nothing is lost."""

import random
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from eemt_core.engines.base import LOG_FILE
from runs import assert_same_maps, eemt_run, maps_of, mountains, start_eemt_run, write_dem

pytestmark = pytest.mark.slow

# eight tiles of a few tenths of a second each
QUICK = ("--days", "1,172", "--step", "15", "--tile-size", "64", "--no-pictures")
# hours of work
LONG = ("--days", "1-365", "--step", "1", "--directions", "720")


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((128, 256)))


@pytest.fixture(scope="module")
def whole(dem, tmp_path_factory):
    """Maps of an uninterrupted run."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert eemt_run(dem, "-o", out, *QUICK).returncode == 0
    return out


def processes_about(path):
    """Command lines of running processes that name a path."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = command.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(path) in text:
            found.append(text)
    return found


def wait_for(condition, limit_s=60.0):
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("waited in vain")
        time.sleep(0.02)


def a_task_runs(out):
    return lambda: any((out / ".eemt/attempts").glob(f"*/{LOG_FILE}"))


def test_killed_at_random_moments_a_run_is_finished_by_resume(dem, whole, tmp_path):
    out, chance = tmp_path / "out", random.Random(4)
    arguments, kills = (dem, "-o", out, *QUICK), 0
    while kills < 6:
        process = start_eemt_run(*arguments, "--resume")
        try:
            process.wait(timeout=chance.uniform(0.2, 3.0))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        kills += 1
        # a file with a final name is complete: all its cells can be read
        maps_of(out)
        wait_for(lambda: not processes_about(out))
    assert kills > 0
    done = eemt_run(*arguments, "--resume")
    assert done.returncode == 0, done.stderr
    assert_same_maps(whole, out)
    assert not (out / ".eemt").exists()


def test_ctrl_c_ends_all_processes_and_tells_how_to_go_on(dem, tmp_path):
    out = tmp_path / "out"
    process = start_eemt_run(dem, "-o", out, *LONG)
    wait_for(a_task_runs(out))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.endswith("Interrupted. Finished tiles are kept: --resume continues.\n")
    assert "Traceback" not in errors
    assert processes_about(out) == []
    assert maps_of(out) == {}


def test_ctrl_c_again_and_again_stops_all_soon(dem, tmp_path):
    out = tmp_path / "out"
    process = start_eemt_run(dem, "-o", out, *LONG)
    wait_for(a_task_runs(out))
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    process.communicate(timeout=10)
    # the third signal may come while the interpreter exits, without our handler
    assert process.returncode in (130, -signal.SIGINT)
    wait_for(lambda: not processes_about(out), 20)


@pytest.mark.parametrize("limit", [10_000, 50_000, 100_000])
def test_a_full_disk_ends_with_one_sentence_and_no_map(dem, tmp_path, limit):
    """Writing beyond a file size fails, as with a full disk or quota."""
    out = tmp_path / "out"
    bounds = (limit, limit)
    done = eemt_run(
        dem, "-o", out, *QUICK, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, bounds)
    )
    assert done.returncode == 4, done.stderr
    assert done.stderr.count("Error: ") == 1
    assert "Traceback" not in done.stderr
    assert maps_of(out) == {}


def test_two_runs_do_not_share_a_folder(dem, tmp_path):
    out = tmp_path / "out"
    process = start_eemt_run(dem, "-o", out, *LONG)
    try:
        wait_for(a_task_runs(out))
        second = eemt_run(dem, "-o", out, "--resume", *LONG)
        assert second.returncode == 2
        assert f"in use by another run (process {process.pid})" in second.stderr
    finally:
        process.kill()
        process.communicate()


def test_an_unfinished_run_asks_how_to_go_on(dem, tmp_path):
    out = tmp_path / "out"
    process = start_eemt_run(dem, "-o", out, *LONG)
    wait_for(a_task_runs(out))
    process.kill()
    process.communicate()
    done = eemt_run(dem, "-o", out, *QUICK)
    assert done.returncode == 2
    assert "add --resume to go on with it or --overwrite to start again" in done.stderr
    assert eemt_run(dem, "-o", out, *QUICK, "--overwrite").returncode == 0
