"""Maps that are kept open, and the checksums of their files.

Opening a map takes several times as long as drawing a tile of it.
"""

from __future__ import annotations

import errno
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rio_tiler.io import Reader

from ...files import sha256_file
from ...rasters import open_map

_MOST_OPEN = 400
"""More than the days of a year, so that a year's course is read from open files; far fewer than the
1024 files that a process may open on most systems."""

_MOST_CHECKSUMS = 20_000
MOST_GONE = 256
"""Folders of removed jobs that are remembered for as long as requests of before may go on."""

_CACHE_MB = "128"

Stamp = tuple[int, int, int]


def _stamp(path: Path) -> Stamp:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


class _OpenMap:
    """One open file; GDAL allows one thread at a time in it."""

    def __init__(self, stamp: Stamp) -> None:
        self.stamp = stamp
        self.lock = threading.Lock()
        self.reader: Reader | None = None
        self.dataset: Any = None
        self.is_over = False

    def close(self) -> None:
        """Close the file when whoever reads has finished."""
        with self.lock:
            self.is_over = True
            if self.dataset is not None:
                self.dataset.close()
            self.reader = self.dataset = None


class Readers:
    """Open maps, the least recently used of which are closed when there are too many."""

    def __init__(self, most_open: int = _MOST_OPEN) -> None:
        # Decompressed blocks, of all maps together. GDAL would take 5 % of the machine's memory,
        # and reads the variable when it is first used; the runs' processes drop it.
        os.environ.setdefault("GDAL_CACHEMAX", _CACHE_MB)
        # Warped cells go through that cache: without it rio-tiler, which asks for values and for
        # their mask, has GDAL warp them twice.
        os.environ.setdefault("GDAL_VRT_WARP_USE_DATASET_RASTERIO", "NO")
        self._most_open = most_open
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[Path, int], _OpenMap] = OrderedDict()
        self._checksums: OrderedDict[tuple[Path, Stamp], Future[str]] = OrderedDict()
        self._gone: deque[Path] = deque(maxlen=MOST_GONE)

    @contextmanager
    def dataset(self, path: Path, level: int = 0) -> Iterator[Any]:
        """Give a map's open file, or that of an overview (`open_map`), to one thread for the block.

        Raises
        ------
        FileNotFoundError
            If the file is gone, or is about to go (`forget`).
        """
        with self._opened(path, level) as held:
            yield held.dataset

    @contextmanager
    def reading(self, path: Path, level: int = 0) -> Iterator[Reader]:
        """Give rio-tiler's reader of what `dataset` gives; raises as that does."""
        with self._opened(path, level) as held:
            if held.reader is None:
                held.reader = Reader(str(path), dataset=held.dataset)
            yield held.reader

    @contextmanager
    def _opened(self, path: Path, level: int) -> Iterator[_OpenMap]:
        while True:
            held = self._held(path, level, _stamp(path))
            with held.lock:
                if held.is_over:  # closed between the two locks
                    continue
                if held.dataset is None:
                    held.dataset = open_map(path, level)
                yield held
                return

    def checksum(self, path: Path) -> str:
        """Return the SHA-256 of a file, worked out once as long as the file stays as it is."""
        key = path, _stamp(path)
        with self._lock:
            found = self._checksums.get(key)
            if is_ours := found is None:
                found = self._checksums[key] = Future()
                while len(self._checksums) > _MOST_CHECKSUMS:
                    self._checksums.popitem(last=False)
            self._checksums.move_to_end(key)
        if is_ours:  # all tiles of a page ask at once; the others wait
            try:
                found.set_result(sha256_file(path))
            except BaseException as error:
                with self._lock:
                    self._checksums.pop(key, None)
                found.set_exception(error)
        return found.result()

    def forget(self, folder: Path) -> None:
        """Close all maps below a folder, for good: open ones would go on to use up the disk."""
        with self._lock:
            self._gone.append(folder)
            gone = [key for key in self._open if key[0].is_relative_to(folder)]
            closing = [self._open.pop(key) for key in gone]
            for key in [key for key in self._checksums if key[0].is_relative_to(folder)]:
                del self._checksums[key]
        for held in closing:
            held.close()

    def close(self) -> None:
        """Close all maps."""
        with self._lock:
            closing = list(self._open.values())
            self._open.clear()
        for held in closing:
            held.close()

    def __len__(self) -> int:
        return len(self._open)

    def _held(self, path: Path, level: int, stamp: Stamp) -> _OpenMap:
        """Return the entry of a file, and close those that are too many or out of date."""
        closing = []
        with self._lock:
            if any(path.is_relative_to(folder) for folder in self._gone):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            key = path, level
            held = self._open.get(key)
            if held is None or held.stamp != stamp:
                if held is not None:
                    closing.append(held)
                held = self._open[key] = _OpenMap(stamp)
            self._open.move_to_end(key)
            while len(self._open) > self._most_open:
                closing.append(self._open.popitem(last=False)[1])
        for old in closing:
            old.close()
        return held
