"""The first words of whoever comes to the port, before the queue hears of it."""

from __future__ import annotations

import re
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass, field

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

PROBE_HOST = "eemt-probe"
"""The host that eemt-worker names when it merely asks which protocol is spoken here."""

_QUESTION = re.compile(rb"(?:GET /(?:[a-z]{1,20}_status)? HTTP/1\.[01]\r?|[a-z]{1,20}_status)\n")
_MOST_LINES = 200


class NotAdmittedError(Exception):
    """Somebody is sent away: `why` as the engine tells it, and the protocol where that is it."""

    def __init__(self, why: str, protocol: int = 0) -> None:
        super().__init__(why)
        self.why, self.protocol = why, protocol


@dataclass(frozen=True)
class StatusQuery:
    """Somebody asks how the queue is doing; `line` as it was asked."""

    line: bytes


@dataclass
class Introduction:
    """A worker that has told all that one tells at first.

    Attributes
    ----------
    lines
        What it told of itself since its hello.
    more
        What it said beyond that.
    """

    speech: WorkerParser
    hello: Hello
    worker: str
    lines: list[bytes] = field(default_factory=list)
    more: list[WorkerMessage] = field(default_factory=list)


async def shake_hands(
    reader: StreamReader, writer: StreamWriter, *, password: str, protocol: int
) -> Introduction | StatusQuery:
    """Listen until it is clear who has come.

    Raises
    ------
    NotAdmittedError
        If it has another protocol or password.
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
    elif _QUESTION.fullmatch(first):
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
    speech = WorkerParser()
    hello, *_ = speech.feed(first)
    assert isinstance(hello, Hello)
    if hello.protocol != protocol:
        raise NotAdmittedError("" if hello.host == PROBE_HOST else "protocol", hello.protocol)
    guest = Introduction(speech, hello, "")
    while content := await reader.read(CHUNK):
        words = speech.feed(content)
        for place, word in enumerate(words):
            match word:
                case WorkerId(worker) if not guest.worker:
                    guest.worker = worker
                case SelfReport(line):
                    guest.lines.append(line)
                case IntroductionEnd(line) if guest.worker:
                    guest.lines.append(line)
                    guest.more = words[place + 1 :]
                    return guest
                case _:
                    raise ProtocolError("it did not introduce itself as a worker does")
            if len(guest.lines) > _MOST_LINES:
                raise ProtocolError("it speaks of itself without end")
    raise ConnectionError("it hung up")
