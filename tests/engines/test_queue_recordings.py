"""The queue's logs are understood in the words of both protocols, as recordings have them."""

import pytest

from eemt_core.engines.work_queue.queue_process.observer import Observer
from recordings import PROTOCOLS, recorded


def observe(protocol, debug, transactions=None, names=()):
    observer = Observer()
    observer.names = dict(enumerate(names, 1))
    for line in recorded(protocol, debug):
        observer.read_debug(line)
    for line in recorded(protocol, transactions) if transactions else ():
        observer.read_transaction(line)
    return observer.take_events()


# recording, protocols, the reasons for which workers were refused
REFUSALS = [
    ("manager_plain", PROTOCOLS, {"no password here"}),
    ("manager_password", PROTOCOLS, {"password", "none given"}),
    ("manager_strangers", PROTOCOLS, {"protocol"}),
    ("manager_encrypts", (11,), {"no tls"}),
]


@pytest.mark.parametrize(
    ("name", "protocol", "reasons"),
    [
        pytest.param(name, protocol, reasons, id=f"{name} {protocol}")
        for name, protocols, reasons in REFUSALS
        for protocol in protocols
    ],
)
def test_who_was_refused_and_why_is_read_from_the_words_of_both_protocols(name, protocol, reasons):
    refused = [event for event in observe(protocol, name) if event["event"] == "refused"]
    assert {event["why"] for event in refused} == reasons
    assert all(event["address"].startswith("127.0.0.1:") for event in refused)
    spoken = {event["protocol"] for event in refused if event["why"] == "protocol"}
    assert spoken == ({20 - protocol} if name == "manager_strangers" else set())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_workers_and_tasks_did_is_read_from_the_words_of_both_protocols(protocol):
    told = observe(protocol, "manager_plain", "transactions", names=("one", "two", "three"))
    told = [event for event in told if event["event"] != "refused"]
    kinds = {9: ["joined", "started", "started", "left"]}.get(
        protocol, ["joined", "started", "started", "started", "left", "lost"]
    )
    assert [event["event"] for event in told] == kinds
    assert {event["host"] for event in told} == {"vm"}
    assert len({event["worker"] for event in told}) == 1
    joined, left = told[0], told[kinds.index("left")]
    assert (joined["cores"], joined["memory_mb"], joined["disk_mb"]) == (1, 500, 500)
    assert left["why"] == "FAREWELL", "it had said that it leaves"
