"""``eemt-status --prometheus``: figures on the terminal, or in a file that is always whole."""

import fcntl
import os
import subprocess
import sys

import pytest

from eemt_core.journal import JOURNAL_FILE, Journal
from eemt_submits import STATUS, eemt_status
from eemt_workers import wait_until
from journals import begin, run_attempt
from prometheus import of_run, promtool


@pytest.fixture
def journal(tmp_path):
    """The journal of a run that counts as alive during the test."""
    out = tmp_path / "out"
    (out / ".eemt").mkdir(parents=True)
    with (out / ".eemt" / "lock").open("a") as lock, Journal.open(out / JOURNAL_FILE) as journal:
        fcntl.flock(lock, fcntl.LOCK_EX)
        begin(journal, 10)
        run_attempt(journal, 0)
        journal.commit()
        yield journal


@pytest.fixture
def out(journal):
    """Its folder."""
    return journal.path.parent


def test_figures_are_printed(out):
    done = eemt_status(out, "--prometheus")
    assert (done.returncode, done.stderr) == (0, "")
    found = of_run(done.stdout, str(out))
    assert found["eemt_run_tiles", "done"] == found["eemt_run_state", "running"] == 1
    assert promtool("check", "metrics", text=done.stdout) == (0, "")


def test_the_documented_way_without_the_option_gives_the_same(out):
    """But for the time at which it was read."""
    file = out / "eemt.prom"
    command = f"{sys.executable} -c '{STATUS[2]}' {out} --prometheus > {file}.tmp"
    subprocess.run(["sh", "-c", f"{command} && mv {file}.tmp {file}"], check=True, timeout=120)
    first = of_run(file.read_text(), str(out))
    assert eemt_status(out, "--prometheus", "-o", file).returncode == 0
    second = of_run(file.read_text(), str(out))
    passing = {"eemt_run_read_time_seconds", "eemt_run_work_per_second",
               "eemt_run_left_seconds"}  # fmt: skip
    assert {k: v for k, v in first.items() if k not in passing} == {
        k: v for k, v in second.items() if k not in passing
    }


def test_a_file_is_whole_whenever_it_is_read_and_the_last_one_tells_the_end(journal, out):
    file, texts = out / "eemt.prom", []
    command = [*STATUS, out, "--prometheus", "-o", file, "--watch", "0.1"]
    with subprocess.Popen(command) as watcher:
        wait_until(file.exists)
        while len(set(texts)) < 5:
            texts.append(file.read_text())
        journal.end_run("finished")
        journal.commit()
        assert watcher.wait(60) == 0
    for text in set(texts):
        assert of_run(text, str(out)).keys() == of_run(texts[0], str(out)).keys()
    assert of_run(texts[0], str(out))["eemt_run_state", "running"] == 1
    assert of_run(file.read_text(), str(out))["eemt_run_state", "finished"] == 1
    assert sorted(path.name for path in out.glob("eemt.prom*")) == ["eemt.prom"]


def test_others_may_read_the_file_as_the_umask_says(out):
    """node_exporter is another user."""
    old = os.umask(0o022)
    try:
        assert eemt_status(out, "--prometheus", "-o", out / "eemt.prom").returncode == 0
    finally:
        os.umask(old)
    assert (out / "eemt.prom").stat().st_mode & 0o777 == 0o644


def test_any_text_can_be_written_to_a_file(out):
    assert eemt_status(out, "-o", out / "status.txt").stdout == ""
    assert (out / "status.txt").read_text().startswith(f"{out}\n")


@pytest.mark.parametrize("words", [["--json"], ["--workers"], ["--tasks"]])
def test_what_does_not_go_with_figures_is_refused(out, words):
    done = eemt_status(out, "--prometheus", *words)
    assert done.returncode == 2
    assert "--prometheus goes with OUT or a URL alone" in done.stderr


def test_a_file_that_cannot_be_is_one_sentence_and_nothing_is_left(out):
    done = eemt_status(out, "--prometheus", "-o", out / "nowhere" / "eemt.prom")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "eemt.prom cannot be written (No such file or directory)" in done.stderr
    (out / "folder").mkdir()
    done = eemt_status(out, "--prometheus", "-o", out / "folder")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert not (out / "folder.part").exists()


def test_only_a_file_is_replaced_and_a_link_stays_one(out):
    """As root ``-o /dev/null`` would else make a file of a device that all need."""
    os.mkfifo(out / "pipe")
    done = eemt_status(out, "-o", out / "pipe")
    assert (done.returncode, done.stdout) == (3, "")
    assert "pipe cannot be written (it is a pipe, not a file): give the name of" in done.stderr
    assert (out / "pipe").is_fifo()
    (out / "link").symlink_to("status.txt")
    assert eemt_status(out, "-o", out / "link").returncode == 0
    assert (out / "link").is_symlink()
    assert (out / "status.txt").read_text().startswith(f"{out}\n")
