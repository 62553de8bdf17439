"""HTCondor: its own parser reads our descriptions, and a job has all that it needs and no more."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import classad2
import htcondor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.errors import ArgumentError
from eemt_core.submit.order import Order, Tiles, Workers
from eemt_core.submit.schedulers import SCHEDULERS, Job
from eemt_core.submit.targets.htcondor import HTCONDOR
from eemt_submits import PROGRAM, eemt_submit
from orders import MANAGER, TEXTS, exported, orders, password_file
from runs import eemt_run, mountains, write_dem

SAID = Path(__file__).parents[1] / "data" / "htcondor"
SCHEDULER = SCHEDULERS["htcondor"]
PLAIN = Order(Workers(1, (MANAGER,)), programs=Path("/opt/eemt/bin"))


def read(order):
    """A description as HTCondor reads it."""
    return htcondor2.Submit(HTCONDOR.render(order))


def rows(description):
    """What differs from job to job."""
    return list(description.itemdata())


def words_of(description):
    """A job's arguments, by the rules of the manual of condor_submit."""
    text = description.expand("arguments")
    assert (text[0], text[-1]) == ('"', '"')
    text = text[1:-1].replace('""', '"')
    parts = re.findall(r"(?:'(?:[^']|'')*'|[^\s'])+", text)
    return [re.sub(r"'((?:[^']|'')*)'", lambda m: m[1].replace("''", "'"), part) for part in parts]


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.sub")), ids=lambda path: path.stem)
def test_a_recorded_description_is_one(path):
    found = htcondor2.Submit(path.read_text())
    assert found["transfer_executable"] == "false"
    assert found["executable"].startswith("/opt/eemt/bin/eemt-")
    # by a name with anything in it that would be replaced, or in quotes, no image is found
    if "container_image" in found:
        assert found["container_image"] == found.expand("container_image")
        assert '"' not in found["container_image"]
    assert ("container_image" in found) == ("apptainer" in path.name)
    assert "universe" not in found
    assert not {key for key, text in found.items() if "$(" in found.expand(key)}


def test_what_is_not_given_is_not_written():
    assert set(read(PLAIN).keys()) == {
        "executable", "transfer_executable", "arguments", "environment", "should_transfer_files",
        "batch_name", "after", "place",
    }  # fmt: skip


def test_what_is_asked_for_reaches_the_job(tmp_path):
    found = read(orders(tmp_path, "htcondor")["full"])
    told = {key: found.expand(key) for key in found.keys()}  # noqa: SIM118
    assert told["request_cpus"] == "8"
    assert told["request_memory"] == "32768MB"
    assert told["request_disk"] == "50000MB"
    assert told["allowed_execute_duration"] == "14400"
    assert told["MY.JobDurationCategory"] == '"Medium"'
    assert told["MY.ProjectName"] == '"Canyon"'
    assert told["accounting_group"] == "geo-2026"
    assert told["transfer_input_files"] == str(tmp_path / "password")
    assert told["output"] == told["error"] == "/home/ada/logs/canyon-1_1.log"
    assert found.getQArgs() == "20"
    words = words_of(found)
    assert words[:6] == [
        "--manager", "node1.example:9123", "--manager", "node2.example:9124",
        "--password-file", "password",
    ]  # fmt: skip
    # a retry asks for more, which is an expression on what there was
    machine = classad2.ClassAd({"RequestMemory": 32768})
    assert machine.eval("RequestMemory") * 2 == classad2.ExprTree(
        told["retry_request_memory"]
    ).eval(machine)


@pytest.mark.parametrize(
    ("hours", "category"),
    [(1, '"Medium"'), (10, '"Medium"'), (11, '"Long"'), (20, '"Long"'), (21, None)],
)
def test_jobs_say_how_long_they_are_as_the_ospool_counts(hours, category):
    found = read(replace(PLAIN, time_s=hours * 3600))
    assert found.get("MY.JobDurationCategory") == category


@pytest.mark.parametrize(
    ("level", "fitting"),
    [("base", {"v2", "v3", "v4"}), ("v3", {"v3", "v4"}), ("v4", {"v4"})],
)
def test_tiles_go_to_processors_that_have_their_instruction_set(tmp_path, level, fitting):
    folder = exported(tmp_path)
    (folder / "export.json").write_text(f'{{"parameters": {{"instruction_set": "{level}"}}}}')
    order = replace(PLAIN, work=Tiles(folder), constraint='Site != "far"')
    needs = classad2.ExprTree(read(order)["requirements"])
    taken = {
        version
        for version in ("v2", "v3", "v4")
        if needs.eval(classad2.ClassAd({"Microarch": f"x86_64-{version}", "Site": "near"}))
    }
    assert taken == fitting
    assert not needs.eval(classad2.ClassAd({"Microarch": "x86_64-v4", "Site": "far"}))


@pytest.mark.parametrize("each", [1, 3, 4, 10, 99])
def test_all_jobs_have_all_tiles_and_each_has_its_own(tmp_path, each):
    order = replace(PLAIN, work=Tiles(exported(tmp_path, count=10), each))
    found = rows(read(order))
    assert len(found) == order.jobs
    sent = [row["inputs"].split(",") for row in found]
    assert [name for names in sent for name in names] == [f"tiles/tile-{n:06d}" for n in range(10)]
    for row, names in zip(found, sent, strict=True):
        first, last = map(int, row["lines"].split("-"))
        assert names == [f"tiles/tile-{n - 1:06d}" for n in range(first, last + 1)]


def test_a_job_with_the_files_that_travel_computes_what_it_should(tmp_path):
    """Its sandbox begins with what the description sends, and what it names comes back."""
    dem = write_dem(tmp_path / "dem.tif", mountains((128, 128)))
    folder = tmp_path / "tiles"
    options = ("--days", "172", "--step", "60", "--tile-size", "64", "--no-pictures")
    done = eemt_run(dem, "-o", tmp_path / "out", *options, "--export-tiles", folder)
    assert done.returncode == 0, done.stderr
    order = replace(PLAIN, work=Tiles(folder, 3), time_s=600, programs=Path(sys.executable).parent)
    description = read(order)
    assert description["preserve_relative_paths"] == "true"
    for row in rows(description):
        job = tmp_path / f"job {row['lines']}"
        job.mkdir()
        for name in (
            description["transfer_input_files"].replace("$(inputs)", row["inputs"]).split(",")
        ):
            source = Path(description["initialdir"]) / name.strip()
            target = job / name.strip()
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)
        words = [word.replace("$(lines)", row["lines"]) for word in raw_words(description)]
        subprocess.run([description["executable"], *words], cwd=job, check=True)
        back = description["transfer_output_files"]
        shutil.copytree(job / back, folder / back, dirs_exist_ok=True)
    done = eemt_run(dem, "-o", tmp_path / "out", *options, "--collect", folder)
    assert done.returncode == 0, done.stderr


def raw_words(description):
    """Arguments in which what differs from job to job is still named."""
    return description["arguments"].strip('"').split()


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f")))
def test_every_word_of_a_user_arrives_as_it_was_given(word):
    order = _named(word)
    if order is not None:
        assert words_of(read(order)) == ["--project", word, "--catalog", str(MANAGER)]


def _named(project):
    try:
        return replace(PLAIN, work=Workers(1, (), project, MANAGER))
    except ArgumentError:
        return None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"setup": ("module load x",)}, "start a program and no shell: leave setup out"),
        ({"queue": "long"}, "htcondor knows nothing like queue long: leave queue out"),
        ({"constraint": "Memory > $(x)"}, "in place of $ in 'Memory > $(x)'"),
        ({"log_folder": Path("/a b")}, "HTCondor cannot read ' ' in '/a b/eemt'"),
        ({"name": "$(Cluster)"}, "HTCondor cannot read '$' in '$(Cluster)'"),
        ({"runtime": "apptainer", "image": "localhost/eemt-core"}, "has no version in its name"),
    ],
)
def test_what_a_description_cannot_say_is_refused(given, sentence):
    with pytest.raises(ArgumentError, match=re.escape(sentence)):
        HTCONDOR.render(replace(PLAIN, **given))


def test_the_description_is_submitted_as_a_file(program, tmp_path):
    program("condor_submit", out=(SAID / "condor_submit.out").read_text())
    password, logs = password_file(tmp_path), tmp_path / "logs"
    done = eemt_submit(
        "htcondor", "--manager", "node1.example:9123", "--password-file", password, "--workers",
        "20", "--log-dir", logs, "--submit",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    path = logs / "eemt-1.sub"
    assert program.started("condor_submit") == [["-terse", str(path)], ""]
    assert htcondor2.Submit(path.read_text()).getQArgs() == "20"
    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert told["jobs"] == "123"
    assert told["cancel"] == "condor_rm 123"


@pytest.mark.parametrize("target", ["lsf", "htcondor"])
def test_files_that_travel_may_lie_in_this_machine_s_memory(program, tmp_path, target):
    program("bsub", out="Job <1> is submitted to queue <test>.\n")
    program("condor_submit", out=(SAID / "condor_submit.out").read_text())
    mount = 'mount -t tmpfs none "$1" && shift && exec "$@"'
    (tmp_path / "memory").mkdir()
    done = subprocess.run(
        ["/usr/bin/unshare", "--map-root-user", "--mount", "/bin/sh", "-c",
         f"PATH=/usr/bin:/bin:/sbin:$PATH; {mount}", "sh", tmp_path / "memory", *PROGRAM, target,
         "--manager", "node1.example:9123", "--log-dir", tmp_path / "memory" / "logs", "--submit"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ("lies in this machine's memory" in done.stderr) == (target == "lsf")


def test_jobs_in_the_queue_and_out_of_it_are_read(program):
    program("condor_q", out=(SAID / "condor_q.json").read_text())
    program("condor_history", out=(SAID / "condor_history.json").read_text())
    held = "The credentials for the job are invalid"
    assert {job.id: job for job in SCHEDULER.look(["123"])} == {
        job.id: job
        for job in (
            Job("123_1", "ended", "completed", "", "done", 0),
            Job("123_2", "ended", "removed", "", "cancelled"),
            Job("123_3", "queued", "held", held),
            Job("123_4", "running", "running"),
            Job("123_5", "ended", "completed", "", "failed", 3),
            Job("123_6", "ended", "removed", "via condor_rm (by user ada)", "cancelled"),
            Job("123_7", "ended", "completed"),
        )
    }
    assert program.started("condor_q")[0][:2] == ["-json", "-attributes"]
    assert program.started("condor_history")[0][-1] == "123"


def test_a_queue_that_is_empty_and_jobs_that_have_gone_are_no_fault(program):
    program("condor_q")
    program("condor_history", out="[\n]\n")
    assert SCHEDULER.look(["999"]) == []
    program("condor_rm", err=(SAID / "condor_rm-unknown.err").read_text(), code=1)
    SCHEDULER.cancel(["999"])
    assert program.started("condor_rm") == [["999"], ""]
