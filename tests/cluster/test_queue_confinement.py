"""The process that talks to workers writes only the results that it asked for.

The peers in these tests break the protocol, and connect to the process without the gate.
"""

import os
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from eemt_core.engines.work_queue import engine as work_queue
from eemt_core.engines.work_queue.queue_process import landlock
from eemt_core.manager.cluster import Cluster
from eemt_core.manager.folder import OutFolder
from eemt_core.manager.reporter import Silent
from eemt_core.manager.request import ClusterRequest
from queue_peers import Peer, arrives, event, queue_holder, submit

pytestmark = pytest.mark.slow

SECRET = "what it was"
FOLDERS = ("state/incoming", "state/arrived")
OUTSIDE = "/../../../../../../../../../../../.."


@pytest.fixture
def home(tmp_path):
    """The run's folder with another attempt's files in it, readable by everybody."""
    home = tmp_path / "state"
    other = home / "attempts" / "other"
    other.mkdir(parents=True)
    (other / "task.json").write_text(SECRET)
    (other / "result.json").write_text(SECRET)
    (tmp_path / "journal.sqlite").write_text(SECRET)
    return home


def everything(folder):
    """All files under a folder, with their contents."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def answers(name, goal):
    """Answers of a hostile peer that is asked for `name` but tries to write `goal`."""
    there = OUTSIDE + str(goal)
    near = "/../../attempts/other/result.json"
    return {
        "a folder, and up from it": [f"dir {name} 0", f"file {name}{there} 5", b"12345"],
        "a folder beside it": [f"dir {name}x 0", f"file {name}x{there} 5", b"12345"],
        "up from the file": [f"file {name} 0", f"file {name}{there} 5", b"12345"],
        "an absolute name": [f"file {goal} 5", b"12345"],
        "a name that begins alike": [f"file {name}x 5", b"12345"],
        "a link": [f"symlink {name}x {len(str(goal))}", str(goal), f"file {name}x 5", b"12345"],
        "a link in its place": [f"symlink {name} {len(str(goal))}", str(goal)],
        "a whole tree": [f"dir {name}/a 0", f"dir {name}/a/b 0", f"file {name}/a/b/c 5", b"12345"],
        "another attempt's result": [f"dir {name}y 0", f"file {name}y{near} 5", b"12345"],
        "its task": [f"dir {name}z 0", f"file {name}z/../../attempts/other/task.json 5", b"12345"],
        "the journal": [f"dir {name}q 0", f"file {name}q/../../../journal.sqlite 5", b"12345"],
    }


def attack(client, incoming, goal, kind):
    """Take a task, answer in one of these ways when asked for its result, and hang up."""
    submit(client, incoming, kind)
    with Peer(client.port, worker=f"worker-{time.monotonic_ns()}") as peer, suppress(OSError):
        peer.ends_task(peer.takes_task())
        for line in answers(peer.asked(), goal)[kind]:
            if isinstance(line, bytes):
                peer.line.sendall(line)
            else:
                peer.say(line)
        peer.say("end")
        event(client, "ended", "lost")
    client.send(do="cancel", name=kind)


@pytest.mark.parametrize("way", ["landlock", "namespace", "user"])
def test_a_stranger_writes_nowhere_but_into_the_result_that_it_was_asked_for(way, home, tmp_path):
    goal, before = tmp_path / "goal", everything(tmp_path)
    with queue_holder(home, confine=[way]) as (client, incoming):
        assert client.ready["confined"] == way
        for kind in answers("", goal):
            attack(client, incoming, goal, kind)
            incoming.drop(kind)
        after = everything(tmp_path)
        strange = {name for name in after if name not in before and name not in FOLDERS}
        assert {name: after.get(name) for name in before} == before
        if way == "namespace":  # it may create files and folders, but only in its own folder
            assert all(name.startswith("state/incoming/") for name in strange)
        else:
            assert strange == set()
        # and it still serves honest workers
        submit(client, incoming, "honest")
        with Peer(client.port) as peer:
            peer.ends_task(peer.takes_task())
            name = peer.asked()
            peer.sends(name, arrives(incoming, name, b"a result"))
            peer.say("end")
            # events of the hostile peers' tasks may still arrive
            assert event(client, "ended", name="honest")[0]["result"] == 0
        incoming.take("honest", home)
        assert (home / "result.json").read_bytes() == b"a result"
        assert (home / "result.json").stat().st_uid == os.geteuid()


def test_what_confinement_prevents_happens_without_it(home, tmp_path):
    goal = tmp_path / "goal"
    with queue_holder(home, confine=[]) as (client, incoming):
        assert client.ready["confined"] == ""
        attack(client, incoming, goal, "a folder beside it")
    assert goal.read_bytes() == b"12345"


def test_a_manager_that_cannot_confine_says_so_once_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(work_queue, "CONFINEMENT", ())
    said = []
    reporter = Silent()
    reporter.say = said.append
    folder = OutFolder(tmp_path / "out")
    folder.open(overwrite=False, resume=False)
    with closing(folder):
        folder.make_folders()
        with Cluster(ClusterRequest(ports=(0, 0)), folder, reporter) as cluster:
            assert cluster.engine.port > 0
    (sentence,) = [text for text in said if "cannot confine" in text]
    assert "use <<password_file>>, or a kernel with Landlock" in sentence


def test_the_confined_process_keeps_no_way_out(home):
    with queue_holder(home) as (client, _):
        status = Path(f"/proc/{client.pid}/status").read_text()
        limits = Path(f"/proc/{client.pid}/limits").read_text()
        assert client.ready["confined"] == "landlock"
        assert "NoNewPrivs:\t1" in status
        assert "Max core file size        0 " in limits
        # its logs have no names any more, so that nothing needs to be written by name
        files = []
        for file in Path(f"/proc/{client.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # it was open for a moment
                files.append(os.readlink(file))
        assert len(files) > 2
        assert [f for f in files if f.startswith("/tmp/eemt-queue-") and "(deleted)" not in f] == []
    assert landlock.version() >= 1


def test_a_file_larger_than_what_the_task_may_take_does_not_arrive(home):
    with queue_holder(home) as (client, incoming):
        places = submit(client, incoming, "large")
        with Peer(client.port) as peer, suppress(OSError):
            peer.ends_task(peer.takes_task())
            peer.say(f"file {peer.asked()} {200 << 20}")
            for _ in range(200):
                peer.line.sendall(bytes(1 << 20))
            peer.say("end")
        event(client, "ended", "lost")
        (place,) = places.values()
        assert (incoming.folder / place).stat().st_size <= 64 << 20


HOSTILE = {
    "negative cores": dict(cores="-1 -1 -1"),
    "negative memory": dict(memory="-500"),
    "endless numbers": dict(cores="9" * 400, memory="9" * 400),
    "no numbers": dict(cores="x", memory="nan"),
    "an id with blanks": dict(worker='a 1.2.3.4:5 RESOURCES {"cores":[1,"cores"]} b'),
    "an id with braces": dict(worker="RESOURCES {" * 100),
    "an id of any bytes": dict(worker="\udcff\udcfe\x1b[2J\x01"),
    "a host of any bytes": dict(host="\udcff\x1b]0;x\x07"),
    "a host like a line": dict(host="wq:rx_from_x(1.2.3.4:5):info_vacating"),
    "an honest worker's id": dict(worker="worker-honest"),
}


def test_what_a_worker_reports_of_itself_ends_nothing_and_moves_no_other(home):
    with queue_holder(home) as (client, incoming), ExitStack() as stack:
        first = stack.enter_context(Peer(client.port, host="honest", worker="worker-honest"))
        pid = client.pid
        submit(client, incoming, "one")
        number = first.takes_task()
        event(client, "started")
        hostile = []
        for words in HOSTILE.values():
            with suppress(OSError):  # the queue may hang up at its first words
                hostile.append(stack.enter_context(Peer(client.port, **words)))
        assert hostile
        submit(client, incoming, "two")
        time.sleep(2.5)  # two turns of the queue's process
        for peer in hostile:
            with suppress(OSError):
                peer.say(
                    b"info vacating " + b"x" * 3000, b"\xff" * 2000, b"resource cores -1 -1 -1"
                )
            peer.close()
        first.ends_task(number)
        first.sends(first.asked(), b"a result")
        first.say("end")
        # the other task may have been given up: hostile workers took it and were gone
        told, seen = event(client, "ended", name="one")
        assert (told["result"], told["worker"]) == (0, "worker-honest")
        assert client.pid == pid
        assert not [e for e in seen if e["event"] in ("failed", "restarted")]
        assert not [e for e in seen if e["event"] == "left" and e["worker"] == "worker-honest"]
