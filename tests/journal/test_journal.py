"""The journal: what was committed is there, whoever reads, writes or is killed."""

import fcntl
import json
import os
import platform
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from eemt_core.errors import InputError, VersionError
from eemt_core.journal import (
    JOURNAL_FILE,
    Journal,
    from_document,
    read_status,
    read_tiles,
    read_workers,
    to_document,
)

PRINTS = {"parameters": "a", "code": "b", "inputs": "c"}
STARTED = "2026-11-24T10:00:00+00:00"
RESULT = {
    "outputs": {"total": {"file": "out/total.npy", "sha256": "ab" * 32, "shape": [12, 64, 64]}},
    "seconds": {"sunlight": 1.5},
    "host": "node7",
    "peak_memory_mb": 900,
}

# a program that journals `count` tiles, committing each and saying so
WRITER = """
import sys
from pathlib import Path
from test_journal import RESULT, begin
from eemt_core.journal import Journal
out, count = Path(sys.argv[1]), int(sys.argv[2])
with Journal.open(out / "journal.sqlite") as journal:
    begin(journal, count)
    journal.commit()
    for index in range(count):
        attempt = journal.attempt_submitted(index, 1, 1, 100, 10)
        journal.attempt_running(attempt, None, "here")
        journal.attempt_ended(attempt, "done", "", 0.1)
        journal.tile_done(index, RESULT, attempt)
        if journal.commit():
            print(index + 1, flush=True)
"""

# a reader in a process of its own, which prints what it saw or the error's sentence
READER = """
import sys
from pathlib import Path
from eemt_core.errors import EemtError
from eemt_core.journal import read_status
try:
    print(read_status(Path(sys.argv[1])).tile_counts.done)
except EemtError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def plan(count):
    return [(index, f"tile-{index:05d}", 4096, 8192.0) for index in range(count)]


def begin(journal, count=4, prints=PRINTS, tiles=None, host=None):
    journal.begin_run(
        "eemt-run dem.tif -o out",
        "0.1.0",
        prints,
        "local",
        host or platform.node(),
        os.getpid(),
        plan(count) if tiles is None else tiles,
        STARTED,
    )


def run_attempt(journal, index, outcome="done", number=1, worker=None, copy=False, message=""):
    attempt = journal.attempt_submitted(index, number, 2, 100, 10, copy)
    journal.attempt_running(attempt, worker, "node7")
    journal.attempt_ended(attempt, outcome, message, 2.5)
    if outcome == "done":
        journal.tile_done(index, RESULT, attempt)
    return attempt


def program(code, *arguments, **options):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes, **options)


def answer(code, *arguments):
    with program(code, *arguments) as process:
        said, error = process.communicate(timeout=120)
        return process.returncode, said, error


def states(out):
    return {tile.name: tile.state for tile in read_tiles(out, ("waiting", "running", "done"))}


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


# what is written is what is read


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
    assert (one.tiles, one.left_utc) == (("tile-00002",), "")
    assert (two.worker, two.done, two.lost, two.why_left) == ("w2", 0, 1, "it did not answer")
    assert read_workers(tmp_path, left=0) == (one,)
    counts = status.worker_counts
    assert (counts.connected, counts.cores, counts.cores_busy) == (1, 8, 3)
    (refused,) = status.refused
    assert (refused.address, refused.times) == ("10.0.0.9", 2)


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


# rate and time left


def set_times(path, statement):
    """Turn the journal's clock back, as nobody wants to wait for minutes."""
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


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
        (PRINTS, [(i, n, c, w + 1) for i, n, c, w in plan(4)]),
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


# how a run ended


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


# kills and readers


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
        # the commit under way may be there or not
        assert told <= done <= told + 1
        begin(journal, 100_000)
        assert list(journal.results()) == list(range(done))
        assert journal.results()[0] == RESULT
    assert read_status(tmp_path).tile_counts.done == done


# what a manager's commit does to the file, cut off in the middle: some pages are the new ones
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
def cut_off(tmp_path):
    """A folder whose journal has 50 of 200 tiles done and was left in mid-write."""
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


def test_a_reader_mends_what_was_left_in_mid_write(cut_off):
    assert read_status(cut_off).tile_counts.done == 50
    assert read_status(cut_off).tile_counts.aside == 0


def test_a_writer_mends_what_was_left_in_mid_write(cut_off):
    with Journal.open(cut_off / JOURNAL_FILE) as journal:
        assert len(journal.results()) == 50


def without_rights(code, *arguments):
    """Run a program to whom rights on files apply, also where tests run as root."""
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


# other files


def test_no_journal_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="holds no journal"):
        read_status(tmp_path)


def test_a_journal_without_a_run_is_one_sentence(tmp_path):
    (tmp_path / JOURNAL_FILE).touch()
    with pytest.raises(InputError, match="has no run yet"):
        read_status(tmp_path)
    Journal.open(tmp_path / JOURNAL_FILE).close()
    with pytest.raises(InputError, match="has no run yet"):
        read_status(tmp_path)


def damage(path, offset, count):
    content = bytearray(path.read_bytes())
    content[offset : offset + count] = random.Random(1).randbytes(count)
    path.write_bytes(content)


@pytest.mark.parametrize("use", [read_status, lambda out: Journal.open(out / JOURNAL_FILE)])
def test_other_files_are_refused_with_a_remedy(use, tmp_path):
    path = tmp_path / JOURNAL_FILE
    path.write_text("no journal at all, " * 300)
    with pytest.raises(InputError, match=r"is damaged or no journal .*resume"):
        use(tmp_path)
    path.unlink()
    set_times(path, "CREATE TABLE runs (x)")
    with pytest.raises(InputError, match="another database"):
        use(tmp_path)
    Journal.remove(path)
    with Journal.open(path) as journal:
        begin(journal, 2000)
    good = path.read_bytes()
    set_times(path, "PRAGMA user_version=99")
    with pytest.raises(VersionError, match="newer version"):
        use(tmp_path)
    path.write_bytes(good[: len(good) // 3])
    with pytest.raises(InputError, match="is damaged"):
        use(tmp_path)
    path.write_bytes(good)
    damage(path, 4096, len(good) - 4096)
    with pytest.raises(InputError, match="is damaged"):
        use(tmp_path)


def test_a_new_journal_beside_the_rest_of_an_old_one_is_whole(cut_off):
    (cut_off / JOURNAL_FILE).unlink()
    assert (cut_off / f"{JOURNAL_FILE}-journal").stat().st_size > 0
    with Journal.open(cut_off / JOURNAL_FILE) as journal:
        begin(journal)
    assert read_status(cut_off).tile_counts.waiting == 4


# size

SCALE = """
import json, sys, time
from pathlib import Path
from test_journal import RESULT, begin, plan
from eemt_core.journal import Journal, read_status
out, count = Path(sys.argv[1]), int(sys.argv[2])
path = out / "journal.sqlite"

def memory():
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(l for l in lines if l.startswith("VmHWM")).split()[1])

before, started = memory(), time.process_time()
with Journal.open(path) as journal:
    begin(journal, tiles=(row for row in plan(count)))
    for index in range(count):
        attempt = journal.attempt_submitted(index, 1, 1, 100, 10)
        journal.attempt_running(attempt, f"w{index % 50}", "node")
        journal.attempt_ended(attempt, "done", "", 0.1)
        journal.tile_done(index, RESULT, attempt)
        if index % 100 == 0:
            journal.commit()
with Journal.open(path) as journal:
    begin(journal, tiles=(row for row in plan(count)))
    results = journal.results()
    for index in results:
        journal.tile_done(index, results[index], None, from_earlier=True)
status = read_status(out)
assert status.tile_counts.from_earlier == count
print(json.dumps({
    "memory": memory() - before,
    "seconds": time.process_time() - started,
    "disk": path.stat().st_size,
}))
"""


def test_memory_and_time_grow_with_the_tiles_alone(tmp_path):
    """A run of 100,000 tiles and its resume: 400 bytes and a tenth of a millisecond a tile."""
    used = {}
    for count in (10_000, 100_000):
        out = tmp_path / str(count)
        out.mkdir()
        code, said, error = answer(SCALE, out, count)
        assert code == 0, error
        used[count] = json.loads(said)
        shutil.rmtree(out)
    few, many = used[10_000], used[100_000]
    # a tile's row and its name as the plan gives them, and the changed pages of one commit, about
    # 100 bytes a tile; 4 MB are SQLite's own cache
    assert many["memory"] < 4e6 + 400 * 100_000
    assert many["disk"] < 1000 * 100_000
    # linear, but for the depth of the trees and a busy machine's caches
    assert many["seconds"] < 2 * 10 * few["seconds"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("started", "x"), ("updated", 1e308), ("ended", 10**18), ("pid", b"\xff"),
        ("pid", "9" * 400), ("fingerprint", "[" * 3000), ("host", b"\xff"), ("stage_done", 1e999),
    ],
)  # fmt: skip
def test_values_of_another_kind_are_refused_with_a_remedy(column, value, tmp_path):
    path = tmp_path / JOURNAL_FILE
    with Journal.open(path) as journal:
        begin(journal, 3)
        journal.progress("tiles", 1, 3, "tiles")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE runs SET {column} = ?", (value,))
        connection.commit()
    with pytest.raises(InputError, match=r"is damaged or no journal .*resume"):
        read_status(tmp_path)
