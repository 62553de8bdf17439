"""``eemt-status`` as a user meets it: the real program, real journals, a real web server."""

import fcntl
import http.server
import json
import os
import platform
import pty
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from eemt_core.journal import JOURNAL_FILE, Journal, TilePlan

PROGRAM = [sys.executable, "-c", "from eemt_core.cli.status import main; main()"]
EVIL = "node\x1b[2J\x1b]0;x\x07\u202e9"


def eemt_status(*arguments):
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "no_proxy": "127.0.0.1"},
    )


def told(*arguments):
    done = eemt_status(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refusal(*arguments):
    """Exit code and the one sentence of a call that is refused."""
    done = eemt_status(*arguments)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.returncode, done.stderr


def begin(journal, count=10):
    tiles = [
        TilePlan(index, f"tile-{index:05d}", 4096, 4096.0 * 365, 0, 64 * index, 64, 64)
        for index in range(count)
    ]
    prints = {"parameters": "a", "code": "b", "inputs": "c"}
    started = "2026-11-24T10:00:00+00:00"
    journal.begin_run(
        "eemt-run dem.tif",
        "0.1.0",
        prints,
        "v3",
        "work_queue",
        platform.node(),
        4711,
        tiles,
        started,
    )


def attempt(journal, index, outcome, worker="w1", number=1, message=""):
    made = journal.attempt_submitted(index, number, 2, 900, 100)
    journal.attempt_running(made, worker, "node1")
    if outcome != "running":
        journal.attempt_ended(made, outcome, message, 12.5)
    if outcome == "done":
        journal.tile_done(index, {}, made)


@pytest.fixture
def out(tmp_path):
    """An unfinished run with every kind of event; its manager counts as alive during the test."""
    out = tmp_path / "out"
    (out / ".eemt").mkdir(parents=True)
    with (out / ".eemt" / "lock").open("a") as lock, Journal.open(out / JOURNAL_FILE) as journal:
        fcntl.flock(lock, fcntl.LOCK_EX)
        begin(journal)
        journal.worker_joined("w1", "node1", "10.0.0.1", 8, 16000, 50000)
        journal.worker_joined("w2", EVIL, "10.0.0.2", 4, 8000, 50000)
        for index in range(4):
            attempt(journal, index, "done")
        attempt(journal, 4, "lost", worker="w2", message="its worker is gone")
        attempt(journal, 4, "running", number=2)
        attempt(journal, 5, "failed", message=f"it divides by zero\x1b[31m on {EVIL}")
        journal.tile_put_aside(5, f"it divides by zero on {EVIL}", ".eemt/aside/tile-00005.txt")
        journal.worker_left("w2", "it did not answer")
        journal.worker_refused("10.0.0.9", "its version is 7.0")
        journal.event("lost", "tile-00004 was lost with its worker and is tried again")
        journal.commit()
        yield out


# the folder


def test_the_summary_tells_what_matters_in_80_columns(out):
    text = told(out)
    assert max(map(len, text.splitlines())) <= 80
    for sentence in (
        f"{out}\n",
        r"  state +running on \S+ \(process 4711\), engine work_queue\n",
        r"  started +2026-11-24 10:00 UTC|  started +10:00:00 UTC",
        r"; instruction\s+set v3\n",
        r"  tiles +4 of 10 done, 1 running, 4 waiting, 1 put aside\n",
        r"  work +\[#{11}-{17}\] 40.0%  .* cell-days/s  .* left\n",
        r"  workers +1 connected, 2 seen; 8 cores, 2 busy\n",
        r"  attempts +7 in all: 4 done, 1 running, 1 lost, 1 failed, 1 retried\n",
        r"  refused +10.0.0.9: its version is 7.0\n",
        r"  aside +tile-00005: it divides by zero",
        r"\n +log: .eemt/aside/tile-00005.txt\n",
        r"  event +\d\d:\d\d:\d\d UTC  tile-00004 was lost",
    ):
        assert re.search(sentence, text), sentence


def test_the_journal_itself_may_be_named(out):
    assert told(out / JOURNAL_FILE).startswith(f"{out}\n")


def test_workers_have_a_row_each(out):
    rows = told(out, "--workers").split("\n\n")[1].splitlines()
    assert rows[0].split() == ["WORKER", "CORES", "MEMORY", "RUNNING", "DONE", "LOST", "SINCE"]
    assert rows[1].split()[:7] == ["node1", "8", "16000", "MB", "1", "4", "0"]
    assert rows[2].split()[1:8] == ["4", "8000", "MB", "0", "0", "1", "left"]
    assert max(map(len, rows)) <= 80


def test_tasks_that_run_or_failed_have_a_row_each(out):
    rows = told(out, "--tasks").split("\n\n")[1].splitlines()
    assert rows[0].split() == ["TILE", "STATE", "HOST", "ATTEMPT", "SECONDS"]
    assert rows[1].split()[:4] == ["tile-00004", "running", "node1", "2"]
    assert rows[2].split()[:6] == ["tile-00005", "aside", "node1", "1", "12.5", "it"]
    assert rows[3] == "4 tiles waiting, 4 done."
    assert max(map(len, rows)) <= 80


def test_nothing_from_a_worker_moves_the_cursor(out):
    text = told(out, "--workers", "--tasks")
    assert "node[2J]0;x9" in text
    assert all(c.isprintable() or c == "\n" for c in text)


def test_the_document_is_stable(out):
    """Fields and their units, which other programs rely on."""
    document = json.loads(told(out, "--json"))
    assert (document["kind"], document["schema"]) == ("eemt-status", 1)
    assert document["tile_counts"] == {
        "total": 10, "waiting": 4, "running": 1, "done": 4, "aside": 1, "from_earlier": 0,
    }  # fmt: skip
    assert {key: set(value) for key, value in document.items() if isinstance(value, dict)} == {
        "run": {
            "number", "state", "message", "command", "program", "engine", "host", "pid",
            "fingerprint", "instruction_set", "started_utc", "updated_utc", "ended_utc", "seconds",
        },
        "tile_counts": set(document["tile_counts"]),
        "work": {"done", "total", "per_s", "left_s"},
        "attempts": {
            "total", "running", "done", "failed", "lost", "damaged", "no_memory", "cancelled",
            "superseded", "retried", "copies",
        },
        "worker_counts": {"connected", "seen", "cores", "cores_busy"},
    }  # fmt: skip
    assert {key: set(value[0]) for key, value in document.items() if isinstance(value, list)} == {
        "workers": {
            "worker", "host", "address", "cores", "memory_mb", "disk_mb", "cores_busy", "running",
            "done", "lost", "other", "tiles", "joined_utc", "last_utc", "left_utc", "why_left",
        },
        "tiles": {
            "name", "state", "cells", "work_units", "attempt", "host", "worker", "seconds",
            "message", "log",
        },
        "refused": {"address", "why", "times", "last_utc"},
        "events": {"at_utc", "kind", "sentence"},
    }  # fmt: skip
    assert set(document) == {
        "kind", "schema", "out", "at_utc", "run", "stage", "tile_counts", "work", "attempts",
        "worker_counts", "workers", "tiles", "refused", "events",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("finished", r"  state +finished \d\d:\d\d:\d\d UTC\n"),
        ("failed", r"  state +failed \d\d:\d\d:\d\d UTC: tile-00003 failed\n"),
        ("interrupted", r"  state +interrupted .* UTC; eemt-run --resume goes on\n"),
        (None, r"(?s)  state +killed, last sign of life .*--resume\s+goes\s+on\n"),
    ],
)
def test_a_run_that_has_ended_says_how(tmp_path, state, sentence):
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        begin(journal)
        attempt(journal, 0, "done")
        if state:
            journal.end_run(state, "tile-00003 failed" if state == "failed" else "")
    text = told(tmp_path)
    assert re.search(sentence, text)
    assert " left" not in text


def test_a_local_run_speaks_of_cores_not_of_workers(tmp_path):
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        begin(journal)
        journal.progress("maps", 1, 4, "maps")
        attempt(journal, 0, "running", worker=None)
        journal.commit()
        text = told(tmp_path)
    assert re.search(r"  cores +2 busy\n", text)
    assert "workers" not in text
    assert "No workers." in told(tmp_path, "--workers")


def test_a_folder_without_a_run_is_one_sentence(tmp_path):
    code, sentence = refusal(tmp_path)
    assert code == 3
    assert "holds no journal" in sentence
    assert refusal(tmp_path / "nowhere")[0] == 3
    (tmp_path / JOURNAL_FILE).write_text("something else altogether" * 100)
    code, sentence = refusal(tmp_path)
    assert code == 3
    assert "is damaged" in sentence


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("out", "--catalog", "localhost:9097"),
        ("out", "--project", "EEMT"),
        ("--catalog", "localhost:9097", "--tasks"),
        ("out", "--watch", "0"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(arguments):
    done = eemt_status(*arguments)
    assert done.returncode == 2
    assert "Error: " in done.stderr


def test_help_answers_at_once_and_names_the_exit_codes():
    assert "Exit codes: 0 shown" in told("--help")
    code = "import sys, eemt_core.cli.status, eemt_core.journal; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not {"numpy", "rasterio", "urllib.request"} & set(loaded.stdout.split())


# watching


def test_watching_ends_with_the_run(tmp_path):
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        begin(journal)
        journal.commit()
        (tmp_path / ".eemt").mkdir()
        with (tmp_path / ".eemt" / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            command = [*PROGRAM, tmp_path, "--json", "--watch", "0.1"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watcher:
                first, second = (json.loads(watcher.stdout.readline()) for _ in range(2))
                attempt(journal, 0, "done")
                journal.end_run("finished")
                journal.commit()
                rest = [json.loads(line) for line in watcher.stdout.read().splitlines()]
    assert watcher.returncode == 0
    assert first["tile_counts"]["done"] == second["tile_counts"]["done"] == 0
    assert rest[-1]["tile_counts"]["done"] == 1
    assert [status["run"]["state"] for status in rest[:-1]] == ["running"] * (len(rest) - 1)
    assert rest[-1]["run"]["state"] == "finished"


@pytest.mark.slow
def test_watching_needs_no_number_and_redraws_a_terminal(out):
    terminal, program = pty.openpty()
    # handle Ctrl-C as in a terminal: processes started in the background would ignore it
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{listening}; {PROGRAM[2]}", "--watch", out]
    with subprocess.Popen(command, stdout=program, stderr=subprocess.PIPE) as watcher:
        os.close(program)
        shown, deadline = b"", time.monotonic() + 60
        while shown.count(b"\x1b[H\x1b[2J") < 2 and time.monotonic() < deadline:
            shown += os.read(terminal, 4096)
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(60) == 130
    os.close(terminal)
    assert shown.count(b"4 of 10 done") >= 1


# the web


@pytest.fixture
def web():
    """A web server whose answers for each path are set by the test."""
    pages = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            code, kind, text = pages.get(self.path, (404, "text/html", "no such page"))
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", pages
        server.shutdown()
        thread.join()


def test_a_url_is_shown_as_its_folder_is(tmp_path, web):
    address, pages = web
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        begin(journal)
        journal.worker_joined("w1", "node1", "10.0.0.1", 8, 16000, 50000)
        attempt(journal, 0, "done")
        attempt(journal, 1, "failed", message="why")
        journal.tile_put_aside(1, "why", "")
        journal.end_run("failed", "tile-00001 failed")
    document = told(tmp_path, "--json")
    pages["/status.json"] = pages["/runs/7/api/status?key=1"] = (200, "application/json", document)
    pages["/runs/7/?key=1"] = (200, "text/html", "<html>a page for people</html>")
    shown = told(tmp_path, "--workers", "--tasks")
    assert shown == told(f"{address}/status.json", "--workers", "--tasks")
    assert shown == told(f"{address}/runs/7/?key=1", "--workers", "--tasks")
    assert json.loads(told(f"{address}/status.json", "--json")) == json.loads(document)


def test_what_answers_something_else_is_one_sentence(out, web):
    address, pages = web
    assert "is no status" in refusal(address)[1]
    pages["/"] = (200, "application/json", "[1, 2]")
    assert "is no status" in refusal(f"{address}/")[1]
    pages["/"] = (503, "text/html", "later")
    assert "answers with error 503" in refusal(f"{address}/")[1]
    document = json.loads(told(out, "--json"))
    for change, code, words in (
        ({"schema": 2}, 5, "layout 2"),
        ({"run": None}, 3, "incomplete"),
        ({"work": {**document["work"], "per_s": float("inf")}}, 3, "incomplete"),
        ({"tiles": [{}]}, 3, "incomplete"),
    ):
        pages["/"] = (200, "application/json", json.dumps({**document, **change}))
        met, sentence = refusal(f"{address}/")
        assert met == code
        assert words in sentence


def test_nobody_there_is_one_sentence():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        port = server.server_port
    code, sentence = refusal(f"http://127.0.0.1:{port}/")
    assert code == 3
    assert "does not answer" in sentence
