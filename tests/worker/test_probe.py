"""Probing a manager: it is recognised, and other programs are not taken for one."""

import itertools
import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from eemt_core.errors import ArgumentError, InputError, VersionError
from eemt_core.files import remote
from eemt_core.sizes import Address
from eemt_core.worker import probe
from eemt_core.worker.catalog import fetch_managers, find_managers
from eemt_core.worker.command import find_program
from eemt_core.worker.versions import installed_protocol
from free_ports import free_port
from other_manager import OtherManager
from work_queue_manager import WorkQueueManager

OURS = installed_protocol(find_program())


def at(manager):
    return Address("127.0.0.1", manager.port)


def test_a_manager_without_a_password_tells_its_protocol():
    with WorkQueueManager() as manager:
        assert probe.ask(at(manager)) == probe.ManagerReply(OURS, wants_password=False)


@pytest.mark.slow
def test_a_manager_with_a_password_tells_those_who_know_it(tmp_path):
    with WorkQueueManager(password="secret") as manager:
        assert probe.ask(at(manager)) == probe.ManagerReply(None, wants_password=True)
        probe.check_password(find_program(), at(manager), "secret", tmp_path, OURS)
        with pytest.raises(ArgumentError, match="has another password"):
            probe.check_password(find_program(), at(manager), "secret\n", tmp_path, OURS)


@pytest.mark.parametrize("protocol", [8, 11])
def test_a_manager_of_another_protocol_is_found_out(protocol):
    with OtherManager(protocol) as manager:
        assert probe.ask(at(manager)).protocol == protocol


def test_a_manager_of_a_protocol_that_is_not_known_yet_is_one_all_the_same():
    with OtherManager(99) as manager:
        assert probe.ask(at(manager)) == probe.ManagerReply(None, wants_password=False)


def test_a_port_that_never_says_a_word_is_no_manager():
    with (
        OtherManager(None) as manager,
        pytest.raises(InputError, match=r"says nothing for 0\.5 s"),
    ):
        probe.ask(at(manager), patience_s=0.5)


def test_nobody_there_and_nobody_known_are_told_apart():
    with pytest.raises(InputError, match=r"Connection refused.*: see whether the manager runs"):
        probe.ask(Address("127.0.0.1", free_port()))
    with pytest.raises(InputError, match="cannot be resolved"):
        probe.resolve(Address("no-such-host.invalid", 9123))
    assert probe.resolve(Address("localhost", 9123))
    with pytest.raises(InputError, match="does not answer"):
        find_managers("Peaks", Address("127.0.0.1", free_port()))


@pytest.mark.slow
def test_a_manager_that_keeps_the_worker_out_after_its_password_speaks_another_protocol(tmp_path):
    """Only its own kind of worker can answer its question for the password."""
    with OtherManager(11) as manager, pytest.raises((VersionError, InputError)):
        probe.check_password(find_program(), at(manager), "secret", tmp_path, OURS)


ENTRY = {"type": "wq_master", "project": "p", "address": "10.0.0.1", "port": 9123}


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"{}", b"5", b"[" * 100_000, b"[" + b"9" * 5000 + b"]", b"\xff\xfe", b"[null, 5, []]",
        json.dumps([{**ENTRY, "port": "x"}]), json.dumps([{**ENTRY, "port": [1]}]),
        json.dumps([{**ENTRY, "port": 99999}]), json.dumps([{**ENTRY, "address": "$(touch X)"}]),
        json.dumps([{**ENTRY, "address": {"a": 1}}]), json.dumps([{"type": ["wq_master"]}]),
    ],
)  # fmt: skip
def test_a_catalog_that_tells_nonsense_knows_no_manager(answer):
    with catalog(answer) as address, pytest.raises(InputError, match="catalog"):
        find_managers("p", address)


def test_of_managers_in_a_catalog_the_last_heard_is_the_first():
    entries = [
        {**ENTRY, "port": port, "lastheardfrom": heard}
        for port, heard in ((1, 5), (2, "x"), (3, 10), (4, None), (5, "7"))
    ]
    with catalog(json.dumps(entries)) as address:
        ports = [manager.port for manager in find_managers("p", address)]
    assert ports == [3, 5, 1, 2, 4]


@pytest.mark.parametrize(
    "ask",
    [lambda at: find_managers("p", at), lambda at: fetch_managers(str(at))],
    ids=["worker", "status"],
)
def test_a_server_whose_answer_never_ends_is_left(ask, monkeypatch):
    monkeypatch.setattr(remote, "PATIENCE_S", 3.0)
    endless = itertools.repeat(b" ", 80)  # for eight seconds
    with catalog(endless) as address, pytest.raises(InputError, match="takes longer than"):
        ask(address)


@contextmanager
def catalog(answer):
    """A server that answers so, whatever it is asked; yield its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                for part in [answer] if isinstance(answer, str | bytes) else answer:
                    self.wfile.write(part.encode() if isinstance(part, str) else part)
                    time.sleep(0.0 if part is answer else 0.1)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield Address("127.0.0.1", server.server_port)
        finally:
            server.shutdown()
            thread.join()
