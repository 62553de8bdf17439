"""Work Queue's password check: each side sends a challenge and answers the other's by SHA-1.

Work Queue's own manager answers before it has seen the worker's answer. A stranger could have it
answer its own challenge, or try passwords offline on that answer. Here the worker answers first,
and one that does not know the password gets random digits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from asyncio import StreamReader, StreamWriter

GREETING = b"auth password sha1\n"
_LENGTH = 63


class WrongPasswordError(Exception):
    """The peer does not know it."""


def answer_to(password: str, challenge: bytes) -> bytes:
    """Return the answer to a challenge, in hexadecimal figures."""
    return hashlib.sha1(password.encode() + b" " + challenge).hexdigest().encode()


async def admit(reader: StreamReader, writer: StreamWriter, password: str) -> None:
    """Let a worker show that it knows the password, then show it that we do; its greeting is read.

    Raises
    ------
    WrongPasswordError
        If it does not.
    """
    own = secrets.token_hex(_LENGTH)[:_LENGTH].encode()
    writer.write(own + b"\n")
    theirs = await _line(reader)
    knows = hmac.compare_digest(await _line(reader), answer_to(password, own)) and theirs != own
    answer = answer_to(password, theirs) if knows else secrets.token_hex(20).encode()
    writer.write(answer + (b"\nok\n" if knows else b"\nfailure\n"))
    await writer.drain()
    if not knows or await _line(reader) != b"ok":
        raise WrongPasswordError


async def enter(reader: StreamReader, writer: StreamWriter, password: str) -> None:
    """Show the queue that we know its password, as a worker does."""
    writer.write(GREETING)
    if await _line(reader) != GREETING.strip():
        raise ConnectionError("the queue asks for no password")
    theirs = await _line(reader)
    own = secrets.token_hex(_LENGTH)[:_LENGTH].encode()
    writer.write(own + b"\n" + answer_to(password, theirs) + b"\n")
    if await _line(reader) != answer_to(password, own) or await _line(reader) != b"ok":
        raise ConnectionError("the queue does not know its password")
    writer.write(b"ok\n")


async def _line(reader: StreamReader) -> bytes:
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise ConnectionError("it hung up in the middle of a line")
    return line.strip()
