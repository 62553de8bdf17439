"""Journals that several files read or write."""

import fcntl
import signal

import pytest

from eemt_core.journal import (
    JOURNAL_FILE,
    Journal,
)
from journals import (
    answer,
    begin,
    run_attempt,
)

# interrupts a manager's commit, after some of the file's pages have been replaced
CUT_OFF = """
import os, signal, sqlite3, sys
journal = sqlite3.connect(sys.argv[1], isolation_level=None)
journal.execute("PRAGMA journal_mode=TRUNCATE")
journal.execute("PRAGMA cache_size=5")
journal.execute("BEGIN IMMEDIATE")
journal.execute("DELETE FROM results")
journal.execute("UPDATE tiles SET state = 'aside', message = hex(randomblob(2000))")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def journal(tmp_path):
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        begin(journal)
        journal.commit()
        yield journal


@pytest.fixture
def lock(tmp_path):
    """The lock that a manager holds on its output folder."""
    (tmp_path / ".eemt").mkdir()
    with (tmp_path / ".eemt" / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@pytest.fixture
def cut_off(tmp_path):
    """A folder whose journal, with 50 of 200 tiles done, was left in the middle of a write."""
    out = tmp_path / "out"
    out.mkdir()
    with Journal.open(out / JOURNAL_FILE) as journal:
        begin(journal, 200)
        for index in range(50):
            run_attempt(journal, index)
    before = (out / JOURNAL_FILE).read_bytes()
    assert answer(CUT_OFF, out / JOURNAL_FILE)[0] == -signal.SIGKILL
    assert (out / JOURNAL_FILE).read_bytes() != before
    return out
