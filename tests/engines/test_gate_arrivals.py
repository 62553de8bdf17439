"""The gate writes what workers send, whole or not at all; the queue gets stand-ins."""

import asyncio
import errno
import os
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eemt_core.engines.work_queue.gate.arrivals import ArrivingFile, arrival_name, clear
from eemt_core.engines.work_queue.gate.collector import Collector
from eemt_core.engines.work_queue.gate.inflow import Inflow, Reader
from eemt_core.engines.work_queue.gate.protocol import TaskDescription
from eemt_core.engines.work_queue.gate.worker_parser import WorkerParser
from eemt_core.engines.work_queue.incoming import Incoming
from eemt_core.engines.work_queue.stand_in import StandIn

HELLO = b"workqueue 9 alpha Linux x86_64 8.0.0\n"
TOKEN = "0c9c07b09cb86ad60d451ef77de0b905"
NAME = f"file-2-2c3b4f21324a95e9e8aab61be248ad35-{TOKEN}"
CONTENT = b"file-2\nend\n\0\xff" * 9  # looks like lines


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def worker(folder, report=lambda error: None, most_bytes=1000, names=(NAME,)):
    """The gate's side of a worker that has ended task 7 and is asked for its files."""
    parser = WorkerParser()
    parser.feed(HELLO)
    collector = Collector(parser, folder, report)
    collector.task_assigned(TaskDescription(7, list(names), most_bytes))
    hear(parser, collector, b"available_results\n")
    told = hear(parser, collector, b"result 0 0 0 5 7\nend\n")
    assert told[0].endswith(b"".join(b"get %s 1\n" % name.encode() for name in names))
    return parser, collector


def hear(parser, collector, *parts):
    """Let the worker say something; return what it and the queue are told."""
    to_worker, to_queue = b"", b""
    for part in parts:
        received = bytearray(part)
        for message in parser.feed(memoryview(received)):
            ours, theirs = collector.hear(message)
            to_worker, to_queue = to_worker + ours, to_queue + theirs
        received[:] = bytes(len(received))  # the buffer is used again
    return to_worker, to_queue


def sent(content, name=NAME):
    return b"file %s %d\n%send\n" % (name.encode(), len(content), content)


def answer(name, content):
    return b"file %s %d\n%send\n" % (name.encode(), len(content), content)


@pytest.mark.parametrize("cut", range(len(sent(CONTENT)) + 1))
def test_a_file_is_the_same_wherever_its_bytes_are_cut(tmp_path, cut):
    parser, collector = worker(tmp_path)
    whole = sent(CONTENT)
    assert hear(parser, collector, whole[:cut], whole[cut:])[1] == b"available_results\n"
    stand_in = StandIn(TOKEN, len(CONTENT)).written()
    assert collector.file_answer(NAME) == answer(NAME, stand_in)
    assert files_of(tmp_path) == {TOKEN: CONTENT}
    collector.close()
    assert files_of(tmp_path) == {TOKEN: CONTENT}, "it is the manager's"


def test_a_worker_lost_in_mid_file_leaves_nothing(tmp_path):
    parser, collector = worker(tmp_path, names=(NAME, "file-1-a"))
    hear(parser, collector, sent(CONTENT), sent(CONTENT, "file-1-a")[:30])
    assert len(files_of(tmp_path)) == 2
    collector.close()
    assert files_of(tmp_path) == {}


def test_what_the_queue_has_not_asked_for_is_not_the_manager_s(tmp_path):
    parser, collector = worker(tmp_path)
    hear(parser, collector, sent(CONTENT))
    assert TOKEN not in files_of(tmp_path)
    collector.task_killed(7)
    assert files_of(tmp_path) == {}
    assert collector.file_answer(NAME) == b"missing %s 2\nend\n" % NAME.encode()


def test_a_task_that_another_worker_gets_has_nothing_of_the_first_one_s(tmp_path):
    parser, collector = worker(tmp_path)
    hear(parser, collector, sent(CONTENT))
    collector.file_answer(NAME)  # and the worker is lost before the queue has it all
    second, of_second = worker(tmp_path)
    assert files_of(tmp_path) == {}
    hear(second, of_second, sent(b"other"))
    of_second.file_answer(NAME)
    collector.close()
    assert files_of(tmp_path) == {TOKEN: b"other"}


def test_an_empty_file_needs_no_stand_in(tmp_path):
    parser, collector = worker(tmp_path)
    hear(parser, collector, sent(b""))
    assert collector.file_answer(NAME) == answer(NAME, b"")


def test_a_full_disk_is_told_and_the_worker_stays(tmp_path):
    """A limit on the size of files fails writes as a full disk does."""
    script = textwrap.dedent(
        f"""
        import resource, signal, sys
        from pathlib import Path
        sys.path[:0] = {sys.path!r}
        from test_gate_arrivals import CONTENT, NAME, hear, sent, worker
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        told, folder = [], Path({str(tmp_path)!r})
        parser, collector = worker(folder, told.append, 1 << 20)
        resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, 70_000))
        large = sent(bytes(100_000))
        assert hear(parser, collector, large[:50_000], large[50_000:])[1] == b"available_results\\n"
        print(collector.file_answer(NAME).decode(), told, list(folder.iterdir()), parser.owes)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=os.path.dirname(__file__), capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.stdout == f"missing {NAME} 27\nend\n [{errno.EFBIG}] [] False\n", done.stderr


def test_a_folder_that_is_gone_is_an_error_of_the_file(tmp_path):
    file = ArrivingFile(tmp_path / "gone", 3)
    file.add(b"abc")
    file.complete()
    assert (file.error, file.size, file.deliver(NAME)) == (errno.ENOENT, 3, None)


def test_room_is_reserved_for_a_large_file_a_little_ahead(tmp_path):
    file, part = ArrivingFile(tmp_path, 80 << 20), bytes(range(256)) * 4096
    for number in range(80):
        file.add(part)
        (path,) = tmp_path.iterdir()
        assert (number + 1) << 20 <= path.stat().st_size <= (number + 34) << 20
    file.complete()
    assert file.deliver(NAME) == StandIn(TOKEN, 80 << 20)
    assert (tmp_path / TOKEN).read_bytes() == part * 80


def test_files_lie_under_the_name_that_the_manager_chose():
    assert arrival_name(NAME) == TOKEN
    assert arrival_name("file-1-a/../b") == "file-1-a_.._b"


@pytest.mark.parametrize(
    "content",
    [b"", b"eemt-arrived a 1", b"eemt-arrived ../a 1\n", b"eemt-arrived .. 1\n", b"\n",
     b"eemt-arrived a -1\n", b"eemt-arrived a 1\n\n", b"eemt-arrived a b 1\n", b"II*\0" * 500],
)  # fmt: skip
def test_what_is_no_stand_in_names_no_file(content):
    assert StandIn.read(content) is None


def incoming_with(tmp_path, *names):
    """The manager's folders, with a task that leaves files; and the names of their stand-ins."""
    incoming = Incoming(tmp_path / "state")
    (tmp_path / "target").mkdir()
    return incoming, tmp_path / "target", incoming.expect("one", names)


def test_the_manager_takes_what_arrived_and_what_is_too_late_goes(tmp_path):
    incoming, target, tokens = incoming_with(tmp_path, "a", "b", "c", "d")
    for name in "abd":
        (incoming.arrived / tokens[name]).write_bytes(b"result " + name.encode())
    for name, size in (("a", 8), ("b", 7), ("c", 8)):  # b is cut short, c is not there
        (incoming.folder / tokens[name]).write_bytes(StandIn(tokens[name], size).written())
    other = incoming.expect("other", ["a"])["a"]
    (incoming.arrived / other).write_bytes(b"of another task")
    (incoming.arrived / ".part-7").write_bytes(b"arrives now")
    incoming.take("one", target)
    assert files_of(target) == {"a": b"result a"}
    assert set(files_of(incoming.arrived)) == {other, ".part-7"}
    assert set(files_of(incoming.folder)) == {other}
    incoming.drop("other")
    assert set(files_of(incoming.arrived)) == {".part-7"}
    clear(incoming.arrived)
    assert files_of(incoming.arrived) == {}


def test_two_results_of_one_tile_are_two_files(tmp_path):
    """Copies of a task that run at once are tasks of their own; the second result is dropped."""
    incoming, target, tokens = incoming_with(tmp_path, "a")
    again = incoming.expect("one again", ["a"])
    for token, content in ((tokens["a"], b"first"), (again["a"], b"later")):
        (incoming.arrived / token).write_bytes(content)
        (incoming.folder / token).write_bytes(StandIn(token, 5).written())
    incoming.take("one", target)
    incoming.drop("one again")
    assert files_of(target) == {"a": b"first"}
    assert files_of(incoming.arrived) == files_of(incoming.folder) == {}


def test_a_new_queue_begins_with_nothing(tmp_path):
    incoming, target, tokens = incoming_with(tmp_path, "a")
    (incoming.arrived / tokens["a"]).write_bytes(b"old")
    (incoming.folder / tokens["a"]).write_bytes(StandIn(tokens["a"], 3).written())
    incoming.empty("one")
    incoming.take("one", target)
    assert files_of(target) == files_of(incoming.arrived) == {}


@settings(deadline=None)
@given(st.binary(max_size=3000), st.lists(st.integers(1, 700), max_size=12), st.integers(0, 3000))
def test_bytes_are_poured_or_read_in_order(content, sizes, poured):
    """Some arrive before they are wanted, and some after; the buffer is the same for all."""

    async def work():
        reader, received = Reader(), bytearray()
        inflow = Inflow(reader, bytearray(256))

        class Transport(asyncio.Transport):
            def pause_reading(self):
                pass

        inflow.connection_made(Transport())
        count = min(poured, len(content))
        rest, task = content, None
        for number, size in enumerate([*sizes, len(content)]):
            while rest and size:
                view = inflow.get_buffer(-1)
                part, rest = rest[: min(size, len(view))], rest[min(size, len(view)) :]
                size -= len(part)
                view[: len(part)] = part
                inflow.buffer_updated(len(part))
            if number == len(sizes) // 2:
                task = asyncio.create_task(inflow.pour(count, received.extend))
            await asyncio.sleep(0)
        inflow.eof_received()
        await task
        assert bytes(received) == content[:count]
        assert reader.held == len(content) - count
        assert await reader.read(5000) == content[count:][:5000]

    asyncio.run(work())


def test_an_end_in_mid_file_is_an_error(tmp_path):
    async def work():
        inflow = Inflow(Reader(), bytearray(10))
        inflow.connection_made(asyncio.Transport())
        task = asyncio.create_task(inflow.pour(5, lambda content: None))
        await asyncio.sleep(0)
        inflow.buffer_updated(3)
        inflow.eof_received()
        with pytest.raises(ConnectionError, match="in the middle of a file"):
            await task
        with pytest.raises(ConnectionError):
            await inflow.pour(5, lambda content: None)

    asyncio.run(work())
