"""Workers and managers are killed during work; no result is lost and maps are the same."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress

import pytest

from clusters import (
    ENDLESS,
    LONGER,
    is_busy,
    kill_group,
    manager,
    processes_about,
    start_worker,
    wait_for,
    workers,
)
from free_ports import free_port
from runs import assert_same_maps, eemt_run, maps_of, mountains, write_dem
from stopped_tasks import stop_one, tasks_below

pytestmark = pytest.mark.slow


def journal(out, query, *values):
    with closing(sqlite3.connect(f"file:{out}/journal.sqlite?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


def done_tiles(out):
    return {path.parent.name for path in out.glob(".eemt/tiles/*/result.json")}


def attempts_until_now(out):
    """Number of the last attempt that the journal knows."""
    with suppress(sqlite3.OperationalError):  # killed before there was a journal
        return journal(out, "SELECT COALESCE(MAX(attempt), 0) FROM attempts")[0][0]
    return 0


def attempted_since(attempt, out):
    """Names of the tiles that were handed out after that."""
    query = "SELECT DISTINCT name FROM attempts JOIN tiles USING (tile) WHERE attempt > ?"
    with suppress(sqlite3.OperationalError):
        return {name for (name,) in journal(out, query, attempt)}
    return set()


def test_workers_killed_at_random_again_and_again_cost_only_time(dem, local_longer, tmp_path):
    chance, out = random.Random(7), tmp_path / "out"
    with manager(dem, out, *LONGER) as run:
        port, started, kills = run.port(), [], 0
        try:
            while run.process.poll() is None:
                started = [process for process in started if process.poll() is None]
                while len(started) < 2:
                    started.append(start_worker(port, work_dir=tmp_path))
                victim = chance.choice(started)
                if kills < 8 and is_busy(victim):
                    time.sleep(chance.uniform(0.0, 0.5))
                    kill_group(victim)
                    kills += 1
                time.sleep(0.05)
        finally:
            for process in started:
                kill_group(process)
        run.ends()
    assert kills >= 4
    assert journal(out, "SELECT COUNT(*) FROM attempts WHERE outcome = 'lost'")[0][0] >= 1
    assert_same_maps(local_longer, out)


def test_a_manager_killed_at_twenty_moments_computes_no_verified_tile_twice(tmp_path):
    chance, out, kills = random.Random(3), tmp_path / "out", 0
    dem = write_dem(tmp_path / "dem.tif", mountains((256, 1024)))
    many = ("--days", "1-30", "--step", "10", "--tile-size", "64", "--no-pictures")
    arguments = (dem, out, *many, "--resume", "--workers", "2")
    while kills < 20:
        before, attempts = done_tiles(out), attempts_until_now(out)
        with manager(*arguments) as run:
            with suppress(subprocess.TimeoutExpired):
                run.process.wait(chance.uniform(0.5, 2.2))
            if run.process.returncode == 0:
                break
            run.kill()
        kills += 1
        maps_of(out)  # files with final names are complete
        assert not before & attempted_since(attempts, out)
    assert kills >= 5
    with manager(*arguments) as run:
        run.ends()
    done = eemt_run(dem, "-o", tmp_path / "local", *many)
    assert done.returncode == 0, done.stderr
    assert_same_maps(tmp_path / "local", out)


def test_a_worker_stopped_for_longer_than_the_keepalive_is_replaced(dem, local_longer, tmp_path):
    out = tmp_path / "out"
    with (
        manager(dem, out, *LONGER, "--keepalive", "2") as run,
        workers(run.port(), 1, tmp_path) as (sleeper,),
    ):
        wait_for(lambda: is_busy(sleeper))
        os.killpg(sleeper.pid, signal.SIGSTOP)
        with workers(run.port(), 1, tmp_path):
            run.hears("lost its worker")
            os.killpg(sleeper.pid, signal.SIGCONT)  # its late result is not needed
            run.ends()
    assert_same_maps(local_longer, out)


def test_workers_may_come_before_their_manager(dem, local_longer, tmp_path):
    port = free_port()
    with (
        workers(port, 1, tmp_path),
        manager(dem, tmp_path / "out", *LONGER, port=port) as run,
    ):
        run.ends()
    assert_same_maps(local_longer, tmp_path / "out")


def test_ctrl_c_gives_back_what_runs_and_resume_finishes(dem, local_longer, tmp_path):
    out = tmp_path / "out"
    with manager(dem, out, *LONGER, "--workers", "2") as run:
        stop_one(lambda: tasks_below(out))  # so that the run is not over before it is interrupted
        wait_for(lambda: len(done_tiles(out)) >= 2)
        run.process.send_signal(signal.SIGINT)
        run.ends(130)
        assert run.said.endswith("Interrupted. Finished tiles are kept: --resume continues.\n")
        assert journal(out, "SELECT state FROM runs") == [("interrupted",)]
    before, attempts = done_tiles(out), attempts_until_now(out)
    assert 2 <= len(before) < 8
    with manager(dem, out, *LONGER, "--resume", "--workers", "2") as run:
        run.ends()
    assert not before & attempted_since(attempts, out)
    assert_same_maps(local_longer, out)


def test_two_ctrl_c_stop_at_once_and_leave_no_process(dem, tmp_path):
    out = tmp_path / "out"
    with (
        manager(dem, out, *ENDLESS) as run,
        workers(run.port(), 1, tmp_path) as (worker,),
    ):
        wait_for(lambda: is_busy(worker))
        for _ in range(2):
            run.process.send_signal(signal.SIGINT)
        assert run.process.wait(60) in (130, -signal.SIGINT)
        wait_for(lambda: not processes_about(out), what="the end of all its processes")
        wait_for(lambda: not is_busy(worker), what="the end of the task")
