"""Committed data survive a kill at any moment, whichever process recovers the file."""

import random
import signal
import time

import pytest

from eemt_core.journal import (
    JOURNAL_FILE,
    Journal,
    read_status,
)
from journals import RESULT, WRITER, begin, program


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_what_was_committed_outlives_a_kill_at_any_moment(tmp_path, seed):
    chance = random.Random(seed)
    with program(WRITER, tmp_path, 100_000) as writer:
        told = 0
        for _ in range(chance.randrange(1, 60)):
            told = int(writer.stdout.readline())
        time.sleep(chance.random() * 0.01)
        writer.send_signal(signal.SIGKILL)
        told = max([told, *map(int, writer.stdout.read().split("\n")[:-1])])
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        done = len(journal.results())
        # the last commit may be complete or not
        assert told <= done <= told + 1
        begin(journal, 100_000)
        assert list(journal.results()) == list(range(done))
        assert journal.results()[0] == RESULT
    assert read_status(tmp_path).tile_counts.done == done


def test_a_reader_mends_what_was_left_in_mid_write(cut_off):
    assert read_status(cut_off).tile_counts.done == 50
    assert read_status(cut_off).tile_counts.aside == 0


def test_a_writer_mends_what_was_left_in_mid_write(cut_off):
    with Journal.open(cut_off / JOURNAL_FILE) as journal:
        assert len(journal.results()) == 50


def test_a_new_journal_beside_the_rest_of_an_old_one_is_whole(cut_off):
    (cut_off / JOURNAL_FILE).unlink()
    assert (cut_off / f"{JOURNAL_FILE}-journal").stat().st_size > 0
    with Journal.open(cut_off / JOURNAL_FILE) as journal:
        begin(journal)
    assert read_status(cut_off).tile_counts.waiting == 4
