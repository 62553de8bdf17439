"""Runs whose manager is a job of a real Slurm: whole, killed, told to end, and resumed."""

import json
import os
import signal
from contextlib import suppress

import pytest

from clusters import LONGER, SHORT, wait_for
from eemt_core.journal import read_status, read_workers
from eemt_core.machine import reserve_mb
from eemt_submits import LEAVES_SOON, jobs_told, submitted
from orders import password_file
from runs import assert_same_maps, eemt_run, mountains, write_dem
from stopped_tasks import TASK, one_stopped, stop_one

pytestmark = pytest.mark.slow

MEMORY_MB = 1400


def submit_run(slurm, folder, dem, *more, jobs=2):
    """Submit a run with its manager, from the folder of its DEM; return its number."""
    password_file(folder)
    order = (
        "slurm", "--manager-in-job", "-o", folder / "out", "--workers", jobs, "--cores", 1,
        "--memory", f"{MEMORY_MB}M", "--time", "10min", "--password-file", folder / "password",
        "--setup", LEAVES_SOON,
    )  # fmt: skip
    given = ("--", "eemt-run", dem.name, *more, "-v")
    return submitted(slurm, *order, *given, cwd=dem.parent)["jobs"]


def output(folder, number, place):
    """What a job has said so far; nothing before it begins."""
    log = folder / "out" / "jobs" / f"eemt-{number}_{place}.log"
    return log.read_text() if log.exists() else ""


def tiles_of(slurm, number):
    """Processes of the tiles that the job of a run's manager works on itself."""
    processes = slurm.processes(slurm.id_of(number, 1))
    return [pid for pid, text in processes.items() if TASK in text]


def wait_for_tiles(out, done):
    """Wait until so many tiles are done, and others are not."""

    def counts():
        with suppress(Exception):
            found = read_status(out).tile_counts
            return found if found.done >= done else None
        return None

    assert wait_for(counts, what=f"{done} tiles").waiting > 0


def kill_all_of(slurm, job):
    """End a job as the failure of its node would: nothing of it gets to bring anything in order."""
    ours = [n for n, text in slurm.processes(job).items() if "slurmstepd" not in text]
    for sent in (signal.SIGSTOP, signal.SIGKILL):  # none may see another's end
        for number in ours:
            with suppress(ProcessLookupError):
                os.kill(number, sent)


def test_a_run_in_jobs_keeps_to_their_cores_and_memory(slurm, dem, local, tmp_path):
    out = tmp_path / "out"
    # the fifth has no room beside the others
    number = submit_run(slurm, tmp_path, dem, *SHORT, jobs=5)
    ended = slurm.wait_for_end(number)
    assert ended[1] == "COMPLETED", output(tmp_path, number, 1)
    assert set(ended.values()) <= {"COMPLETED", "CANCELLED"}
    assert_same_maps(local, out)
    assert not (out / "manager.json").exists()
    workers = {
        (worker.cores, worker.memory_mb <= MEMORY_MB - reserve_mb(MEMORY_MB))
        for worker in read_workers(out)
    }
    assert workers == {(1, True)}
    assert f"jobs 5: {list(ended.values()).count('COMPLETED')} done" in jobs_told(slurm, out)
    assert "secret" not in "".join(path.read_text() for path in (out / "jobs").iterdir())
    # submitted again it has nothing to do
    again = submit_run(slurm, tmp_path, dem, *SHORT, jobs=1)
    assert slurm.wait_for_end(again) == {1: "COMPLETED"}
    assert "holds all maps of this run already" in output(tmp_path, again, 1)


def test_a_run_that_was_killed_or_told_to_end_goes_on_when_it_is_submitted_again(slurm, tmp_path):
    dem = write_dem(tmp_path / "dem.tif", mountains((192, 256)))
    out = tmp_path / "out"
    plain = eemt_run(dem, "-o", tmp_path / "local", *LONGER)
    assert plain.returncode == 0, plain.stderr
    first = submit_run(slurm, tmp_path, dem, *LONGER)
    wait_for_tiles(out, 1)
    with one_stopped(lambda: tiles_of(slurm, first)):  # the run is not over before it is killed
        wait_for(
            lambda: "working for the manager at" in output(tmp_path, first, 2), what="a worker"
        )
        stale = json.loads((out / "manager.json").read_text())
        kill_all_of(slurm, slurm.id_of(first, 1))
    slurm.wait_for(first, 1, "ended")
    wait_for(
        lambda: (
            f"manager.json names {stale['host']}:{stale['port']} since"
            in output(tmp_path, first, 2)
        ),
        what="word of the file that was left",
    )
    assert "may be left of a manager that was killed" in output(tmp_path, first, 2)
    second = submit_run(slurm, tmp_path, dem, *LONGER, jobs=1)
    wait_for_tiles(out, read_status(out).tile_counts.done + 1)
    stop_one(lambda: tiles_of(slurm, second))
    # as Slurm does at the time limit
    slurm.run("scancel", "--signal=TERM", f"{second}_1")
    assert slurm.wait_for(second, 1, "ended").exit_code == 143
    assert not (out / "manager.json").exists()
    third = submit_run(slurm, tmp_path, dem, *LONGER)
    assert slurm.wait_for(third, 1, "ended").word == "COMPLETED", output(tmp_path, third, 1)
    assert_same_maps(tmp_path / "local", out)
    assert read_status(out).tile_counts.from_earlier >= 2
    for number in (first, third):
        assert slurm.wait_for(number, 2, "ended").word in ("COMPLETED", "CANCELLED")
