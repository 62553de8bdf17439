"""Runs one after another in a journal, and how each ends."""

import sqlite3
import time

import pytest

from eemt_core.journal import (
    JOURNAL_FILE,
    Journal,
    read_status,
    read_tiles,
)
from journals import PRINTS, begin, plan, run_attempt, set_times, states


def test_a_resumed_run_knows_what_is_done_and_that_the_rest_waits(tmp_path):
    path = tmp_path / JOURNAL_FILE
    with Journal.open(path) as journal:
        begin(journal)
        run_attempt(journal, 0)
        running = journal.attempt_submitted(1, 1, 1, 100, 10)
        journal.attempt_running(running, "w", "node")
        journal.worker_joined("w", "node", "a", 1, 1, 1)
        journal.tile_put_aside(2, "why", "log")
    with Journal.open(path) as journal:
        begin(journal)
        journal.tile_again(0, "its result total is damaged")
        journal.commit()
        assert dict(journal.results()) == {}
    status = read_status(tmp_path)
    assert status.run.number == 2
    assert (status.tile_counts.waiting, status.tile_counts.total) == (4, 4)
    assert status.workers == ()
    (again, *_) = read_tiles(tmp_path, ["waiting"])
    assert again.message == "its result total is damaged"


@pytest.mark.parametrize(
    ("prints", "tiles"),
    [
        ({**PRINTS, "parameters": "z"}, plan(4)),
        (PRINTS, plan(5)),
        (PRINTS, plan(3)),
        (PRINTS, [tile._replace(work_units=tile.work_units + 1) for tile in plan(4)]),
    ],
)
def test_results_of_other_parameters_or_tiles_are_forgotten(journal, tmp_path, prints, tiles):
    run_attempt(journal, 0)
    begin(journal, prints=prints, tiles=iter(tiles))
    journal.commit()
    assert dict(journal.results()) == {}
    assert set(states(tmp_path).values()) == {"waiting"}
    assert len(states(tmp_path)) == len(tiles)


def test_a_new_journal_takes_the_place_of_an_old_one(journal, tmp_path):
    run_attempt(journal, 0)
    journal.close()
    with Journal.create(tmp_path / JOURNAL_FILE) as new:
        begin(new)
        assert len(new.results()) == 0


def test_the_end_of_a_run_is_told(journal, tmp_path):
    running = journal.attempt_submitted(1, 1, 1, 100, 10)
    journal.attempt_running(running, None, "here")
    journal.end_run("interrupted", "Interrupted.")
    journal.commit()
    status = read_status(tmp_path)
    assert (status.run.state, status.run.message) == ("interrupted", "Interrupted.")
    assert status.run.ended_utc
    assert (status.tile_counts.running, status.attempts.cancelled) == (0, 1)


def test_a_run_without_end_runs_while_its_lock_is_held_else_was_killed(journal, tmp_path, lock):
    assert read_status(tmp_path).run.state == "running"
    lock.close()
    assert read_status(tmp_path).run.state == "killed"


def test_a_manager_on_another_host_is_judged_by_its_signs_of_life(tmp_path):
    path = tmp_path / JOURNAL_FILE
    with Journal.open(path) as journal:
        begin(journal, host="elsewhere")
    assert read_status(tmp_path).run.state == "running"
    set_times(path, "UPDATE runs SET updated = updated - 1000")
    assert read_status(tmp_path).run.state == "silent"


def test_an_idle_manager_gives_a_sign_of_life(journal, tmp_path, monkeypatch):
    before = read_status(tmp_path).run.updated_utc
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    journal.commit()
    assert read_status(tmp_path).run.updated_utc > before


def test_a_beginning_that_fails_leaves_what_was_there(journal, tmp_path):
    run_attempt(journal, 0)
    journal.commit()
    with pytest.raises(sqlite3.IntegrityError):
        begin(journal, tiles=plan(2) + plan(2))
    journal.close()
    assert read_status(tmp_path).tile_counts.done == 1
