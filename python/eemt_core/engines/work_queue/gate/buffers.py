"""What waits for a worker: in memory while it is small, else in a file without a name."""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from pathlib import Path
from typing import IO

CHUNK = 1 << 18
_MEMORY = 1 << 20


class SendBuffer:
    """Bytes for a peer that reads slowly: first in, first out.

    The queue serves no other worker while it sends; so whatever it sends is read at once and waits
    here.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory: deque[bytes] = deque()
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._read = self._written = 0
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return self._in_memory + self._written - self._read

    def put(self, content: bytes) -> None:
        """Append bytes."""
        if self._file is None and self._in_memory + len(content) > _MEMORY:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        if self._file is None:
            self._memory.append(content)
            self._in_memory += len(content)
        else:
            self._file.seek(self._written)
            self._file.write(content)
            self._written += len(content)
        self._news.set()

    async def take(self) -> bytes:
        """Return the next bytes, waiting until there are any."""
        while not len(self):
            self._news.clear()
            await self._news.wait()
        if self._memory:
            content = self._memory.popleft()
            self._in_memory -= len(content)
            return content
        assert self._file is not None
        self._file.seek(self._read)
        content = self._file.read(min(CHUNK, self._written - self._read))
        self._read += len(content)
        if self._read == self._written:
            self.close()
        return content

    def close(self) -> None:
        """Remove what waits in a file."""
        if self._file is not None:
            self._file.close()
        self._file, self._read, self._written = None, 0, 0
