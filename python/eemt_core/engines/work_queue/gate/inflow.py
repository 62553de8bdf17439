"""What arrives from a worker: lines through asyncio's reader, files straight from one buffer.

A reader copies each byte several times and keeps up to two of its limits for each connection. So
while a file arrives its bytes are received into one buffer that all connections share, and handed
on from there at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex

from .buffers import CHUNK

Sink = Callable[[memoryview], None]


class Reader(asyncio.StreamReader):
    """A reader that knows how many bytes it holds."""

    def __init__(self) -> None:
        super().__init__(CHUNK)
        self.held = 0

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        """Take bytes that have arrived."""
        assert isinstance(data, bytes)
        self.held += len(data)
        super().feed_data(data)

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes, waiting for the first."""
        content = await super().read(n)
        self.held -= len(content)
        return content

    async def readuntil(self, separator: Any = b"\n") -> bytes:
        """Return bytes to the end of the first separator; so does `readline`."""
        content = await super().readuntil(separator)
        self.held -= len(content)
        return content


class Inflow(asyncio.StreamReaderProtocol, asyncio.BufferedProtocol):
    """The receiving side of a connection.

    Parameters
    ----------
    buffer
        May be shared by all connections of an event loop: nothing stays in it.
    """

    def __init__(self, reader: Reader, buffer: bytearray) -> None:
        super().__init__(reader)
        self._reader, self._view = reader, memoryview(buffer)
        self._left = 0  # bytes that are still to be poured
        self._sink: Sink | None = None
        self._poured: asyncio.Future[None] | None = None

    async def pour(self, count: int, sink: Sink) -> None:
        """Hand the next `count` bytes to `sink`, which must not keep what it is given.

        Raises
        ------
        ConnectionError
            If the connection ends before.
        """
        while count and self._reader.held:
            content = await self._reader.read(min(count, CHUNK))
            count -= len(content)
            sink(memoryview(content))
        if not count:
            return
        if self._reader.at_eof():
            raise ConnectionError("it hung up in the middle of a file")
        self._poured = asyncio.get_running_loop().create_future()
        self._left, self._sink = count, sink
        try:
            await self._poured
        finally:
            self._left, self._sink, self._poured = 0, None, None

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes are to be put."""
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what has been put there."""
        content = self._view[:nbytes]
        if self._left and self._sink is not None:
            poured = content[: self._left]
            try:
                self._sink(poured)
            except Exception as error:
                self._end(error)
                return
            self._left -= len(poured)
            content = content[len(poured) :]
            if not self._left:
                self._end(None)
        if content:
            self.data_received(bytes(content))

    def eof_received(self) -> bool | None:
        """Note that the peer sends no more."""
        self._end(ConnectionError("it hung up in the middle of a file"))
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection has ended."""
        self._end(ConnectionError("it hung up in the middle of a file"))
        super().connection_lost(exc)

    def _end(self, error: Exception | None) -> None:
        if self._poured is None or self._poured.done():
            return
        self._left, self._sink = 0, None
        if error is None:
            self._poured.set_result(None)
        else:
            self._poured.set_exception(error)
