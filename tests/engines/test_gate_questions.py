"""The gate's own questions to a worker come between the queue's messages, never within one."""

import asyncio
import socket

import pytest

from eemt_core.engines.work_queue.gate.buffers import Memory
from eemt_core.engines.work_queue.gate.handshake import Introduction
from eemt_core.engines.work_queue.gate.inflow import Inflow, Reader
from eemt_core.engines.work_queue.gate.relay import Relay, RelayRules
from eemt_core.engines.work_queue.gate.worker_parser import WorkerParser

INTRODUCTION = (
    b"workqueue 9 alpha Linux x86_64 8.0.0\ninfo worker-id worker-1\nalive\n"
    b"resource workers 1 1 1\nresource disk 500 500 500\nresource memory 500 500 500\n"
    b"resource cores 2 2 2\nresource gpus 0 0 0\ninfo end_of_resource_update 0\n"
)
CONTENT = bytes(range(256)) * 4000
HEADER = b"put file-1-dem.npy %d 0644\n" % len(CONTENT)
TASK = (
    b"task 7\n", b"cmd 14\n", b"python3\n", b"-m x 1", b"category default\n", b"cores 1.000\n",
    b"disk 1\n", b"infile file-1-dem.npy tile/dem.npy 0\n", b"outfile file-2-x tile/x 0\n",
    b"end\n",
)  # fmt: skip
QUESTION = b"send_results -1\n"


async def said_to_a_worker(folder, parts, *, is_asked_at_once=False):
    """Return what a worker hears that tells of results after the first part."""
    pairs = [socket.socketpair() for _ in range(2)]
    worker, queue, gate_queue_side = [
        await asyncio.open_connection(sock=end) for end in (pairs[0][0], *pairs[1])
    ]
    reader = Reader()
    inflow, loop = Inflow(reader, bytearray(1 << 16)), asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(lambda: inflow, pairs[0][1])
    gate_writer = asyncio.StreamWriter(transport, inflow, reader, loop)
    rules = RelayRules(folder, Memory(1 << 20), folder, 30.0, lambda error: None)
    parser = WorkerParser()
    hello = parser.feed(INTRODUCTION)[0]
    introduction = Introduction(parser, hello, "worker-1")
    relay = Relay(introduction, (reader, inflow, gate_writer), gate_queue_side, rules)
    running = asyncio.create_task(relay.run())
    heard = b""
    first, *others = parts
    queue[1].write(first)
    heard += await worker[0].readexactly(len(first))
    worker[1].write(b"available_results\n")
    left = len(b"".join(others)) + len(QUESTION)
    async with asyncio.timeout(60):
        if is_asked_at_once:
            heard += await worker[0].readexactly(len(QUESTION))
            left -= len(QUESTION)
        else:
            await asyncio.sleep(0.1)  # long enough for a gate that asks at once, which is wrong
        for part in others:
            queue[1].write(part)
        heard += await worker[0].readexactly(left)
    for _, writer in (worker, queue):
        writer.close()
    await running
    for writer in (gate_writer, gate_queue_side[1]):
        writer.close()
    return heard


@pytest.mark.parametrize(
    ("parts", "heard"),
    [
        ((HEADER + CONTENT,), HEADER + CONTENT + QUESTION),
        ((HEADER + CONTENT[:300_000], CONTENT[300_000:]), HEADER + CONTENT + QUESTION),
    ],
    ids=["at once between files", "after the file that is on its way"],
)
def test_results_are_asked_for_between_files(tmp_path, parts, heard):
    assert asyncio.run(said_to_a_worker(tmp_path, parts)) == heard


@pytest.mark.parametrize("lines", range(1, len(TASK)))
def test_results_are_asked_for_after_a_task_of_which_lines_are_on_their_way(tmp_path, lines):
    parts = b"".join(TASK[:lines]), b"".join(TASK[lines:])
    assert asyncio.run(said_to_a_worker(tmp_path, parts)) == b"".join(TASK) + QUESTION


def test_results_are_asked_for_at_once_when_a_task_is_complete(tmp_path):
    parts = b"".join(TASK), b"kill 7\n"
    heard = asyncio.run(said_to_a_worker(tmp_path, parts, is_asked_at_once=True))
    assert heard == parts[0] + QUESTION + parts[1]
