"""What tests of the journal share: a run to write, programs that write and read it elsewhere."""

import os
import platform
import sqlite3
import subprocess
import sys
from pathlib import Path

from eemt_core.journal import TilePlan, read_tiles

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
from journals import RESULT, begin
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
    return [
        TilePlan(index, f"tile-{index:05d}", 4096, 8192.0, 0, 64 * index, 64, 64)
        for index in range(count)
    ]


def begin(journal, count=4, prints=PRINTS, tiles=None, host=None):
    journal.begin_run(
        "eemt-run dem.tif -o out",
        "0.1.0",
        prints,
        "v3",
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


def set_times(path, statement):
    """Set times in the journal to the past, so that tests need not wait for minutes."""
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
