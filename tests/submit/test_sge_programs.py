"""What a real Grid Engine has printed is read, whatever state its jobs are in."""

from collections import Counter
from pathlib import Path

import pytest

from eemt_core.errors import InputError
from eemt_core.submit.schedulers import SCHEDULERS, Job
from eemt_core.submit.schedulers import sge as programs

SAID = Path(__file__).parents[1] / "data" / "sge"
SGE = SCHEDULERS["sge"]


def said(name):
    return (SAID / name).read_text()


def test_jobs_in_every_state_are_read():
    found = {job.id: job for job in programs.jobs(said("qstat.xml"))}
    assert len(found) == 26
    assert Counter(job.state for job in found.values()) == {"ended": 18, "queued": 6, "running": 2}
    assert found["12_1"] == Job("12_1", "running", "r")
    assert found["12_6"] == Job("12_6", "queued", "qw")  # told as 3-6:1
    assert found["1_2"] == Job("1_2", "ended", "z")  # told as 1,2
    assert found["7"] == Job("7", "queued", "Eqw")
    assert found["13"] == Job("13", "queued", "hqw")


def test_how_jobs_have_ended_is_read():
    """One out of time, one whose folder of logs is missing, three by their scripts, one too big."""
    over = "qmaster enforced h_rt, h_cpu, or h_vmem limit"
    assert programs.past(said("qacct.out")) == [
        Job("2", "ended", "failed 37", over, "time"),
        Job("7", "ended", "failed 26", "opening input/output file"),
        Job("4", "ended", "exit 1", "", "failed", 1),
        Job("6", "ended", "exit 0", "", "done", 0),
        Job("1_1", "ended", "exit 140", "", "failed", 140),
        Job("1_2", "ended", "exit 140", "", "failed", 140),
        Job("99_1", "ended", "failed 37", over, "memory"),
    ]
    assert programs.past("") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [(said("qsub.out"), "12"), ("7\n", "7"), ("", None), ("Your job 7 has been submitted", None)],
)
def test_the_number_of_a_job_is_read_or_there_is_none(text, number):
    assert programs.job_number(text) == number


def test_of_all_jobs_those_asked_for_are_told_with_what_is_known_of_their_end(program):
    program("qstat", out=said("qstat.xml"))
    program("qacct", out=said("qacct.out"))
    found = SGE.look(["2", "7"])
    assert program.started("qstat")[0][:4] == ["-xml", "-s", "prsz", "-u"]
    assert program.started("qacct") == [["-j", "7"], ""]
    # an older job may have had the number of one that waits
    assert found == [
        Job("7", "queued", "Eqw"),
        Job("2", "ended", "failed 37", "qmaster enforced h_rt, h_cpu, or h_vmem limit", "time"),
    ]


def test_where_accounts_are_not_shown_to_users_jobs_are_told_nevertheless(program):
    program("qstat", out=said("qstat.xml"))
    program("qacct", err="error: cannot open accounting file", code=1)
    assert SGE.look(["2"]) == [Job("2", "ended", "z")]
    assert SGE.look(["4711"]) == []


def test_jobs_that_have_gone_are_passed_over_when_others_are_cancelled(program):
    program("qdel", out=said("qdel-unknown.out"), code=1)
    SGE.cancel(["999", "1"])
    assert program.started("qdel") == [["999", "1"], ""]
    program("qdel", err="error: unable to contact qmaster using port 6444", code=1)
    with pytest.raises(InputError, match=r"Grid Engine refuses qdel \(error: unable to contact"):
        SGE.cancel(["1"])


def test_the_words_of_a_refusal_are_told(program, tmp_path):
    program("qsub", err=said("qsub-refused.err"), code=1)
    with pytest.raises(InputError, match='job requests unknown queue "nowhere" Exiting'):
        SGE.submit(tmp_path / "script")
    assert program.started("qsub") == [["-terse", str(tmp_path / "script")], ""]
