"""SIGTERM, SIGHUP and early Ctrl-C: an orderly end with its exit code, and no results lost."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from clusters import LONGER, SHORT, is_busy, kill_group, manager, wait_for, workers
from eemt_workers import SMALL, EemtWorker, joined
from runs import assert_same_maps, eemt_run, mountains, write_dem
from work_queue_manager import WorkQueueManager, processes_of

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
QUICK = ("--days", "1,172", "--step", "15", "--tile-size", "64")
WORDS = {signal.SIGTERM: "Terminated", signal.SIGHUP: "Hung up", signal.SIGINT: "Interrupted"}


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((128, 256)))


@pytest.fixture(scope="module")
def undisturbed(dem, tmp_path_factory):
    """A run's maps, and how long it took [s]."""
    out, before = tmp_path_factory.mktemp("whole") / "out", time.monotonic()
    assert eemt_run(dem, "-o", out, *QUICK).returncode == 0
    return out, time.monotonic() - before


@pytest.fixture(scope="module")
def whole(undisturbed):
    return undisturbed[0]


def start(program, *arguments, prefix=()):
    """Start a command in a session of its own, with the signals of a terminal."""

    def listen():
        for number in WORDS:
            signal.signal(number, signal.SIG_DFL)

    return subprocess.Popen(
        [*prefix, BIN / program, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen,
    )


BEGUN = re.compile(r'eemt_core/cli/start\.py", line \d+, in (run|worker|status)\b')
"""In a traceback: the command's first function had been called."""


def session(pid):
    """The processes of a run: those that name its folder, or were started by it."""
    found, new = {pid}, [pid]
    while new:
        for task in Path(f"/proc/{new.pop()}/task").glob("*/children"):
            with suppress(OSError):  # it may end in the meantime
                children = {int(child) for child in task.read_text().split()} - found
                found |= children
                new += children
    return found


def tell(pids, number):
    """Send a signal to all of them, as systemd and Slurm do; some may have ended by themselves."""
    for pid in sorted(pids):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def are_gone(pids):
    return lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("program", ["eemt-run", "eemt-worker", "eemt-status"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_command_is_loaded_ends_it_without_a_traceback(program, number, tmp_path):
    given = {
        "eemt-run": (tmp_path / "no.tif", "-o", tmp_path / "out", "--workers", "1"),
        "eemt-worker": ("--manager", "127.0.0.1:9", "--work-dir", tmp_path),
        "eemt-status": (tmp_path, "--watch"),
    }
    for delay_s in (0.06, 0.1, 0.15, 0.2, 0.3):
        process = start(program, *given[program])
        time.sleep(delay_s)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        if "Traceback" in errors and not BEGUN.search(errors):
            continue  # the interpreter was still on its way to our first line
        assert "Traceback" not in errors, (delay_s, errors)
        # the signal may come before our handler is set, or after the command has failed because its
        # input does not exist (3)
        assert process.returncode in (128 + number, -number, 3), (delay_s, errors)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_does_so_in_order_and_goes_on_later(
    dem, undisturbed, tmp_path, number
):
    (whole, seconds), out, chance = undisturbed, tmp_path / "out", random.Random(number)
    met = set()
    # during planning, computing, writing maps and drawing; the first one surely before the end
    for share in (chance.uniform(0.1, 0.5), *(chance.uniform(0.1, 0.9) for _ in range(3))):
        is_new, begun = not out.exists(), time.monotonic()
        process = start("eemt-run", dem, "-o", out, *QUICK, "--resume")
        time.sleep(max(0.3, share * seconds))
        running = session(process.pid)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors
        # on a busy machine the interpreter may still be on its way to our first line
        was_early = process.returncode == -number and not errors
        assert was_early or process.returncode in (128 + number, 0), errors
        met.add(process.returncode)
        if process.returncode:
            assert was_early or f"{WORDS[number]}." in errors
        else:  # done, perhaps sooner than the one whose time was taken: the next begins anew
            seconds = time.monotonic() - begun if is_new else seconds
            shutil.rmtree(out)
        wait_for(are_gone(running), 20)
    assert 128 + number in met
    assert eemt_run(dem, "-o", out, *QUICK, "--resume", "--no-pictures").returncode == 0
    assert_same_maps(whole, out)


def test_where_all_processes_are_told_at_once_it_is_the_same_end(dem, whole, tmp_path):
    """A signal to all processes, as by systemd or Slurm, does not count as a failure of tasks."""
    out, chance = tmp_path / "out", random.Random(3)
    arguments = (dem, "-o", out, *QUICK, "--no-pictures", "--resume")
    for _ in range(3):
        process = start("eemt-run", *arguments)
        time.sleep(chance.uniform(1.0, 3.0))
        told = session(process.pid)
        tell(told, signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert process.returncode in (143, 0), errors
        assert "Error" not in errors
    assert eemt_run(*arguments).returncode == 0
    assert_same_maps(whole, out)


def test_a_manager_waits_a_little_for_tiles_that_are_nearly_done(dem, tmp_path):
    out = tmp_path / "out"
    with manager(dem, out, *LONGER) as run, workers(run.port(), 1, tmp_path) as (worker,):
        wait_for(lambda: "done in" in run.said, what="a tile")
        wait_for(lambda: is_busy(worker), what="another")
        before = time.monotonic()
        run.process.send_signal(signal.SIGTERM)
        run.ends(143)
        assert time.monotonic() - before < 20
        assert "Terminated. Finished tiles are kept: --resume continues." in run.said


def test_a_run_with_workers_of_its_own_leaves_no_process_and_no_folder(dem, tmp_path):
    out = tmp_path / "out"
    process = start("eemt-run", dem, "-o", out, *LONGER, "--workers", "1", "-v")
    try:
        wait_for(lambda: list((out / ".eemt/work").glob("eemt-worker-*/worker-*")), what="a worker")
        running = session(process.pid)
        tell(running, signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 143, errors
        assert "Traceback" not in errors
        wait_for(are_gone(running), 20)
        assert list((out / ".eemt/work").glob("eemt-worker-*")) == []
    finally:
        kill_group(process)


def test_a_second_signal_ends_a_run_at_once(dem, tmp_path):
    with manager(dem, tmp_path / "out", *LONGER) as run, workers(run.port(), 1, tmp_path) as (w,):
        wait_for(lambda: "done in" in run.said and is_busy(w), what="a tile")
        run.process.send_signal(signal.SIGTERM)
        time.sleep(1.2)  # sooner it would be taken for the first
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(5) in (143, -signal.SIGTERM)


def test_as_the_first_process_of_a_container_it_hears_sigterm_too(dem, tmp_path):
    """The kernel does not deliver signals to process 1 for which it has no handler."""
    user = ["--user", "--map-root-user"] if os.geteuid() else []
    prefix = ["unshare", *user, "--pid", "--fork", "--kill-child", "--mount-proc"]
    out = tmp_path / "out"
    process = start("eemt-run", dem, "-o", out, *LONGER, prefix=prefix)
    try:
        wait_for(lambda: list(out.glob(".eemt/attempts/*")), what="a task")
        (first,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(first), signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 143, errors
        assert errors.endswith("Terminated. Finished tiles are kept: --resume continues.\n")
    finally:
        kill_group(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_worker_ends_with_the_code_of_its_signal(tmp_path, number):
    with (
        WorkQueueManager("sleep 600") as server,
        EemtWorker(tmp_path, "--manager", server.address, *SMALL) as worker,
    ):
        server.wait_until(joined)
        worker.process.send_signal(number)
        assert worker.end() == 128 + number
        assert worker.told.endswith(f"{WORDS[number]}. Its unfinished tasks go to other workers.\n")
        assert processes_of(tmp_path) == []
    assert list(tmp_path.glob("*worker-*")) == []


def test_with_nohup_a_run_outlives_its_terminal(dem, tmp_path):
    process = start("eemt-run", dem, "-o", tmp_path / "out", *SHORT, prefix=["nohup"])
    wait_for(lambda: list((tmp_path / "out").glob(".eemt/attempts/*")), what="a task")
    process.send_signal(signal.SIGHUP)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
