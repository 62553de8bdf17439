"""The handshake with a new connection, before the queue hears of it."""

from __future__ import annotations

import re
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass, field

from ....worker.probe_host import PROBE_HOST
from .buffers import CHUNK
from .challenge import GREETING, WrongPasswordError, admit
from .protocol import (
    LONGEST_LINE,
    Hello,
    IntroductionEnd,
    ProtocolError,
    SelfReport,
    WorkerId,
    WorkerMessage,
)
from .worker_parser import WorkerParser

_STATUS_QUERY = re.compile(
    rb"(?:GET /(?:[a-z]{1,20}_status)? HTTP/1\.[01]\r?|[a-z]{1,20}_status)\n"
)
_MOST_LINES = 200
_END_TIME = b"info worker-end-time "


class NotAdmittedError(Exception):
    """A connection is refused.

    Attributes
    ----------
    protocol, detail
        The peer's where its protocol is the reason, and what was wrong with its introduction
        where that is.
    """

    def __init__(self, why: str, *, protocol: int = 0, detail: str = "") -> None:
        super().__init__(why)
        self.why, self.protocol, self.detail = why, protocol, detail


@dataclass(frozen=True)
class StatusQuery:
    """A request for one of the queue's status pages; `line` as it was asked."""

    line: bytes


@dataclass
class Introduction:
    """What a new worker has told of itself.

    Attributes
    ----------
    parser
        Of the worker's messages, for those that follow.
    lines
        What it told since its hello, to be passed on. The last one ends its resources: with it the
        queue gives tasks, so that it hears before when the worker has to leave.
    more
        Messages that have arrived already and follow the introduction.
    """

    parser: WorkerParser
    hello: Hello
    worker: str
    lines: list[bytes] = field(default_factory=list)
    more: list[WorkerMessage] = field(default_factory=list)


async def shake_hands(
    reader: StreamReader, writer: StreamWriter, *, password: str, protocol: int
) -> Introduction | StatusQuery:
    """Read until a connection has shown whether it is a worker.

    Raises
    ------
    NotAdmittedError
        If it has another protocol or password, or begins as a worker does and goes on otherwise.
    ProtocolError, ConnectionError
        If it is no worker.
    """
    if password:
        writer.write(GREETING)
    first = await _first_line(reader)
    if password:
        if first != GREETING:
            raise NotAdmittedError("none given")
        try:
            await admit(reader, writer, password)
        except WrongPasswordError:
            raise NotAdmittedError("password") from None
        first = await _first_line(reader)
    elif first == GREETING:
        raise NotAdmittedError("no password here")
    elif _STATUS_QUERY.fullmatch(first):
        return StatusQuery(first)
    return await _introduction(reader, first, protocol)


async def _first_line(reader: StreamReader) -> bytes:
    try:
        line = await reader.readline()
    except ValueError:
        line = b""
    if not line.endswith(b"\n") or len(line) > LONGEST_LINE:
        raise ProtocolError("its first line is no worker's")
    return line


async def _introduction(reader: StreamReader, first: bytes, protocol: int) -> Introduction:
    parser = WorkerParser()
    hello, *_ = parser.feed(first)
    assert isinstance(hello, Hello)
    if hello.protocol != protocol:
        raise NotAdmittedError(
            "" if hello.host == PROBE_HOST else "protocol", protocol=hello.protocol
        )
    try:
        return await _rest_of_introduction(reader, Introduction(parser, hello, ""))
    except ProtocolError as error:
        raise NotAdmittedError("introduction", detail=str(error)) from None


async def _rest_of_introduction(reader: StreamReader, introduction: Introduction) -> Introduction:
    parser, end, is_time_told = introduction.parser, b"", False
    while content := await reader.read(CHUNK):
        messages = parser.feed(content)
        for place, message in enumerate(messages):
            match message:
                case WorkerId(worker) if not introduction.worker:
                    introduction.worker = worker
                case SelfReport(line):
                    introduction.lines.append(line)
                    is_time_told = is_time_told or line.startswith(_END_TIME)
                case IntroductionEnd(line) if introduction.worker and not end:
                    end = line
                case _:
                    raise ProtocolError("it did not introduce itself as a worker does")
            if end and is_time_told:
                introduction.lines.append(end)
                introduction.more = messages[place + 1 :]
                return introduction
            if len(introduction.lines) > _MOST_LINES:
                raise ProtocolError("it speaks of itself without end")
    raise ConnectionError("it hung up")
