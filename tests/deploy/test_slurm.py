"""Jobs in a real Slurm: they compute the maps of one machine, and end in order however they end."""

import shlex
import socket
from pathlib import Path

import pytest

from clusters import MIDDLING, SHORT, manager, wait_for
from eemt_core.machine import reserve_mb
from eemt_submits import LEAVES_SOON, LONG, eemt_submit, jobs_told, submitted
from orders import password_file
from runs import assert_same_maps, eemt_run, mountains, write_dem
from slurm_cluster import CORES

pytestmark = pytest.mark.slow

SIZES = ("--cores", CORES, "--memory", "1500M", "--time", "10min")


def start_workers(slurm, port, folder, *more, count=2, scratch):
    return submitted(
        slurm, "slurm", "--manager", f"{socket.gethostname()}:{port}", "--workers", count, *SIZES,
        "--setup", LEAVES_SOON, "--setup", scratch[1], "--log-dir", folder, *more,
    )  # fmt: skip


def logs(folder, number):
    """What the jobs of an array have written, by their places in it."""
    return {
        int(path.stem.rpartition("_")[2]): path.read_text()
        for path in Path(folder).glob(f"*-{number}_*.log")
    }


def is_computing(slurm, number):
    """Whether the worker that is the first of an array works on a tile."""
    processes = slurm.processes(slurm.id_of(number, 1))
    return any("eemt_core.tiles" in text for text in processes.values())


def test_workers_of_an_array_give_the_maps_of_one_machine(slurm, dem, local, tmp_path, scratch):
    password, folder = password_file(tmp_path), tmp_path / "logs of 'all' jobs, 100%"
    with manager(dem, tmp_path / "out", *SHORT, "--password-file", password) as run:
        told = start_workers(
            slurm, run.port(), folder, "--password-file", password, "--name", "a b", scratch=scratch
        )
        run.ends()
    assert_same_maps(local, tmp_path / "out")
    assert slurm.wait_for_end(told["jobs"]) == {1: "COMPLETED", 2: "COMPLETED"}
    said = logs(folder, told["jobs"])
    assert sorted(said) == [1, 2]
    for text in said.values():
        # the job's cores and memory, not the node's
        assert f"offering {CORES} cores, {1500 - reserve_mb(1500)} MB of memory" in text
        assert "working for the manager at" in text
        assert "secret" not in text
    assert told["script"] == str(folder / "a b-1.sh")
    assert list(scratch[0].iterdir()) == []
    # the commands that are printed are those of a shell
    assert slurm.run(*shlex.split(told["watch"])).count("COMPLETED") == 2
    slurm.run(*shlex.split(told["cancel"]))


def test_a_cancelled_job_and_a_drained_node_cost_no_more_than_a_tile(slurm, dem, tmp_path, scratch):
    local = eemt_run(dem, "-o", tmp_path / "local", *MIDDLING)
    assert local.returncode == 0, local.stderr
    with manager(dem, tmp_path / "out", *MIDDLING) as run:
        number = start_workers(slurm, run.port(), tmp_path, count=3, scratch=scratch)["jobs"]
        for place in (1, 2):
            slurm.wait_for(number, place, "running")
        wait_for(lambda: is_computing(slurm, number), what="a tile of the first job")
        cancelled, node = slurm.id_of(number, 1), slurm.node_of(number, 1)
        with slurm.drained(node):  # so that nobody follows there
            slurm.run("scancel", f"{number}_1")
            assert slurm.wait_for(number, 1, "ended").word == "CANCELLED"
            assert slurm.jobs(number)[3].state == "queued"
            run.ends()
            assert slurm.wait_for(number, 2, "ended").word == "COMPLETED"
            slurm.run("scancel", f"{number}_3")
    assert_same_maps(tmp_path / "local", tmp_path / "out")
    assert "A worker left: " in run.said
    assert "(it said goodbye)" in run.said
    wait_for(lambda: not slurm.processes(cancelled), what="the end of the cancelled job")
    slurm.wait_for_end(number)
    wait_for(lambda: list(scratch[0].iterdir()) == [], what="the end of the jobs' folders")


def test_jobs_whose_time_is_over_end_in_order(slurm, tmp_path, scratch):
    """Slurm looks for such jobs every half minute, and so long this takes."""
    tiles, results = tmp_path / "tiles", tmp_path / "tiles" / "results"
    dem = write_dem(tmp_path / "dem.tif", mountains((768, 768)))
    one_tile = (*LONG, "--tile-size", "768")
    done = eemt_run(dem, "-o", tmp_path / "out", *one_tile, "--export-tiles", tiles)
    assert done.returncode == 0, done.stderr
    with manager(dem, tmp_path / "out", *one_tile) as run:
        told = start_workers(
            slurm, run.port(), tmp_path, "--memory", "3G", "-o", run.out, count=1, scratch=scratch
        )["jobs"]
        # this one is not told before
        untold = submitted(
            slurm, "slurm", "--tiles", tiles, *SIZES, "--memory", "3G", "--setup", scratch[1],
            "--skip-directive", "signal", "--log-dir", tmp_path, "-o", run.out,
        )["jobs"]  # fmt: skip
        for number in (told, untold):
            slurm.wait_for(number, 1, "running")
        wait_for(lambda: is_computing(slurm, told), what="the worker's tile")
        wait_for(lambda: list(results.glob(".tile-*.part")), what="the tile without a manager")
        slurm.run("scontrol", "update", f"JobId={told}_1", "EndTime=now+90")
        slurm.run("scontrol", "update", f"JobId={untold}_1", "EndTime=now+1")
        # 143 is the exit code of what SIGTERM has ended
        assert slurm.wait_for_end(told) == {1: "FAILED"}
        assert slurm.wait_for_end(untold) == {1: "TIMEOUT"}
        assert slurm.exit_code(told, 1) == 143
        said = jobs_told(slurm, run.out)
        assert "jobs 2: 1 failed, 1 ended at the time limit" in said, said
        assert f"job {told}_1 failed with exit code 143; its output: {tmp_path}" in said
        assert f"job {untold}_1 ended at the time limit; its output: {tmp_path}" in said
        run.hears("A worker left")
    assert "Its unfinished tasks go to other workers." in logs(tmp_path, told)[1]
    # what a job says last may get lost with srun
    assert "Exited with exit code 143" in logs(tmp_path, untold)[1]
    wait_for(lambda: list(results.iterdir()) == [], what="the end of the unfinished tile")
    for number in (told, untold):
        assert slurm.processes(slurm.id_of(number, 1)) == {}
    assert list(scratch[0].iterdir()) == []


def test_status_tells_of_jobs_that_wait_run_and_have_ended(slurm, tmp_path):
    """Before the run has begun; also where Slurm has none of them in mind any more."""
    out = tmp_path / "out"
    order = ("slurm", "--manager", "login1:9123", *SIZES, "-o", out)
    ended = submitted(slurm, *order, "--setup", "exit 5")["jobs"]
    slurm.wait_for_end(ended)
    number = submitted(slurm, *order, "--workers", 3, "--setup", "exec sleep 600")["jobs"]
    for place in (1, 2):
        slurm.wait_for(number, place, "running")
    wait_for(lambda: slurm.jobs(number)[3].reason == "Resources", what="the reason of its waiting")
    log = out / "jobs" / f"eemt-{ended}_1.log"
    assert jobs_told(slurm, out) == (
        f"{out} state no run has begun here jobs 4: 1 queued (Resources), 2 running, 1 failed "
        f"job {ended}_1 failed with exit code 5; its output: {log}"
    )
    slurm.run("scancel", number)
    assert set(slurm.wait_for_end(number).values()) == {"CANCELLED"}
    assert "jobs 4: 1 failed, 3 cancelled" in jobs_told(slurm, out)


def test_an_array_of_tiles_needs_no_manager_and_may_be_submitted_again(
    slurm, dem, local, tmp_path, scratch
):
    tiles = tmp_path / "tiles"
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--export-tiles", tiles)
    assert done.returncode == 0, done.stderr
    order = (
        "slurm", "--tiles", tiles, "--per-job", "3", *SIZES, "--setup", scratch[1],
        "--log-dir", tmp_path,
    )  # fmt: skip
    first = submitted(slurm, *order)
    assert slurm.wait_for_end(first["jobs"]) == dict.fromkeys((1, 2, 3), "COMPLETED")
    text = "".join(logs(tmp_path, first["jobs"]).values())
    assert text.count(" done in ") == 8
    again = submitted(slurm, *order)
    assert slurm.wait_for_end(again["jobs"]) == dict.fromkeys((1, 2, 3), "COMPLETED")
    assert "".join(logs(tmp_path, again["jobs"]).values()).count("was complete already") == 8
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--collect", tiles)
    assert done.returncode == 0, done.stderr
    assert_same_maps(local, tmp_path / "out")
    assert list(scratch[0].iterdir()) == []


def test_what_a_user_gives_reaches_slurm_as_it_was_given(slurm, hostile, scratch):
    """Through the job, whose worker finds no manager, to the file that its output goes to."""
    name = "a 'b' \"c\" $(touch d) `touch e` #f %g"
    submit = (
        "slurm", "--manager", "no-such-host.invalid:9123", "--name", name, "--log-dir", hostile,
        "--extra-directive=--comment='h i'", "--memory", "1G", "--time", "45min",
        "--setup", LEAVES_SOON, "--setup", scratch[1], "--partition",
    )  # fmt: skip
    done = eemt_submit(*submit, "nowhere", "--submit", env=slurm.environment)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Error: Slurm refuses sbatch (" in done.stderr
    assert "invalid partition specified: nowhere" in done.stderr
    assert not list(hostile.glob("*.sh"))
    number = submitted(slurm, *submit, "main")["jobs"]
    assert slurm.wait_for_end(number) == {1: "FAILED"}
    assert slurm.exit_code(number, 1) == 3
    said = slurm.run("scontrol", "--oneliner", "show", "job", number)
    assert f" JobName={name} " in said
    assert " Comment=h i " in said
    assert " TimeLimit=00:45:00 " in said
    assert " MinMemoryNode=1G " in said
    log = hostile / f"{name}-{number}_1.log"
    assert "no manager was reached in 1 attempts" in log.read_text()
    made = {"password", "tiles", f"{name}-1.sh", log.name}
    assert {path.name for path in hostile.iterdir()} == made
