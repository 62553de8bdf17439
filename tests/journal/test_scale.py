"""Memory and time grow only with the number of tiles."""

import json
import shutil

import pytest

from journals import answer

SCALE = """
import json, sys, time
from pathlib import Path
from journals import RESULT, begin, plan
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


@pytest.mark.slow
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
