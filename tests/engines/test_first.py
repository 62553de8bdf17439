"""A task that is to begin first does so, whatever else waits."""

from pathlib import Path

from eemt_core.engines.base import Submission, TaskStarted
from eemt_core.engines.local import LocalEngine
from eemt_core.tiles.task import Resources
from queue_peers import Peer, queue_holder, submit


def test_work_queue_gives_it_out_before_larger_ones_that_came_earlier(tmp_path):
    with queue_holder(tmp_path) as (client, incoming):
        submit(client, incoming, "1", memory_mb=200)
        submit(client, incoming, "2", memory_mb=300)
        submit(client, incoming, "3", memory_mb=50, is_first=True)
        peer = Peer(client.port, cores="3 3 3", memory="1000")
        try:
            given = [peer.takes_task() for _ in range(3)]
        finally:
            peer.close()
    # the second comes before the first since it is larger: it is for that that there is a way
    assert given == ["3", "2", "1"]


def test_this_machine_starts_it_next(tmp_path):
    engine = LocalEngine(1)
    try:
        for name in ("running", "waiting", "first"):
            folder = Path(tmp_path / name)
            folder.mkdir()
            engine.submit(Submission(name, folder, Resources(1, 100, 10), is_first=name == "first"))
        started = []
        while len(started) < 3:
            started += [e.name for e in engine.wait(1.0) if isinstance(e, TaskStarted)]
    finally:
        engine.close()
    assert started == ["running", "first", "waiting"]
