"""What waits for workers: in memory while all of it is small, else in files without a name."""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from pathlib import Path
from typing import IO

CHUNK = 1 << 18


class Memory:
    """The bytes of memory that all buffers have together, of which each takes what it needs."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, count: int) -> bool:
        """Take so many bytes; False if there are fewer."""
        is_there = count <= self._left
        self._left -= count if is_there else 0
        return is_there

    def give_back(self, count: int) -> None:
        """Give bytes back that were taken."""
        self._left += count


class SendBuffer:
    """Bytes for a peer that reads slowly: first in, first out.

    The queue serves no other worker while it sends; so whatever it sends is read at once and waits
    here.
    """

    def __init__(self, folder: Path, shared: Memory) -> None:
        self._folder, self._shared = folder, shared
        self._memory: deque[bytes] = deque()
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._read = self._written = 0
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return self._in_memory + self._written - self._read

    def put(self, content: bytes) -> None:
        """Append bytes."""
        if self._file is None and not self._shared.take(len(content)):
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
            self._shared.give_back(len(content))
            return content
        assert self._file is not None
        self._file.seek(self._read)
        content = self._file.read(min(CHUNK, self._written - self._read))
        self._read += len(content)
        if self._read == self._written:
            self._drop_file()
        return content

    def close(self) -> None:
        """Remove all that waits."""
        self._shared.give_back(self._in_memory)
        self._memory.clear()
        self._in_memory = 0
        self._drop_file()

    def _drop_file(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._read, self._written = None, 0, 0
