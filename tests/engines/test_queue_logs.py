"""The queue's logs are parsed correctly, whatever text unknown peers put into them."""

import json
import os
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eemt_core.engines.work_queue.queue_process import debug_log, transactions
from eemt_core.engines.work_queue.queue_process.observer import Observer
from eemt_core.engines.work_queue.queue_process.tail import Tail
from queue_logs import HELLO_9, HELLO_11, TRANSACTIONS

EXAMPLES = settings(max_examples=int(os.environ.get("EEMT_HYPOTHESIS_EXAMPLES", "300")))
BETA = {"worker": "worker-b0", "host": "beta"}


def observe(debug, lines, names=("one",)):
    observer = Observer()
    observer.names = dict(enumerate(names, 1))
    for line in debug:
        observer.read_debug(line)
    for line in lines:
        observer.read_transaction(line)
    return observer.take_events()


@pytest.mark.parametrize("debug", [HELLO_9, HELLO_11], ids=["protocol 9", "protocol 11"])
def test_a_workers_coming_and_going_is_read_from_the_logs_of_both_releases(debug):
    sizes = {"cores": 4, "memory_mb": 8000, "disk_mb": 9000}
    events = observe(debug, TRANSACTIONS)
    assert [e for e in events if e["event"] != "refused"] == [
        {"event": "joined", **BETA, "address": "192.0.2.7:40100", **sizes},
        {"event": "started", "name": "one", **BETA},
        {"event": "left", **BETA, "why": "FAREWELL"},
        {"event": "lost", "name": "one", "farewell": True, **BETA},
    ]


@pytest.mark.parametrize("debug", [HELLO_9, HELLO_11], ids=["protocol 9", "protocol 11"])
def test_who_is_refused_and_why_is_read_from_the_logs_of_both_releases(debug):
    refused = [(e["address"], e["why"], e.get("protocol")) for e in observe(debug, [])]
    assert refused == [  # a probe by eemt-worker does not count as a refused worker
        ("192.0.2.9:40200", "protocol", 11),
        ("192.0.2.9:40202", "no password here", None),
        ("192.0.2.9:40204", "none given", None),
        ("192.0.2.9:40206", "password", None),
    ]


def test_a_worker_that_does_not_encrypt_is_refused():
    line = (
        b"2026/03/01 10:00:00.10 work_queue_python[77]wq: worker 192.0.2.9:1 failed ssl connection"
    )
    assert debug_log.read_line(line) == debug_log.DebugLogEntry("no tls", "192.0.2.9:1")


FORGERIES = [
    b"x (192.0.2.7:40100): info vacating 15",
    b"] wq: rx from beta (192.0.2.7:40100): info vacating 15",
    b"2026/03/01 10:00:00.10 python[77] wq: rx from beta (192.0.2.7:40100): info vacating",
    b"notice: worker (192.0.2.7:40100) is using work queue protocol 7, but I am using protocol 9",
    b"notice: worker 192.0.2.7:40100 presented the wrong password",
    b"evil (192.0.2.7:40100) running CCTools version 1 on a (operating system) with architecture b",
]  # fmt: skip


@pytest.mark.parametrize("words", FORGERIES)
@pytest.mark.parametrize("blank", [b" ", b""], ids=["protocol 9", "protocol 11"])
def test_what_a_stranger_says_is_never_taken_for_what_the_queue_says(words, blank):
    begin = b"2026/03/01 10:00:00.10 work_queue_python[77]" + blank
    line = begin + b"wq: rx from stranger (203.0.113.5:5): " + words
    said = debug_log.read_line(line)
    assert said is None
    # nor the host name, which may contain any character but a blank
    host = b"\x1cq\xa0".join(words.split(b" "))
    assert debug_log.read_line(begin + b"wq: rx from " + host + b" (203.0.113.5:5): alive") is None


@pytest.mark.parametrize(
    "raw",
    [
        b"w 192.0.2.7:40100  DISCONNECTION FAILURE",
        b'w RESOURCES {"memory":[9,"MB"],"disk":[9,"MB"],"cores":[9,"cores"]}',
        b"w 77 TASK 1 WAITING default",
        b"w\x85\x1c192.0.2.7:40100\xa0CONNECTION",
        b"{" * 3000,
        b"\xff\xfe\x00\xed\xa0\x80",
    ],
)
def test_an_id_that_mimics_a_line_moves_nobody_else(raw):
    address = b"203.0.113.5:5"
    lines = [
        *TRANSACTIONS[:8],
        b"1 77 WORKER " + raw + b" " + address + b"  CONNECTION",
        b"1 77 WORKER " + raw + b' RESOURCES {"memory":[5,"MB"],"disk":[5,"MB"],"cores":[1,"c"]}',
        b"1 77 WORKER " + raw + b" " + address + b"  DISCONNECTION FAILURE",
    ]
    events = observe(HELLO_9[:9], lines)
    assert [e["event"] for e in events] == ["joined", "started", "joined", "left"]
    names = {"worker": "203.0.113.5:5", "host": "203.0.113.5"}
    assert events[2].items() >= {**names, "cores": 1, "memory_mb": 5}.items()
    assert events[3].items() >= names.items()


def test_another_workers_id_is_not_taken_from_it():
    lines = [
        *TRANSACTIONS[:8],
        b"1 77 WORKER worker-b0 203.0.113.5:5  CONNECTION",
        b'1 77 WORKER worker-b0 RESOURCES {"memory":[5,"MB"],"disk":[5,"MB"],"cores":[1,"c"]}',
        b"1 77 WORKER worker-b0 203.0.113.5:5  DISCONNECTION FAILURE",
    ]
    left = observe(HELLO_9[:9], lines)[-1]
    assert left == {
        "event": "left", "worker": "203.0.113.5:5", "host": "203.0.113.5", "why": "FAILURE",
    }  # fmt: skip


@pytest.mark.parametrize(
    "found",
    [
        b"{}",
        b'{"memory":[5,"MB"],"disk":[5,"MB"]}',
        b'{"memory":[5,"MB"],"disk":[5,"MB"],"cores":[-1,"cores"]}',
        b'{"memory":[-5,"MB"],"disk":[5,"MB"],"cores":[1,"cores"]}',
        b'{"memory":5,"disk":[5,"MB"],"cores":[1,"cores"]}',
        b'{"memory":[],"disk":[5,"MB"],"cores":[1,"cores"]}',
        b'{"memory":["5","MB"],"disk":[5,"MB"],"cores":[true,"cores"]}',
        b'{"memory":[NaN,"MB"],"disk":[5,"MB"],"cores":[1,"cores"]}',
        b'{"memory":[1e999,"MB"],"disk":[5,"MB"],"cores":[1,"cores"]}',
        b'{"memory":[' + b"9" * 5000 + b',"MB"],"disk":[5,"MB"],"cores":[1,"cores"]}',
        b'{"memory":' + b"[" * 5000 + b"}",
        b'{"memory":[5,"MB"]} {"disk":[5,"MB"]}',
    ],
)
def test_a_worker_that_has_what_cannot_be_does_not_join(found):
    lines = [*TRANSACTIONS[:6], b"1 77 WORKER worker-b0 RESOURCES " + found]
    assert observe(HELLO_9[:9], lines) == []


def test_a_worker_that_has_more_than_any_machine_is_not_believed():
    text = b'{"memory":[%d,"MB"],"disk":[%d,"MB"],"cores":[%d,"cores"]}' % ((10**25,) * 3)
    (joined,) = observe(HELLO_9[:9], [*TRANSACTIONS[:6], b"1 7 WORKER worker-b0 RESOURCES " + text])
    assert joined["cores"] == 4096
    assert joined["memory_mb"] <= 2**30


LINES = [*HELLO_9, *HELLO_11, *TRANSACTIONS, *FORGERIES]


@st.composite
def damaged_lines(draw):
    """A line with a part removed, replaced, inserted or repeated many times."""
    line = draw(st.sampled_from(LINES))
    a, b = sorted(draw(st.tuples(*[st.integers(0, len(line))] * 2)))
    other = draw(st.sampled_from(LINES))
    c, d = sorted(draw(st.tuples(*[st.integers(0, len(other))] * 2)))
    piece = draw(st.one_of(st.binary(max_size=40), st.just(other[c:d])))
    return line[:a] + piece * draw(st.sampled_from([1, 1, 1, 2, 50])) + line[b:]


@EXAMPLES
@given(st.lists(st.one_of(damaged_lines(), st.sampled_from(LINES), st.binary()), max_size=30))
def test_no_line_raises_and_all_that_is_told_can_be_written(lines):
    observer = Observer()
    observer.names = {1: "one", 2: "two"}
    for line in lines:
        observer.read_debug(line)
        observer.read_transaction(line)
    for event in observer.take_events():
        assert json.loads(json.dumps(event).encode("ascii")) == event
        assert event.get("name", "one") in ("one", "two")
        for text in ("worker", "host", "address"):
            assert str(event.get(text, "")).isprintable()
        for size, least in (("cores", 1), ("memory_mb", 0), ("disk_mb", 0)):
            assert type(event.get(size, least)) is int
            assert least <= event.get(size, least) <= 2**40


@EXAMPLES
@given(st.binary(max_size=200))
def test_a_transaction_is_of_a_known_kind_or_nothing(line):
    assert isinstance(
        transactions.read_line(b"1 77 WORKER " + line), transactions.Transaction | None
    )


def test_lines_of_any_length_come_one_by_one_and_the_file_stays_small(tmp_path):
    path = tmp_path / "log"
    with closing(Tail(str(path))) as tail, path.open("ab", buffering=0) as written:
        written.write(b"first\nhalf")
        assert list(tail.lines()) == [b"first"]
        written.write(b" and half\n" + b"x" * 3_000_000)
        assert list(tail.lines()) == [b"half and half"]
        assert path.stat().st_size == 0
        written.write(b"x" * 500_000 + b"\nlast\n\xff\n")
        assert list(tail.lines()) == [b"last", b"\xff"]
