"""The queue's status pages, which anybody may read where there is no password."""

from __future__ import annotations

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable

from .buffers import CHUNK

_FRESH_S = 1.0
_LONGEST = 16 << 20
_PATIENCE_S = 30.0
_KEPT = 8


class StatusPages:
    """Asks the queue for a page at most once a second, however many clients ask.

    Parameters
    ----------
    connect
        Opens a connection to the queue.
    """

    def __init__(self, connect: Callable[[], Awaitable[tuple[StreamReader, StreamWriter]]]) -> None:
        self._connect = connect
        self._known: dict[bytes, tuple[float, bytes]] = {}
        self._one = asyncio.Lock()

    async def read(self, question: bytes) -> bytes:
        """Return the answer to a question as it stands."""
        async with self._one:
            when, page = self._known.get(question, (0.0, b""))
            if not when or time.monotonic() - when > _FRESH_S:
                async with asyncio.timeout(_PATIENCE_S):
                    page = await self._ask(question)
                if len(self._known) >= _KEPT:
                    self._known.clear()
                self._known[question] = (time.monotonic(), page)
            return page

    async def _ask(self, question: bytes) -> bytes:
        reader, writer = await self._connect()
        try:
            writer.write(question + (b"\r\n" if question.startswith(b"GET ") else b""))
            page = bytearray()
            while (content := await reader.read(CHUNK)) and len(page) < _LONGEST:
                page += content
            return bytes(page)
        finally:
            writer.close()
