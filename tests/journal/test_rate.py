"""How fast a run's tiles get done, and how long the rest takes."""

import pytest

from eemt_core.journal import (
    JOURNAL_FILE,
    Journal,
    read_status,
)
from journals import RESULT, begin, run_attempt, set_times


def test_the_rate_is_that_of_recent_tiles_and_tells_the_time_left(tmp_path, lock):
    path = tmp_path / JOURNAL_FILE
    with Journal.open(path) as journal:
        begin(journal, 1000)
        for index in range(400):
            run_attempt(journal, index)
    # 100 tiles in the first 1000 s, then 300 in the last 300 s: one each second
    set_times(path, "UPDATE attempts SET submitted = unixepoch() - 1300")
    set_times(path, "UPDATE tiles SET done_at = unixepoch() - 1300 + tile * 10 WHERE tile < 100")
    set_times(
        path,
        "UPDATE tiles SET done_at = unixepoch() - 400.5 + tile WHERE tile >= 100 AND tile < 400",
    )
    work = read_status(tmp_path).work
    assert (work.done, work.total) == (400 * 8192.0, 1000 * 8192.0)
    assert work.per_s == pytest.approx(8192, rel=0.02)
    assert work.left_s == pytest.approx(600, rel=0.02)


def test_few_slow_tiles_have_a_rate_too(tmp_path, lock):
    path = tmp_path / JOURNAL_FILE
    with Journal.open(path) as journal:
        begin(journal, 100)
        for index in range(40):
            run_attempt(journal, index)
    set_times(path, "UPDATE attempts SET submitted = unixepoch() - 40000")
    set_times(path, "UPDATE tiles SET done_at = unixepoch() - 39000 + tile * 1000 WHERE tile < 40")
    work = read_status(tmp_path).work
    assert work.per_s == pytest.approx(8.192, rel=0.02)
    assert work.left_s == pytest.approx(60000, rel=0.02)


def test_a_run_of_less_than_a_second_has_a_rate_of_its_own(tmp_path, lock):
    path = tmp_path / JOURNAL_FILE
    with Journal.open(path) as journal:
        begin(journal)
        run_attempt(journal, 0)
        journal.end_run("finished")
    set_times(path, "UPDATE attempts SET submitted = 1000000000.25")
    set_times(path, "UPDATE tiles SET done_at = 1000000000.5 WHERE tile = 0")
    set_times(path, "UPDATE runs SET started = 999999999.5, ended = 1000000000.75")
    assert read_status(tmp_path).work.per_s == 2 * 8192.0


def test_results_of_an_earlier_run_do_not_count_in_the_rate(tmp_path, lock):
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        begin(journal)
        run_attempt(journal, 0)
        run_attempt(journal, 1)
        begin(journal)
        for index in (0, 1):
            journal.tile_done(index, RESULT, None, from_earlier=True)
        journal.attempt_submitted(2, 1, 1, 1, 1)
    status = read_status(tmp_path)
    assert (status.tile_counts.done, status.tile_counts.from_earlier) == (2, 2)
    assert (status.work.per_s, status.work.left_s) == (0.0, None)


# resume
