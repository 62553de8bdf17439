"""One worker's connection to the queue, from its introduction to its end."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .buffers import CHUNK, Memory, SendBuffer
from .collector import Collector
from .handshake import Introduction
from .inflow import Inflow, Reader
from .protocol import (
    FileRequest,
    IntroductionEnd,
    Passthrough,
    ProtocolError,
    ResultsRequest,
    SelfReport,
    TaskAssigned,
    TaskKilled,
    WorkerId,
    WorkerMessage,
)
from .queue_parser import QueueParser

# bytes from the queue that wait for a worker; beyond them the queue waits, as without a gate
_MOST_WAITING = 64 << 20
_LINES_PER_S, _LINES_AT_ONCE = 300.0, 3000.0
_SLOWEST_B_S = 8192.0
_GRACE_S = 60.0
_TICK_S = 0.05


@dataclass(frozen=True)
class RelayRules:
    """What all connections have in common.

    Attributes
    ----------
    folder, memory
        Where waits what is sent to a worker, and what of it may wait in memory.
    arrived
        Where results arrive.
    patience_s
        How long a worker may stand still in the middle of a transfer.
    report_full
        Called with the number of the system's error where a result cannot be written.
    """

    folder: Path
    memory: Memory
    arrived: Path
    patience_s: float
    report_full: Callable[[int], None]


class Relay:
    """Passes messages between one worker and the queue, as far as they are allowed."""

    def __init__(
        self,
        introduction: Introduction,
        worker: tuple[Reader, Inflow, StreamWriter],
        queue: tuple[StreamReader, StreamWriter],
        rules: RelayRules,
    ) -> None:
        self._from_worker, self._inflow, self._to_worker = worker
        self._from_queue, self._to_queue = queue
        self._more, self._parser = introduction.more, introduction.parser
        self._queue_parser = QueueParser()
        self._collector = Collector(introduction.parser, rules.arrived, rules.report_full)
        self._for_worker = SendBuffer(rules.folder, rules.memory)
        self._own_questions = b""  # for the worker, which is still being sent a message
        self._for_queue: asyncio.Queue[bytes] = asyncio.Queue(1000)
        self._patience_s = rules.patience_s
        self._received = self._sent = 0
        self._moved = self._idle = (0, time.monotonic())  # bytes, and when
        self._lines, self._counted = _LINES_AT_ONCE, time.monotonic()
        self._closing = False

    async def run(self) -> None:
        """Run until one side closes its connection.

        Raises
        ------
        ProtocolError
            If the worker breaks the protocol or is too slow.
        """
        listening = asyncio.create_task(self._read_worker())
        parts = [
            asyncio.create_task(part)
            for part in (
                self._read_queue(),
                self._write_worker(),
                self._write_queue(),
                self._watch(),
            )
        ]
        try:
            done, _ = await asyncio.wait([listening, *parts], return_when=asyncio.FIRST_COMPLETED)
            if listening in done and listening.exception() is None:
                await self._flush_queue()  # the worker's goodbye may still be on its way
            for part in done:
                part.result()
        except ConnectionError:
            pass
        finally:
            for part in (listening, *parts):
                part.cancel()
            await asyncio.gather(listening, *parts, return_exceptions=True)
            self._collector.close()
            self._for_worker.close()

    async def _read_worker(self) -> None:
        for message in self._more:
            await self._handle(message)
        self._more = []
        while content := await self._from_worker.read(CHUNK):
            self._received += len(content)
            for message in self._parser.feed(content):
                await self._handle(message)
            if self._parser.file_bytes_left:
                await self._inflow.pour(self._parser.file_bytes_left, self._take_content)

    def _take_content(self, content: memoryview) -> None:
        """Take bytes of a file."""
        self._received += len(content)
        for message in self._parser.feed(content):
            self._collector.hear(message)

    async def _handle(self, message: WorkerMessage) -> None:
        match message:
            case SelfReport(line) | IntroductionEnd(line):
                await self._limit_rate()
                await self._for_queue.put(line + b"\n")
            case WorkerId():
                raise ProtocolError("it called itself by another name")
            case _:
                to_worker, to_queue = self._collector.hear(message)
                self._own_questions += to_worker
                self._ask_worker()
                if to_queue:
                    await self._for_queue.put(to_queue)

    def _ask_worker(self) -> None:
        """Send our own questions to the worker unless they would stand within another message."""
        if self._own_questions and not self._queue_parser.is_within_message:
            self._for_worker.put(self._own_questions)
            self._own_questions = b""

    async def _limit_rate(self) -> None:
        """Limit how many lines about itself a worker sends to the queue in a second."""
        while True:
            now = time.monotonic()
            self._lines += (now - self._counted) * _LINES_PER_S
            self._lines, self._counted = min(self._lines, _LINES_AT_ONCE), now
            if self._lines >= 1:
                self._lines -= 1
                return
            await asyncio.sleep(_TICK_S)

    async def _read_queue(self) -> None:
        while content := await self._from_queue.read(CHUNK):
            for message in self._queue_parser.feed(content):
                match message:
                    case Passthrough(content):
                        self._for_worker.put(content)
                    case TaskAssigned(task):
                        self._collector.task_assigned(task)
                    case TaskKilled(number):
                        self._collector.task_killed(number)
                    case ResultsRequest():
                        await self._for_queue.put(self._collector.results_answer())
                    case FileRequest(name):
                        await self._for_queue.put(self._collector.file_answer(name))
            self._ask_worker()
            while len(self._for_worker) > _MOST_WAITING:
                await asyncio.sleep(_TICK_S)
        with suppress(TimeoutError):  # what the queue sent last, for example a release
            async with asyncio.timeout(self._patience_s):
                while len(self._for_worker):
                    await asyncio.sleep(_TICK_S)

    async def _write_worker(self) -> None:
        while True:
            content = await self._for_worker.take()
            self._to_worker.write(content)
            await self._to_worker.drain()
            self._sent += len(content)

    async def _write_queue(self) -> None:
        while True:
            self._to_queue.write(await self._for_queue.get())
            await self._to_queue.drain()
            self._for_queue.task_done()

    async def _flush_queue(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s):
                await self._for_queue.join()
                await self._to_queue.drain()

    async def _watch(self) -> None:
        """End the connection of a worker that sends nothing of what it owes or reads nothing."""
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            moved = self._received + self._sent - self._not_yet_taken()
            if moved != self._moved[0]:
                self._moved = (moved, now)
            if not self._parser.owes and not self._not_yet_taken() and not len(self._for_worker):
                self._moved = self._idle = (moved, now)
                continue
            if now - self._moved[1] > self._patience_s:
                raise ProtocolError(f"it stood still in mid-transfer for {self._patience_s:.0f} s")
            took_s = now - self._idle[1] - _GRACE_S
            if moved - self._idle[0] < took_s * _SLOWEST_B_S:
                raise ProtocolError(f"it transfers less than {_SLOWEST_B_S / 1024:.0f} kB a second")

    def _not_yet_taken(self) -> int:
        """Return how many bytes the system still holds for the worker."""
        there = self._to_worker.get_extra_info("socket")
        with suppress(OSError):
            held = fcntl.ioctl(there.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
            return int(struct.unpack("i", held)[0])
        return 0
