"""What batch systems print is read as it was recorded, and what they refuse is said."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from eemt_core.errors import ArgumentError, InputError, ResourceError
from eemt_core.submit.hand_over import hand_over, hand_over_for
from eemt_core.submit.order import Order, Workers
from eemt_core.submit.schedulers import SCHEDULERS, Job
from eemt_core.submit.schedulers import slurm as slurm_programs
from orders import MANAGER

SAID = Path(__file__).parents[1] / "data" / "slurm"
SLURM = SCHEDULERS["slurm"]


def test_jobs_of_slurm_in_every_state_are_read():
    found = slurm_programs.jobs((SAID / "squeue.out").read_text())
    assert len(found) == 14
    assert Counter(job.state for job in found) == {"ended": 5, "queued": 7, "running": 2}
    assert found[0] == Job("3_1", "ended", "CANCELLED", "", "cancelled")
    assert found[3] == Job("2_1", "ended", "FAILED", "NonZeroExitCode", "failed", 3)
    assert found[-1] == Job("6_1", "ended", "TIMEOUT", "TimeLimit", "time")
    assert Job("8", "queued", "PENDING", "DependencyNeverSatisfied") in found
    assert slurm_programs.jobs("") == []


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ((SAID / "sbatch.out").read_text(), "1"),
        ("12;theta\n", "12"),
        ("", None),
        ("Submitted batch job 12\n", None),
        ("12 13\n", None),
    ],
)
def test_the_number_of_a_job_of_slurm_is_read_or_there_is_none(said, number):
    assert slurm_programs.job_number(said) == number


def test_jobs_that_are_forgotten_have_gone(program):
    program("squeue", err=(SAID / "squeue-unknown.err").read_text(), code=1)
    assert SLURM.look(["999", "7"]) == []
    arguments, _ = program.started("squeue")
    assert arguments[-1] == "--jobs=999,7"
    program("squeue", err="slurm_load_jobs error: Unable to contact slurm controller", code=1)
    with pytest.raises(InputError, match=r"Slurm refuses squeue \(slurm_load_jobs error: Unable"):
        SLURM.look(["999"])


@pytest.mark.parametrize(
    ("system", "program_name", "array", "called"),
    [
        ("slurm", "scancel", "12", "12_3"),
        ("sge", "qdel", "12", "12.3"),
        ("pbs", "qdel", "12[]", "12[3]"),
        ("torque", "qdel", "12[]", "12[3]"),
        ("lsf", "bkill", "12", "12[3]"),
        ("htcondor", "condor_rm", "12", "12.2"),
    ],
)
def test_one_of_an_array_is_cancelled_by_what_its_program_calls_it(
    program, system, program_name, array, called
):
    program(program_name)
    SCHEDULERS[system].cancel([f"{array}_3", array, "7"])
    assert program.started(program_name) == [[called, array, "7"], ""]


def test_a_script_is_written_once_and_handed_over_without_a_shell(program, hostile):
    program("sbatch", out=(SAID / "sbatch.out").read_text())
    order = Order(Workers(1, (MANAGER,)), name="$(exit) 'n'", log_folder=hostile / "logs")
    scripts = [hand_over(SLURM, order, f"text {n}\n").script for n in (1, 2)]
    assert [path.name for path in scripts] == ["$(exit) 'n'-1.sh", "$(exit) 'n'-2.sh"]
    assert [path.read_text() for path in scripts] == ["text 1\n", "text 2\n"]
    assert program.started("sbatch") == [["--parsable", str(scripts[1])], ""]


def test_a_script_that_is_refused_leaves_nothing(program, tmp_path):
    program("sbatch", err=(SAID / "sbatch-refused.err").read_text(), code=1)
    folder, before = tmp_path / "runs" / "logs", sorted(tmp_path.iterdir())
    order = Order(Workers(1, (MANAGER,)), log_folder=folder)
    with pytest.raises(InputError, match=r"refuses sbatch \(.*Invalid partition name specified\)"):
        hand_over(SLURM, order, "text\n")
    assert sorted(path for path in tmp_path.iterdir() if path.name[:6] != "sbatch") == before
    folder.mkdir(parents=True)
    program("sbatch", out="what?\n")
    with pytest.raises(InputError, match="told no number of the job, but 'what\\?'"):
        hand_over(SLURM, order, "text\n")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_machine_without_the_batch_system_is_told(program, tmp_path, name):
    order = Order(Workers(1, (MANAGER,)), log_folder=tmp_path / "logs")
    with pytest.raises(ResourceError, match=r"has no \w+, which .* brings: go to one that has"):
        hand_over(SCHEDULERS[name], order, "text\n")
    with pytest.raises(ResourceError):
        hand_over_for(tmp_path / "out", name, order, "text\n")
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


def test_a_folder_that_cannot_be_is_told(program, tmp_path):
    (tmp_path / "file").touch()
    order = Order(Workers(1, (MANAGER,)))
    with pytest.raises(ArgumentError, match="name another folder with log_dir"):
        hand_over(SLURM, replace(order, log_folder=tmp_path / "file" / "logs"), "text\n")
