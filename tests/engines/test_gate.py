"""The gate parses messages of workers and of the queue, however they are split."""

import asyncio
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.engines.work_queue.gate.advertisement import ProjectAddress, rewritten
from eemt_core.engines.work_queue.gate.buffers import Memory, SendBuffer
from eemt_core.engines.work_queue.gate.collector import Collector
from eemt_core.engines.work_queue.gate.protocol import (
    LONGEST_LINE,
    FileBegin,
    FileContent,
    FileEnd,
    FileRequest,
    Hello,
    Passthrough,
    ProtocolError,
    ResultsRequest,
    SelfReport,
    TaskAssigned,
    TaskKilled,
    TaskReport,
)
from eemt_core.engines.work_queue.gate.queue_parser import QueueParser
from eemt_core.engines.work_queue.gate.worker_parser import Allowance, WorkerParser

HELLO = b"workqueue 9 alpha Linux x86_64 8.0.0\n"
SIZES = b"resource disk 500 500 500\nresource memory 500 500 500\nresource cores 1 1 1\n"
INTRODUCTION = (
    HELLO + b"info worker-id worker-1\nalive\nresource workers 1 1 1\n" + SIZES
    + b"resource gpus 0 0 0\nresource tag 0\ninfo end_of_resource_update 0\n"
    + b"info tasks_running 0\ninfo worker-end-time 0\n"
)  # fmt: skip
ANSWERS = b"result 0 0 3 2846 7\nhi\ninfo tasks_running 0\nend\nfile file-1-a 5\nabcdeend\n"
TASK = (
    b"put file-0-in 4 0644\nget task 7\ncmd 5\nget \ncategory default\ncores 1.000\n"
    b"disk 1\noutfile file-1-a tile/a 0\noutfile file-2-b tile/b 32\nend\n"
)


def pieces(content):
    """All ways to cut bytes into pieces."""
    return st.lists(st.integers(0, len(content)), max_size=20).map(
        lambda cuts: [
            content[a:b]
            for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True)
        ]
    )


def speech():
    """A parser for a worker that is asked for results and for one file of up to 5 bytes."""
    parser = WorkerParser()
    parser.expect_results()
    parser.expect_file("file-1-a", Allowance(5))
    return parser


def verdict(parts):
    """The parsed messages, with the bytes of files joined, and the refusal, if any."""
    parser, messages, content = speech(), [], b""
    try:
        for part in parts:
            for message in parser.feed(part):
                if isinstance(message, FileContent):
                    content += message.content
                else:
                    messages.append(message)
    except ProtocolError as refusal:
        return str(refusal)
    return messages, content


@given(st.data())
def test_a_worker_s_words_mean_the_same_in_whatever_pieces_they_come(data):
    whole = INTRODUCTION + ANSWERS
    assert verdict(data.draw(pieces(whole))) == verdict([whole])
    messages, content = verdict([whole])
    assert messages[0] == Hello(9, "alpha", "Linux x86_64 8.0.0")
    assert content == b"abcde"
    assert TaskReport(7, (0, 0, 3, 2846, 7), b"hi\n") in messages
    assert messages[-2:] == [FileBegin("file-1-a", 5), FileEnd("file-1-a")]


_LINES = st.sampled_from(
    [
        HELLO, INTRODUCTION, ANSWERS, b"alive\n", b"end\n", b"file ../x 5\n", b"dir file-1-a 0\n",
        b"file file-1-a 6\n", b"resource cores -1 -1 -1\n", b"\n", b"x" * 5000, b"\0\xff\n", b"end",
        b"result 0 0 -1 0 7\n", b"missing file-1-a 2\n", b"info a b\n",
    ]
)  # fmt: skip


@given(st.data())
def test_a_stranger_s_words_meet_the_same_refusal_in_whatever_pieces_they_come(data):
    said = data.draw(st.lists(_LINES | st.binary(max_size=30), max_size=8).map(b"".join))
    told, again = verdict([said]), verdict(data.draw(pieces(said)))
    assert told == again


@given(st.data())
def test_what_the_queue_says_is_passed_on_to_the_byte_but_for_what_the_gate_answers(data):
    said = TASK + b"send_results -1\nget file-1-a 1\nkill 7\nunlink file-1-a\n"
    parser = QueueParser()
    found = [message for part in data.draw(pieces(said)) for message in parser.feed(part)]
    passed = b"".join(message.content for message in found if isinstance(message, Passthrough))
    assert passed == said.replace(b"send_results -1\nget file-1-a 1\n", b"")
    (task,) = [message.task for message in found if isinstance(message, TaskAssigned)]
    assert (task.number, task.outputs, task.most_bytes) == (7, ["file-1-a", "file-2-b"], 2 << 20)
    others = [
        message
        for message in found
        if isinstance(message, ResultsRequest | FileRequest | TaskKilled)
    ]
    assert others == [ResultsRequest(), FileRequest("file-1-a"), TaskKilled(7)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (b"GET / HTTP/1.1\n", "its first line is no worker's"),
        (b"workqueue nine alpha Linux x86_64 8.0.0\n", "its first line is no worker's"),
        (HELLO + b"resource cores -3 1 1\n", "no number of anything it may have"),
        (HELLO + b"resource memory 99999999999 1 1\n", "more than any machine has"),
        (HELLO + b"resource memory 1e9 1 1\n", "no number of anything it may have"),
        (HELLO + b"resource souls 1 1 1\n", "no number of anything it may have"),
        (HELLO + b"info worker-id a b\n", "which no worker says"),
        (HELLO + b"info worker-id (null)\n", "which is no worker's name"),
        (HELLO + b"info worker-id x\rTASK\n", "which no worker says"),
        (HELLO + b"feature \x1b[2J\n", "which no worker says"),
        (HELLO + b"feature \n", "which no worker says"),
        (HELLO + b"resource cores 1 1 1\ninfo end_of_resource_update 0\n", "how much disk it has"),
        (HELLO + HELLO, "which no worker says"),
        (HELLO + b"x" * (LONGEST_LINE + 1), "a line that has no end"),
        (HELLO + b"update 1 1 1 1\n", "which no worker says"),
        (HELLO + b"result 0 0 0 0 7 8\n", "asked for results"),
        (HELLO + b"result 0 0 99999999 0 7\n", "ours print next to none"),
        (HELLO + b"file file-1-a 1\n", "asked for results"),
        (HELLO + b"end\ndir file-1-a 0\n", "a directory where a plain file was asked for"),
        (HELLO + b"end\nsymlink file-1-a 3\n", "a link where a plain file was asked for"),
        (HELLO + b"end\nfile file-1-a/../../x 5\n", "that nobody had asked for"),
        (HELLO + b"end\nfile ../x 5\n", "that nobody had asked for"),
        (HELLO + b"end\nfile /tmp/x 5\n", "that nobody had asked for"),
        (HELLO + b"end\nfile file-1-a -1\n", "asked for a file it said"),
        (HELLO + b"end\nfile file-1-a 6\n", "more than its task may have on disk"),
        (HELLO + b"end\nfile file-1-a 9223372036854775808\n", "asked for a file it said"),
        (HELLO + b"end\nfile file-1-a 1\naalive\n", "instead of its end"),
        (HELLO + b"end\nmissing other 2\n", "that nobody had asked for"),
        (HELLO + b"end\nmissing file-1-a 2\nend\nend\n", "which nobody had asked for"),
    ],
)  # fmt: skip
def test_what_no_worker_says_is_refused_with_one_sentence(said, sentence):
    refused = verdict([said])
    assert isinstance(refused, str)
    assert sentence in refused
    assert refused.isprintable()


def test_numbers_of_protocol_11_are_taken():
    told = verdict([HELLO + b"resource cores 1.000000 1.000000 1.000000\n"])[0]
    assert told[1] == SelfReport(b"resource cores 1.000000 1.000000 1.000000")


def test_a_host_without_a_name_of_its_own_has_none():
    for host in (b"\x80\x01", b"a b", b"x) running CCTools version (y"):
        assert verdict([HELLO.replace(b"alpha", host)])[0][0].host == ""


def collect(tmp_path):
    """A collector that was given a task with two files."""
    parser = WorkerParser()
    parser.feed(INTRODUCTION)
    collector = Collector(parser, tmp_path, lambda error: None)
    (task,) = [
        message.task for message in QueueParser().feed(TASK) if isinstance(message, TaskAssigned)
    ]
    collector.task_assigned(task)
    return parser, collector


def say(parser, collector, said):
    """Let a worker speak; return what the gate says to it and to the queue."""
    to_worker, to_queue = b"", b""
    for message in parser.feed(said):
        ours, theirs = collector.hear(message)
        to_worker, to_queue = to_worker + ours, to_queue + theirs
    return to_worker, to_queue


def test_the_queue_hears_of_a_result_when_all_of_it_is_there(tmp_path):
    parser, collector = collect(tmp_path)
    assert say(parser, collector, b"available_results\n") == (b"send_results -1\n", b"")
    asked = say(parser, collector, b"result 0 0 0 5 7\nend\n")
    assert asked == (b"get file-1-a 1\nget file-2-b 1\n", b"")
    assert say(parser, collector, b"file file-1-a 3\nabcend\n") == (b"", b"")
    assert say(parser, collector, b"missing file-2-b 2\nend\n") == (b"", b"available_results\n")
    assert collector.results_answer() == b"result 0 0 0 5 7\nend\n"
    stand_in = b"eemt-arrived file-1-a 3\n"
    answer = b"file file-1-a %d\n%send\n" % (len(stand_in), stand_in)
    assert collector.file_answer("file-1-a") == answer
    assert (tmp_path / "file-1-a").read_bytes() == b"abc"
    assert collector.file_answer("file-2-b") == b"missing file-2-b 2\nend\n"
    assert not parser.owes


def test_what_the_queue_has_taken_back_is_not_shown_to_it(tmp_path):
    parser, collector = collect(tmp_path)
    for said in (b"available_results\n", b"result 0 0 0 5 7\nend\n", b"file file-1-a 3\nabc"):
        say(parser, collector, said)
    collector.task_killed(7)
    assert say(parser, collector, b"end\nmissing file-2-b 2\nend\n") == (b"", b"")
    assert collector.results_answer() == b"end\n"
    assert list(tmp_path.iterdir()) == []


def test_a_task_is_told_of_once(tmp_path):
    parser, collector = collect(tmp_path)
    say(parser, collector, b"available_results\n")
    with pytest.raises(ProtocolError, match="one task twice"):
        say(parser, collector, b"result 0 0 0 5 7\nresult 0 0 0 5 7\n")


def test_files_of_a_task_together_are_as_large_as_its_disk_at_most(tmp_path):
    parser, collector = collect(tmp_path)
    say(parser, collector, b"available_results\n")
    say(parser, collector, b"result 0 0 0 5 7\nend\n")
    most = 2 << 20  # one MB of disk, and one for a log
    say(parser, collector, b"file file-1-a %d\n" % (most - 1) + b"x" * (most - 1) + b"end\n")
    with pytest.raises(ProtocolError, match="more than its task may have on disk"):
        say(parser, collector, b"file file-2-b 2\n")
    collector.close()


@given(st.lists(st.integers(0, 700_000), max_size=8), st.data())
def test_a_backlog_gives_back_what_was_put_in_it_in_order(tmp_path_factory, sizes, data):
    folder = tmp_path_factory.getbasetemp()

    async def work():
        memory = Memory(1 << 20)
        backlog, given_back, put = SendBuffer(folder, memory), b"", b""
        try:
            for number, size in enumerate(sizes):
                content = bytes([number]) * size
                backlog.put(content)
                put += content
                while len(backlog) and data.draw(st.booleans()):
                    given_back += await backlog.take()
            while len(backlog):
                given_back += await backlog.take()
        finally:
            backlog.close()
        assert given_back == put
        assert memory.take(1 << 20)

    asyncio.run(work())


def test_backlogs_share_their_memory_and_give_back_what_nobody_took(tmp_path):
    memory = Memory(10)
    first, second = SendBuffer(tmp_path, memory), SendBuffer(tmp_path, memory)
    try:
        first.put(b"1234567")
        second.put(b"12345")  # goes into a file
        assert not memory.take(4)
        assert asyncio.run(second.take()) == b"12345"
        first.put(b"890")
        first.close()
        assert len(first) == 0
        second.put(b"1234567890")
        assert not memory.take(1)
        assert asyncio.run(second.take()) == b"1234567890"
        assert memory.take(10)
    finally:
        first.close()
        second.close()


@pytest.mark.parametrize("packed", [bytes, zlib.compress, lambda b: b"\x1a" + zlib.compress(b)])
def test_a_catalog_is_told_the_gate_s_port(packed):
    report = json.dumps({"type": "wq_master", "port": 20000, "project": "peaks"}).encode()
    told = json.loads(rewritten(packed(report), ProjectAddress(9123)))
    assert told == {"type": "wq_master", "port": 9123, "project": "peaks"}
    told = json.loads(rewritten(packed(report), ProjectAddress(9123, "10.0.0.1")))
    assert [place["host"] for place in told["network_interfaces"]] == ["10.0.0.1"]


@pytest.mark.parametrize("report", [b"", b"\xff", b"[]", b"{}", b"null", b"x" * 100])
def test_what_is_no_report_is_told_to_no_catalog(report):
    assert rewritten(report, ProjectAddress(9123)) == b""
