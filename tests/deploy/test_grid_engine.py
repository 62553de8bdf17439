"""Jobs in a real Grid Engine: the maps of one machine, and an end in order however they end."""

import shlex
import socket
from pathlib import Path

from clusters import MIDDLING, SHORT, manager, wait_for
from eemt_core.submit.schedulers import SCHEDULERS
from eemt_submits import LEAVES_SOON, LONG, eemt_submit, submitted
from orders import password_file
from runs import assert_same_maps, eemt_run, mountains, write_dem
from stopped_tasks import TASK, one_stopped

CORES = 2
SIZES = ("--cores", CORES, "--parallel-env", "smp", "--time", "10min")


def start_workers(grid_engine, port, folder, *more, count=2, scratch):
    return submitted(
        grid_engine, "sge", "--manager", f"{socket.gethostname()}:{port}", "--workers", count,
        *SIZES, "--setup", LEAVES_SOON, "--setup", scratch[1], "--log-dir", folder, *more,
    )  # fmt: skip


def logs(folder, number):
    """What the jobs of an array have written, by their places in it."""
    return {
        int(path.stem.rpartition(".")[2]): path.read_text()
        for path in Path(folder).glob(f"*-{number}.*.log")
    }


def tiles_of(grid_engine, number, place):
    """Processes of the tiles that the worker that is one of an array works on."""
    return [pid for pid, text in grid_engine.processes(number, place).items() if TASK in text]


def leaves_nothing(grid_engine, number, *places):
    """Wait for the end of all processes of some of an array, which the accounts may precede."""
    for place in places:
        wait_for(lambda p=place: not grid_engine.processes(number, p), what="a job's processes")


def endings(jobs):
    return {place: (job.ending, job.exit_code) for place, job in jobs.items()}


def test_workers_of_an_array_give_the_maps_of_one_machine(
    grid_engine, dem, local, tmp_path, scratch
):
    password, folder = password_file(tmp_path), tmp_path / "logs of [all] jobs; 100%"
    more = ("--password-file", password, "--name", "a~b!", "--memory", "3G")
    with manager(dem, tmp_path / "out", *SHORT, "--password-file", password) as run:
        address = f"{socket.gethostname()}:{run.port()}"
        asked = ("sge", "--manager", address, "--log-dir", tmp_path / "probes", "--probe")
        found = eemt_submit(*asked, "--password-file", password, env=grid_engine.environment)
        assert "reaches its manager: name, port, password and protocol are right" in found.stdout
        told = start_workers(grid_engine, run.port(), folder, *more, scratch=scratch)
        run.ends()
    assert_same_maps(local, tmp_path / "out")
    ended = grid_engine.wait_for_end(told["jobs"])
    assert endings(ended) == dict.fromkeys((1, 2), ("done", 0))
    said = logs(folder, told["jobs"])
    assert sorted(said) == [1, 2]
    leaves_nothing(grid_engine, told["jobs"], 1, 2)
    for text in said.values():
        assert f"offering {CORES} cores, " in text
        assert "working for the manager at" in text
        assert "secret" not in text
    assert told["script"] == str(folder / "a~b!-1.sh")
    assert list(scratch[0].iterdir()) == []
    # the commands that are printed are those of a shell
    assert "<JB_name>a~b!</JB_name>" in grid_engine.run(*shlex.split(told["watch"]))


def test_a_cancelled_job_costs_no_more_than_a_tile(grid_engine, dem, tmp_path, scratch):
    local = eemt_run(dem, "-o", tmp_path / "local", *MIDDLING)
    assert local.returncode == 0, local.stderr
    with manager(dem, tmp_path / "out", *MIDDLING) as run:
        number = start_workers(grid_engine, run.port(), tmp_path, scratch=scratch)["jobs"]
        with one_stopped(lambda: tiles_of(grid_engine, number, 2), "a tile of the second job"):
            wait_for(lambda: tiles_of(grid_engine, number, 1), what="a tile of the first job")
            grid_engine.run("qdel", f"{number}.1")
            wait_for(lambda: 1 not in grid_engine.jobs(number), what="the end of the first job")
            assert list(grid_engine.jobs(number)) == [2]
        run.ends()
        ended = grid_engine.wait_for_end(number)
    assert_same_maps(tmp_path / "local", tmp_path / "out")
    assert "A worker left: " in run.said
    assert "(it said goodbye)" in run.said
    # 143 is the exit code of what SIGTERM has ended
    assert endings(ended) == {1: ("failed", 143), 2: ("done", 0)}
    leaves_nothing(grid_engine, number, 1, 2)
    assert list(scratch[0].iterdir()) == []


def test_jobs_whose_time_is_over_end_in_order(grid_engine, tmp_path, scratch):
    """A job that is told of it does, and one that is not is named for what has ended it."""
    tiles, results = tmp_path / "tiles", tmp_path / "tiles" / "results"
    dem = write_dem(tmp_path / "dem.tif", mountains((512, 512)))
    done = eemt_run(dem, "-o", tmp_path / "out", *LONG, "--export-tiles", tiles)
    assert done.returncode == 0, done.stderr
    # a limit of which the work knows nothing, so that it does not end by itself before
    limit = ("--extra-directive=-l h_rt=30", "--skip-directive", "l h_rt")
    with manager(dem, tmp_path / "out", *LONG) as run:
        told = start_workers(grid_engine, run.port(), tmp_path, *limit, count=1, scratch=scratch)[
            "jobs"
        ]
        untold = submitted(
            grid_engine, "sge", "--tiles", tiles, *SIZES, *limit, "--skip-directive", "notify",
            "--setup", scratch[1], "--log-dir", tmp_path,
        )["jobs"]  # fmt: skip
        for number in (told, untold):
            grid_engine.wait_for(number, 1, "running")
        wait_for(lambda: tiles_of(grid_engine, told, 1), what="the worker's tile")
        wait_for(lambda: list(results.glob(".tile-*.part")), what="the tile without a manager")
        assert endings(grid_engine.wait_for_end(told)) == {1: ("time", 143)}
        assert endings(grid_engine.wait_for_end(untold)) == {1: ("time", None)}
        run.hears("A worker left")
    assert "Its unfinished tasks go to other workers." in logs(tmp_path, told)[1]
    for number in (told, untold):
        leaves_nothing(grid_engine, number, 1)
    # of a job that is killed outright its folder is left
    assert [path.name[:5] for path in scratch[0].iterdir()] == ["eemt-"]


def test_an_array_of_tiles_needs_no_manager_and_may_be_submitted_again(
    grid_engine, dem, local, tmp_path, scratch
):
    tiles = tmp_path / "tiles"
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--export-tiles", tiles)
    assert done.returncode == 0, done.stderr
    order = (
        "sge", "--tiles", tiles, "--per-job", "3", *SIZES, "--setup", scratch[1],
        "--log-dir", tmp_path,
    )  # fmt: skip
    first = submitted(grid_engine, *order)
    ended = grid_engine.wait_for_end(first["jobs"])
    assert endings(ended) == dict.fromkeys((1, 2, 3), ("done", 0))
    text = "".join(logs(tmp_path, first["jobs"]).values())
    assert text.count(" done in ") == 8
    again = submitted(grid_engine, *order)
    ended = grid_engine.wait_for_end(again["jobs"])
    assert endings(ended) == dict.fromkeys((1, 2, 3), ("done", 0))
    assert "".join(logs(tmp_path, again["jobs"]).values()).count("was complete already") == 8
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--collect", tiles)
    assert done.returncode == 0, done.stderr
    assert_same_maps(local, tmp_path / "out")
    for number in (first["jobs"], again["jobs"]):
        leaves_nothing(grid_engine, number, 1, 2, 3)
    assert list(scratch[0].iterdir()) == []


def test_what_a_user_gives_reaches_grid_engine_as_it_was_given(grid_engine, tmp_path, scratch):
    """Through the job, whose worker finds no manager, to the file that its output goes to."""
    name, folder = "a%b~c=d;e&f|(g)<h>[i]{j}!+^`k`", tmp_path / "l m;n&o|(p)<q>[r]{s}!~t`u`*?@%A"
    submit = (
        "sge", "--manager", "no-such-host.invalid:9123", "--name", name, "--log-dir", folder,
        "--account", "geo;&|()%", "--extra-directive=-l mem_free=1M", "--memory", "2G",
        "--time", "45min", "--setup", LEAVES_SOON, "--setup", scratch[1], "--queue",
    )  # fmt: skip
    done = eemt_submit(*submit, "nowhere", "--submit", env=grid_engine.environment)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Error: Grid Engine refuses qsub (" in done.stderr
    assert 'job requests unknown queue "nowhere"' in done.stderr
    assert not list(folder.glob("*.sh"))
    number = submitted(grid_engine, *submit, "main.q")["jobs"]
    assert endings(grid_engine.wait_for_end(number)) == {1: ("failed", 3)}
    said = dict(
        line.split(maxsplit=1)
        for line in grid_engine.run("qacct", "-j", number).splitlines()
        if len(line.split(maxsplit=1)) == 2
    )
    assert said["jobname"].strip() == name
    assert said["account"].strip() == "geo;&|()%"
    assert "-l h_rt=2700,h_vmem=2048M,mem_free=1M" in said["category"]
    log = folder / f"{name}-{number}.1.log"
    assert "no manager was reached in 1 attempts" in log.read_text()
    assert {path.name for path in folder.iterdir()} == {f"{name}-1.sh", log.name}


def test_jobs_are_looked_at_and_cancelled_through_all_their_states(
    grid_engine, tmp_path, monkeypatch
):
    """As the commands do it, with the programs of Grid Engine itself."""
    for variable, text in grid_engine.environment.items():
        monkeypatch.setenv(variable, text)
    scheduler = SCHEDULERS["sge"]
    script = tmp_path / "script"
    script.write_text(
        "#$ -S /bin/bash\n#$ -t 1-3\n#$ -pe smp 2\n#$ -j y\n#$ -o /dev/null\n"
        '[ "$SGE_TASK_ID" != 2 ] || exit 7\nsleep 600\n'
    )
    number = scheduler.submit(script)
    wait_for(lambda: len(states := look(scheduler, number)) == 3 and states[2] == "ended")
    wait_for(lambda: look(scheduler, number) == {1: "running", 2: "ended", 3: "running"})
    other = scheduler.submit(script)
    assert look(scheduler, other) == dict.fromkeys((1, 2, 3), "queued")
    scheduler.cancel([f"{other}_2"])
    wait_for(lambda: look(scheduler, other) == {1: "queued", 2: "ended", 3: "queued"})
    wait_for(lambda: (2, 7) in [(p, j.exit_code) for p, j in jobs(scheduler, number).items()])
    scheduler.cancel([number, other, "999999"])
    wait_for(lambda: set(look(scheduler, number).values()) == {"ended"})
    assert "running" not in look(scheduler, other).values()
    assert scheduler.look(["999999"]) == []
    scheduler.cancel(["999999"])


def jobs(scheduler, number):
    return {int(job.id.partition("_")[2]): job for job in scheduler.look([number])}


def look(scheduler, number):
    return {place: job.state for place, job in jobs(scheduler, number).items()}
