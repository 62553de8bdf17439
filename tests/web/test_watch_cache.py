"""However many look at a run, its journal is read at most once in a while."""

import threading

import pytest

from eemt_core.journal import JOURNAL_FILE, Journal
from eemt_core.web.jobs import watch as module
from eemt_core.web.jobs.watch import FRESH_S, Watch
from journals import RESULT, begin


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def journal(tmp_path):
    with Journal.create(tmp_path / JOURNAL_FILE) as journal:
        begin(journal, 3)
        journal.commit()
        yield journal


@pytest.fixture
def reads(monkeypatch):
    """Counts the reads, which really happen."""
    count, read = [], module.read_status

    def counted(out):
        count.append(out)
        return read(out)

    monkeypatch.setattr(module, "read_status", counted)
    return count


def test_many_who_ask_at_once_cause_one_read(journal, reads, tmp_path):
    watch, told = Watch(Clock()), []

    def ask():
        for _ in range(100):
            told.append(watch.status(tmp_path).tile_counts.total)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [3] * 800
    assert len(reads) == 1


def test_an_answer_is_no_older_than_promised(journal, tmp_path):
    clock = Clock()
    watch = Watch(clock)
    assert watch.status(tmp_path).tile_counts.done == 0
    journal.tile_done(0, RESULT)
    journal.commit()
    clock.now += FRESH_S / 2
    assert watch.status(tmp_path).tile_counts.done == 0
    clock.now += FRESH_S / 2
    assert watch.status(tmp_path).tile_counts.done == 1
    assert [tile.state for tile in watch.tiles(tmp_path).tiles] == ["done", "waiting", "waiting"]


def test_what_is_forgotten_is_read_again_at_once(journal, tmp_path):
    watch = Watch(Clock())
    assert watch.status(tmp_path).run.state == "killed"  # by nobody who holds its folder
    journal.end_run("finished")
    journal.commit()
    assert watch.status(tmp_path).run.state == "killed"
    watch.forget(tmp_path)
    assert watch.status(tmp_path).run.state == "finished"


def test_a_run_that_has_ended_is_not_read_again(journal, reads, tmp_path):
    journal.end_run("finished")
    journal.commit()
    clock = Clock()
    watch = Watch(clock)
    for _ in range(5):
        assert watch.status(tmp_path).run.state == "finished"
        clock.now += 2 * FRESH_S
    assert len(reads) == 1


def test_a_folder_whose_run_was_removed_has_no_status(journal, tmp_path):
    clock = Clock()
    watch = Watch(clock)
    assert watch.status(tmp_path) is not None
    journal.close()
    (tmp_path / JOURNAL_FILE).unlink()
    clock.now += FRESH_S
    assert watch.status(tmp_path) is None


def test_a_journal_that_cannot_be_read_is_told_after_a_while(journal, tmp_path):
    """It may be busy; but what was read before is not shown for ever as if it were so."""
    clock = Clock()
    watch = Watch(clock)
    assert watch.status(tmp_path) is not None
    journal.close()
    (tmp_path / JOURNAL_FILE).write_bytes(b"no journal" * 1000)
    clock.now += FRESH_S
    assert watch.status(tmp_path) is not None
    clock.now += 60
    assert watch.status(tmp_path) is watch.tiles(tmp_path) is None
    assert "is damaged" in watch.trouble(tmp_path)


def test_the_least_used_folders_are_forgotten(journal, reads, tmp_path):
    watch = Watch(Clock())
    watch.status(tmp_path)
    for number in range(200):
        assert watch.status(tmp_path / str(number)) is None
    watch.status(tmp_path)
    assert len(reads) == 2
