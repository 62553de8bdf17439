"""Readers of a journal: with few permissions, many at once, and slow ones."""

import os
import sqlite3
import subprocess
import sys
import threading

import pytest

from eemt_core.journal import (
    JOURNAL_FILE,
    Journal,
    read_status,
)
from journals import READER, WRITER, begin, program, run_attempt


def without_rights(code, *arguments):
    """Run a program to which file permissions apply, also if tests run as root."""
    drop = []
    if os.geteuid() == 0:
        rights = "-dac_override,-dac_read_search"
        drop = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"]
    return subprocess.run(
        [*drop, sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def read_only():
    """Make a folder and its files read-only until the test is over."""
    folders = []

    def close(folder):
        folders.append(folder)
        for path in (*folder.iterdir(), folder):
            path.chmod(0o500)

    yield close
    for folder in folders:
        folder.chmod(0o700)


def test_who_may_only_read_reads(journal, tmp_path, read_only):
    run_attempt(journal, 0)
    journal.commit()
    read_only(tmp_path)
    done = without_rights(READER, tmp_path)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


def test_who_may_only_read_is_told_when_a_journal_needs_mending(cut_off, read_only):
    read_only(cut_off)
    done = without_rights(READER, cut_off)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "InputError" in done.stderr
    assert "left in mid-write" in done.stderr


@pytest.mark.slow
def test_readers_that_never_rest_disturb_neither_writer_nor_each_other(tmp_path):
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        begin(journal, 300)
        journal.commit()
    stop, seen, errors = threading.Event(), [], []

    def poll():
        try:
            while not stop.is_set():
                seen.append(read_status(tmp_path).tile_counts.done)
        except Exception as error:
            errors.append(error)

    with program(WRITER, tmp_path, 300) as writer:
        readers = [threading.Thread(target=poll) for _ in range(2)]
        for reader in readers:
            reader.start()
        _, error = writer.communicate(timeout=120)
        stop.set()
        for reader in readers:
            reader.join(60)
    assert (writer.returncode, error, errors) == (0, "", [])
    assert read_status(tmp_path).tile_counts.done == 300
    assert len(set(seen)) >= 2  # before the end and after it, more where the machine has time


def test_a_reader_that_hangs_delays_a_commit_but_loses_nothing(journal, tmp_path):
    hanging = sqlite3.connect(tmp_path / JOURNAL_FILE, isolation_level=None)
    hanging.execute("BEGIN")
    hanging.execute("SELECT * FROM tiles").fetchone()
    run_attempt(journal, 0)
    assert not journal.commit()
    run_attempt(journal, 1)
    assert not journal.commit()
    hanging.close()
    assert journal.commit()
    assert read_status(tmp_path).tile_counts.done == 2
