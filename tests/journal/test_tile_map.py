"""Where tiles lie and how fast they got done, as the journal tells it."""

import time
from datetime import UTC, datetime

import pytest

from eemt_core.errors import InputError
from eemt_core.journal import Journal, read_throughput, read_tile_map
from journals import PRINTS, RESULT, begin, plan


@pytest.fixture
def journal(tmp_path):
    with Journal.create(tmp_path / "journal.sqlite") as journal:
        yield journal


def test_tiles_lie_where_they_were_planned(journal, tmp_path):
    begin(journal, 3)
    journal.attempt_running(journal.attempt_submitted(1, 1, 1, 100, 10), None, "here")
    journal.tile_done(2, RESULT)
    journal.commit()
    found = read_tile_map(tmp_path)
    assert (found.rows, found.cols, found.total) == (64, 192, 3)
    assert [(t.state, t.row0, t.col0, t.rows, t.cols) for t in found.tiles] == [
        ("waiting", 0, 0, 64, 64),
        ("running", 0, 64, 64, 64),
        ("done", 0, 128, 64, 64),
    ]


def test_a_picture_has_so_many_tiles_at_most(journal, tmp_path):
    begin(journal, 10)
    journal.commit()
    found = read_tile_map(tmp_path, limit=4)
    assert (len(found.tiles), found.total, found.cols) == (4, 10, 640)


def test_the_spans_of_throughput_hold_all_the_work_that_was_done(journal, tmp_path):
    begin(journal, 8)
    for index in range(5):
        journal.tile_done(index, RESULT)
        journal.commit()
        time.sleep(0.02)
    journal.end_run("interrupted")
    journal.commit()
    spans = read_throughput(tmp_path, bins=7)
    length_s = spans[1].until_s - spans[0].until_s
    assert len(spans) == 7
    assert sum(span.per_s for span in spans) * length_s == pytest.approx(5 * 8192.0)
    assert spans[-1].until_s == pytest.approx(time.time(), abs=60.0)


def test_tiles_of_an_earlier_run_are_no_throughput(journal, tmp_path):
    begin(journal, 4)
    journal.tile_done(0, RESULT)
    journal.commit()
    assert sum(span.per_s for span in read_throughput(tmp_path)) > 0
    time.sleep(0.01)
    journal.begin_run("", "", PRINTS, "v3", "", "", 1, plan(4), datetime.now(UTC).isoformat())
    journal.commit()
    assert sum(span.per_s for span in read_throughput(tmp_path)) == 0


def test_a_folder_without_a_journal_is_told(tmp_path):
    with pytest.raises(InputError, match="journal"):
        read_tile_map(tmp_path)
