"""Jobs are noted for their run, and told of as their batch system and their output tell."""

import json
import os
from pathlib import Path

import pytest

from eemt_core.errors import ArgumentError, InputError
from eemt_core.journal import JOURNAL_FILE, Journal
from eemt_core.journal.job_notes import JOBS_FOLDER, JobNote, note_jobs, noted_jobs
from eemt_core.manager.folder import OutFolder
from eemt_core.submit.hand_over import hand_over_for
from eemt_core.submit.order import Order, Workers
from eemt_core.submit.standing import end_of, standings
from eemt_submits import eemt_status, eemt_submit
from journals import begin
from orders import MANAGER
from prometheus import of_run

SAID = Path(__file__).parents[1] / "data" / "slurm"


def note(number="4711", count=1, log_folder="", at="2026-11-26T10:00:00+00:00", system="slurm"):
    return JobNote(system, number, "workers", count, "/s/eemt-1.sh", "eemt", log_folder, at)


@pytest.fixture
def out(tmp_path):
    """The folder of a run that has begun."""
    folder = tmp_path / "out"
    folder.mkdir()
    with Journal.open(folder / JOURNAL_FILE) as journal:
        begin(journal)
        journal.commit()
    return folder


def test_submissions_add_up_in_the_order_they_were_made(tmp_path):
    late, early = note("8", at="2026-11-26T11:00:00+00:00"), note("9", 20)
    note_jobs(tmp_path, late)
    note_jobs(tmp_path, early)
    assert noted_jobs(tmp_path) == (early, late)
    assert len(list((tmp_path / JOBS_FOLDER).iterdir())) == 2


def test_what_was_submitted_is_noted_with_its_number(program, tmp_path):
    program("sbatch", out=(SAID / "sbatch.out").read_text())
    order = Order(Workers(3, (MANAGER,)), log_folder=tmp_path / "logs", name="canyon")
    handed = hand_over_for(tmp_path / "out", "slurm", order, "text\n")
    [found] = noted_jobs(tmp_path / "out")
    assert (found.system, found.number, found.work, found.count) == ("slurm", "1", "workers", 3)
    assert (found.script, found.name) == (str(handed.script), "canyon")
    assert found.log_folder == str(tmp_path / "logs")


@pytest.mark.parametrize("word", ["INT", "TERM"])
def test_an_interrupt_while_jobs_are_taken_waits_for_their_number(tmp_path, word):
    """Else nobody would know of them."""
    folder, logs = tmp_path / "bin", tmp_path / "out"
    folder.mkdir()
    program = folder / "sbatch"
    program.write_text(f"#!/bin/sh\nkill -{word} $PPID\n/bin/sleep 0.3\necho 4711\n")
    program.chmod(0o755)
    given = ("slurm", "--manager", "node1.example:9123", "--out", logs, "--submit")
    done = eemt_submit(*given, env={"PATH": str(folder)})
    assert done.returncode in (-2, -15, 130, 143)
    assert done.stdout.splitlines()[0].split() == ["jobs", "4711"]
    assert [note.number for note in noted_jobs(logs)] == ["4711"]


def test_nothing_is_submitted_that_cannot_be_noted(program, tmp_path):
    program("sbatch", out=(SAID / "sbatch.out").read_text())
    (tmp_path / "out").touch()
    with pytest.raises(ArgumentError, match="give the folder of the run with out"):
        hand_over_for(tmp_path / "out", "slurm", Order(Workers(1, (MANAGER,))), "text\n")
    assert not (tmp_path / "sbatch").exists()


NO_JOBS = json.dumps(vars(note(count=0)))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"system": "slurm", "count": "1"}', NO_JOBS])
def test_a_note_that_is_none_is_told(tmp_path, text):
    note_jobs(tmp_path, note())
    (tmp_path / JOBS_FOLDER / "slurm-1.job.json").write_text(text)
    with pytest.raises(InputError, match="remove it, and look at your jobs"):
        noted_jobs(tmp_path)


def test_a_note_that_goes_while_they_are_read_is_none(tmp_path):
    """A link to nothing is what its reader sees: a name, and no file."""
    note_jobs(tmp_path, note("7"))
    (tmp_path / JOBS_FOLDER / "slurm-8.job.json").symlink_to("nothing")
    assert noted_jobs(tmp_path) == (note("7"),)


def test_jobs_stand_as_slurm_says(program):
    program("squeue", out="7_1|OUT_OF_MEMORY|OutOfMemory|0|\n7_2|RUNNING|None|0|\n")
    [standing] = standings([note("7", 3)])
    assert [job.id for job in standing.jobs] == ["7_1", "7_2", "7_3"]
    assert [job.state for job in standing.jobs] == ["ended", "running", "ended"]
    assert [job.ending for job in standing.jobs] == ["memory", "", ""]


# what its daemon and srun write; the first two are recorded
LAST_WORDS = {
    (SAID / "time-limit.log").read_text(): "time",
    "slurmstepd-n2: error: *** JOB 2 ON n2 CANCELLED AT 2026-11-26T14:57:48 ***": "cancelled",
    "error: *** JOB 7 ON n2 CANCELLED AT T DUE TO NODE FAILURE, SEE SLURMCTLD LOG ***": "node",
    "error: Detected 1 oom_kill event in StepId=7.0.\nerror: CANCELLED AT": "memory",
    "2026-11-26 15:00:00 no manager any more, tasks done: 3; leaving": "",
}


@pytest.mark.parametrize(("words", "ending"), LAST_WORDS.items())
def test_what_slurm_has_forgotten_the_end_of_the_output_says(program, tmp_path, words, ending):
    program("squeue", err=(SAID / "squeue-unknown.err").read_text(), code=1)
    (tmp_path / "eemt-7_1.log").write_text(f"offering 2 cores\n{words}\n")
    [standing] = standings([note("7", 1, str(tmp_path))])
    assert [(job.state, job.ending) for job in standing.jobs] == [("ended", ending)]
    assert standing.logs == {"7_1": tmp_path / "eemt-7_1.log"}
    assert end_of(standing.logs["7_1"]).splitlines()[0] == "offering 2 cores"


def test_a_folder_of_output_is_read_once_whatever_the_number_of_jobs(
    program, tmp_path, monkeypatch
):
    """Once for each of ten thousand jobs would take minutes, every thirty seconds."""
    program("squeue", err=(SAID / "squeue-unknown.err").read_text(), code=1)
    count = 50
    for place in range(1, count + 1):
        (tmp_path / f"eemt-7_{place}.log").touch()
    reads = []
    for name in ("listdir", "scandir"):
        original = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda path, original=original: reads.append(path) or original(path)
        )
    [standing] = standings([note("7", count, str(tmp_path))])
    assert len(standing.logs) == count
    assert reads == [tmp_path]


def test_status_counts_jobs_and_names_those_that_ended_badly(program, out):
    program(
        "squeue",
        out="7_1|OUT_OF_MEMORY|OutOfMemory|0|\n7_2|TIMEOUT|TimeLimit|0|\n7_3|RUNNING|None|0|\n"
        "7_4|PENDING|QOSMaxJobsPerUserLimit|0|\n7_5|FAILED|NonZeroExitCode|768|\n"
        "8_1|NODE_FAIL|NodeDown|0|\n8_2|COMPLETED|None|0|\n8_3|CANCELLED|None|15|\n",
    )
    note_jobs(out, note("7", 5, str(out)))
    note_jobs(out, note("8", 3, at="2026-11-26T11:00:00+00:00"))
    (out / "eemt-7_5.log").touch()
    done = eemt_status(out)
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert "jobs 8: 1 queued (QOSMaxJobsPerUserLimit), 1 running, 1 killed for memory, " in text
    assert (
        "job 7_1 killed for memory job 7_2 ended at the time limit job 7_5 failed with exit "
        in text
    )
    assert f"exit code 3; its output: {out}/eemt-7_5.log job 8_1 lost with the node" in text
    document = json.loads(eemt_status(out, "--json").stdout)
    assert [group["number"] for group in document["jobs"]] == ["7", "8"]
    assert document["jobs"][0]["jobs"][4] == {
        "id": "7_5", "state": "ended", "word": "FAILED", "reason": "NonZeroExitCode",
        "ending": "failed", "exit_code": 3, "log": str(out / "eemt-7_5.log"),
    }  # fmt: skip


def test_where_there_is_no_batch_system_status_says_so_in_a_clause(program, out):
    note_jobs(out, note("7", 5))
    note_jobs(out, note("x", 2, system="volcano", at="2026-11-26T11:00:00+00:00"))
    done = eemt_status(out)
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert "jobs 5 whose state is not known: this machine has no squeue, which Slurm" in text
    assert "jobs 2 whose state is not known: eemt-core cannot ask volcano" in text


def test_jobs_of_a_run_that_has_not_begun_are_told_of(program, tmp_path):
    program("squeue", out="7_1|PENDING|Priority|0|\n")
    note_jobs(tmp_path, note("7"))
    done = eemt_status(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        str(tmp_path),
        "  state    no run has begun here",
        "  jobs     1: 1 queued (Priority)",
    ]
    assert json.loads(eemt_status(tmp_path, "--json").stdout)["run"] is None


def test_a_run_begins_in_a_folder_where_its_jobs_are_noted(tmp_path):
    note_jobs(tmp_path, note("7"))
    with OutFolder.opened(tmp_path, overwrite=False, resume=False):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [JOBS_FOLDER]


def test_a_status_without_jobs_asks_nobody(program, out):
    program("squeue", code=1)
    done = eemt_status(out)
    assert (done.returncode, done.stderr) == (0, "")
    assert "  jobs" not in done.stdout
    assert not os.path.exists(out.parent / "squeue")


def test_jobs_are_figures_also_before_the_run_has_begun(program, out):
    program("squeue", out="7_1|RUNNING|None|0|\n7_2|PENDING|Priority|0|\n")
    note_jobs(out, note("7", 3))
    begun = of_run(eemt_status(out, "--prometheus").stdout, str(out))
    (out / JOURNAL_FILE).unlink()
    jobs = of_run(eemt_status(out, "--prometheus").stdout, str(out))
    assert jobs == {("eemt_run_jobs", state): 1 for state in ("queued", "running", "ended")}
    assert begun.items() > jobs.items()
