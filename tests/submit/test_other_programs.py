"""PBS, Torque and LSF, which are not here: how their programs are started, and what they print.

Beside what they print stands in each folder of `tests/data` where it is from.
"""

import os
from pathlib import Path

import pytest

from eemt_core.errors import InputError
from eemt_core.submit.schedulers import SCHEDULERS, Job
from eemt_core.submit.standing import logs_in
from eemt_submits import eemt_submit
from orders import password_file

DATA = Path(__file__).parents[1] / "data"
NUMBERS = {"pbs": "49230", "torque": "546437[]", "lsf": "764254593"}
SUBMITS = {"pbs": "qsub", "torque": "qsub", "lsf": "bsub"}
ASKS = {
    "pbs": ["qstat", "-f", "-t"],
    "torque": ["qstat", "-f", "-t"],
    "lsf": [
        "bjobs", "-a", "-noheader", "-o",
        "jobid jobindex stat exit_code exit_reason pend_reason delimiter='|'",
    ],
}  # fmt: skip
CANCELS = {"pbs": "qdel", "torque": "qdel", "lsf": "bkill"}
# what Python sets where it finds no locale
OURS = {"LC_CTYPE"}
RUNS_OUT = "TERM_RUNLIMIT: job killed after reaching LSF run time limit"
JOBS = {
    "pbs": [
        # its walltime is over
        Job("49223", "ended", "F",
            "Job run at Wed Jun 24 at 15:33 on (gc-prd-hpcn001:ncpus=1) and failed", "time"),
        Job("12345679[]_1", "ended", "X", "", "done", 0),
        Job("12345679[]_2", "ended", "X", "", "time"),
        Job("12345679[]_3", "ended", "X", "", "memory"),
        Job("12345679[]_4", "ended", "X", "", "failed", 3),
        Job("12345679[]_5", "running", "R"),
        Job("12345679[]_6", "queued", "Q",
            "Not Running: Insufficient amount of resource: ncpus"),
        # and its is not
        Job("12345680", "ended", "F", "", "cancelled"),
    ],
    "torque": [
        Job("546437[]_1", "ended", "C", "", "cancelled"),
        Job("546437[]_2", "ended", "C", "", "time"),
        Job("546437[]_3", "ended", "C", "", "memory"),
        Job("546437[]_4", "ended", "C", "", "done", 0),
        Job("546437[]_5", "running", "R"),
        Job("547637", "queued", "Q"),
    ],
    "lsf": [
        Job("764213236_1", "ended", "EXIT", RUNS_OUT, "time"),
        Job("764213236_2", "ended", "EXIT",
            "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit", "memory"),
        Job("764213236_3", "ended", "EXIT", "", "failed", 3),
        Job("764213236_4", "ended", "DONE", "", "done", 0),
        Job("764213236_5", "running", "RUN"),
        Job("764220165", "queued", "PEND", "New job is waiting for scheduling;"),
        Job("764220167", "queued", "PSUSP"),
        Job("764254593", "running", "SSUSP"),
    ],
}  # fmt: skip


def said(system, name):
    return (DATA / system / name).read_text()


@pytest.mark.parametrize("system", JOBS)
def test_jobs_in_every_state_are_read(system):
    name = "bjobs.out" if system == "lsf" else "qstat.out"
    assert SCHEDULERS[system].jobs(said(system, name)) == JOBS[system]
    assert SCHEDULERS[system].jobs("") == []


@pytest.mark.parametrize("system", JOBS)
def test_the_number_is_read_behind_what_a_site_says(system):
    read, text = SCHEDULERS[system].job_number, said(system, f"{SUBMITS[system]}.out")
    assert read(text) == NUMBERS[system]
    assert read(f"Welcome to 2 clusters.\n\n{text}\n") == NUMBERS[system]
    assert read("") is read("no such queue: 7 of 8\n") is None


@pytest.mark.parametrize("system", JOBS)
def test_a_script_reaches_the_program_and_nothing_else_does(system, program, tmp_path):
    """Its arguments, its input and its environment, for a run whose manager has a password."""
    password = password_file(tmp_path)
    program(SUBMITS[system], out=said(system, f"{SUBMITS[system]}.out"))
    given_variables = {
        "PATH": os.environ["PATH"],
        "OF_THE_USER": "a 'b' \"c\" $d",
        # which our commands leave aside for themselves, and jobs may want
        "GDAL_CACHEMAX": "64",
        "MKL_NUM_THREADS": "4",
    }
    logs = tmp_path / "logs"
    done = eemt_submit(
        system, "--manager", "node1.example:9123", "--password-file", password, "--workers", "3",
        "--log-dir", logs, "--submit", env=given_variables,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    script = logs / "eemt-1.sh"
    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert told["jobs"] == NUMBERS[system]
    assert told["script"] == str(script)
    arguments, given = program.started(SUBMITS[system])
    assert arguments == ([] if system == "lsf" else [str(script)])
    assert given == (script.read_text() if system == "lsf" else "")
    found = program.environment(SUBMITS[system])
    assert found.items() >= given_variables.items()
    assert found.keys() - given_variables.keys() <= OURS
    assert "secret" not in f"{arguments}{given}{done.stdout}"


@pytest.mark.parametrize("system", JOBS)
def test_jobs_are_asked_for_and_cancelled_by_their_numbers(system, program):
    scheduler, numbers = SCHEDULERS[system], ["764213236", "12345679[]", "546437[]", "5"]
    asks, cancels = ASKS[system][0], CANCELS[system]
    output = said(system, f"{asks}.out")
    # it tells of those that it knows, and complains of the others
    program(asks, output, said(system, f"{asks}-unknown.err"), 153)
    found = scheduler.look(numbers)
    assert found == [job for job in JOBS[system] if job.id.partition("_")[0] in numbers]
    assert len(found) >= 5
    asked = [*ASKS[system][1:], *numbers]
    if system == "pbs":  # those that have ended are another question, in the end
        asked = ["-x", "-f", "-t", "5"]
    assert program.started(asks) == [asked, ""]
    program(cancels)
    scheduler.cancel(numbers)
    assert program.started(cancels) == [numbers, ""]


@pytest.mark.parametrize("system", JOBS)
def test_jobs_that_have_gone_are_nobody_s_fault_and_other_trouble_is(system, program):
    scheduler, asks, cancels = SCHEDULERS[system], ASKS[system][0], CANCELS[system]
    program(asks, err=said(system, f"{asks}-unknown.err"), code=153)
    assert scheduler.look(["999"]) == []
    program(cancels, err=said(system, f"{asks}-unknown.err").replace("qstat", "qdel"), code=153)
    scheduler.cancel(["999"])
    program(asks, err="cannot connect to server (errno=111)", code=111)
    program(cancels, err="Unauthorized Request", code=159)
    with pytest.raises(InputError, match=rf"refuses {asks} \(cannot connect to server"):
        scheduler.look(["999"])
    with pytest.raises(InputError, match=rf"refuses {cancels} \(Unauthorized Request\)"):
        scheduler.cancel(["999"])


def test_what_each_says_of_jobs_that_have_ended_is_known(program):
    program("qstat", err=said("pbs", "qstat-finished.err"), code=35)
    assert SCHEDULERS["pbs"].look(["12345680"]) == []
    program("bkill", err=said("lsf", "bkill-finished.err"), code=255)
    SCHEDULERS["lsf"].cancel(["11"])
    words = SCHEDULERS["lsf"].last_words
    assert [words[w] for w in words if w in said("lsf", "time-limit.log")] == ["time"]


def test_an_answer_that_cannot_be_read_is_told(program):
    program("qstat", out="Our cluster is down on Sunday.\n")
    with pytest.raises(InputError, match="told nothing of jobs with qstat, but 'Our cluster is"):
        SCHEDULERS["sge"].look(["1"])
    for text in ("7", '[{"ClusterId": 1, "ProcId": "x", "JobStatus": 1}]', "[null]"):
        program("condor_q", out=text)
        with pytest.raises(InputError, match="told nothing of jobs with condor_q, but"):
            SCHEDULERS["htcondor"].look(["1"])


@pytest.mark.parametrize(
    ("number", "file", "place"),
    [
        ("4711", "a [b]-4711_3.log", 3),  # Slurm and HTCondor
        ("4711", "a [b]-4711.3.log", 3),  # Grid Engine and LSF
        ("4711[]", "a [b].o4711.3", 3),  # PBS
        ("4711[]", "a [b].o4711-3", 3),  # Torque
        ("4711", "a [b].o4711", 1),  # both, of a job that is no array
    ],
)
def test_the_output_of_a_job_is_found_whoever_names_its_file(tmp_path, number, file, place):
    others = {"a [b].o47110", "a [b]-1_3.log", "a [b]-4711_3.log~", "a b-4711_3.log", "3"}
    for name in others:
        (tmp_path / name).touch()
    assert logs_in(tmp_path, "a [b]", number) == {}
    (tmp_path / file).touch()
    assert logs_in(tmp_path, "a [b]", number) == {place: tmp_path / file}
    assert logs_in(tmp_path / "missing", "a [b]", number) == {}
