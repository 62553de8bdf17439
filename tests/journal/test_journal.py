"""Readers see what is written to a journal, as soon as it is committed."""

import json
import sqlite3

from eemt_core.journal import (
    JOURNAL_FILE,
    Journal,
    from_document,
    read_status,
    read_tiles,
    read_workers,
    to_document,
)
from eemt_core.journal.writer import MOST_REFUSED
from journals import RESULT, begin, run_attempt, states


def test_nothing_is_seen_before_a_commit(journal, tmp_path):
    run_attempt(journal, 0)
    assert read_status(tmp_path).tile_counts.done == 0
    assert journal.commit()
    assert read_status(tmp_path).tile_counts.done == 1


def test_results_come_back_as_they_were_given(journal, tmp_path):
    run_attempt(journal, 2)
    journal.close()
    with Journal.open(tmp_path / JOURNAL_FILE) as again:
        begin(again)
        assert dict(again.results()) == {2: RESULT}
        assert 1 not in again.results()


def test_a_tile_goes_through_its_states(journal, tmp_path):
    seen = []

    def look():
        journal.commit()
        seen.append(states(tmp_path)["tile-00000"])

    look()
    attempt = journal.attempt_submitted(0, 1, 1, 100, 10)
    look()
    journal.attempt_running(attempt, "w1", "node7")
    look()
    journal.attempt_ended(attempt, "lost", "its worker is gone", 3.0)
    look()
    run_attempt(journal, 0, number=2)
    look()
    assert seen == ["waiting", "waiting", "running", "waiting", "done"]


def test_a_tile_whose_copy_still_runs_goes_on_running(journal, tmp_path):
    first = journal.attempt_submitted(0, 1, 1, 100, 10)
    journal.attempt_running(first, "w1", "node1")
    copy = journal.attempt_submitted(0, 2, 1, 100, 10, copy=True)
    journal.attempt_running(copy, "w2", "node2")
    journal.attempt_ended(first, "lost", "gone", 9.0)
    journal.commit()
    (tile,) = read_tiles(tmp_path)
    assert (tile.state, tile.host, tile.worker, tile.attempt) == ("running", "node2", "w2", 2)
    journal.attempt_ended(copy, "done", "", 9.0)
    journal.tile_done(0, RESULT, copy)
    journal.commit()
    counts = read_status(tmp_path).attempts
    assert (counts.total, counts.lost, counts.done, counts.copies) == (2, 1, 1, 1)
    assert counts.retried == 0


def test_a_tile_put_aside_stands_with_its_reason_and_log(journal, tmp_path):
    run_attempt(journal, 1, "failed", message="it divides by zero")
    journal.tile_put_aside(1, "it divides by zero", "logs/tile-00001.txt")
    journal.commit()
    (aside,) = read_status(tmp_path).tiles
    assert (aside.name, aside.state) == ("tile-00001", "aside")
    assert (aside.message, aside.log) == ("it divides by zero", "logs/tile-00001.txt")
    assert (aside.host, aside.attempt, aside.seconds) == ("node7", 1, 2.5)


def test_workers_stand_with_what_they_run_and_did(journal, tmp_path):
    journal.worker_joined("w1", "node1", "10.0.0.1", 8, 16000, 5000)
    journal.worker_joined("w2", "node2", "10.0.0.2", 4, 8000, 5000)
    journal.worker_joined("w2", "node2", "10.0.0.2", 4, 8000, 5000)
    run_attempt(journal, 0, worker="w1")
    run_attempt(journal, 1, "lost", worker="w2")
    running = journal.attempt_submitted(2, 1, 3, 100, 10)
    journal.attempt_running(running, "w1", "node1")
    journal.worker_left("w2", "it did not answer")
    journal.worker_refused("10.0.0.9", "its version is 8.0")
    journal.worker_refused("10.0.0.9", "its version is 8.0")
    journal.commit()
    status = read_status(tmp_path)
    one, two = status.workers
    assert (one.worker, one.running, one.done, one.lost) == ("w1", 1, 1, 0)
    assert (one.tiles, one.cores_busy, one.left_utc) == (("tile-00002",), 3, "")
    assert one.joined_utc <= one.last_utc <= status.at_utc
    assert (two.worker, two.done, two.lost, two.why_left) == ("w2", 0, 1, "it did not answer")
    assert read_workers(tmp_path, left=0) == (one,)
    counts = status.worker_counts
    assert (counts.connected, counts.cores, counts.cores_busy) == (1, 8, 3)
    (refused,) = status.refused
    assert (refused.address, refused.times) == ("10.0.0.9", 2)


def test_strangers_fill_no_disk(journal, tmp_path):
    """Each comes under an address of its own; the latest are kept."""
    for number in range(MOST_REFUSED + 50):
        journal.worker_refused(f"10.0.{number >> 8}.{number & 255}", "its version is 8.0")
    journal.commit()
    with sqlite3.connect(tmp_path / JOURNAL_FILE) as connection:
        found = connection.execute("SELECT COUNT(*), MIN(address) FROM refused").fetchone()
    connection.close()
    assert found == (MOST_REFUSED, "10.0.0.100")


def test_events_and_the_stage_are_the_latest(journal, tmp_path):
    for number in range(250):
        journal.event("split", f"tile {number} was split")
        journal.progress("wetness", number, 250, "rows")
    journal.commit()
    status = read_status(tmp_path)
    assert [event.sentence for event in status.events[-2:]] == [
        "tile 248 was split",
        "tile 249 was split",
    ]
    assert len(status.events) == 100
    assert (status.stage.name, status.stage.done, status.stage.unit) == ("wetness", 249, "rows")


def test_text_of_any_bytes_is_kept_as_far_as_it_is_text(journal, tmp_path):
    journal.worker_joined("w1", b"n\xf6de\xff".decode("utf-8", "surrogateescape"), "a", 1, 1, 1)
    journal.commit()
    assert read_workers(tmp_path)[0].host == "n?de?"


def test_a_status_survives_its_document(journal, tmp_path):
    journal.worker_joined("w1", "node1", "10.0.0.1", 8, 16000, 5000)
    run_attempt(journal, 0, worker="w1")
    journal.tile_put_aside(1, "why", "log")
    journal.event("kind", "sentence")
    journal.progress("tiles", 1, 2, "tiles")
    journal.worker_refused("a", "b")
    journal.commit()
    status = read_status(tmp_path)
    text = json.dumps(to_document(status), allow_nan=False)
    assert from_document(json.loads(text), "here") == status
