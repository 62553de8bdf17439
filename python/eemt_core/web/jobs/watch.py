"""What running jobs say, read from their journals at most so often however many ask.

A journal's reader holds up the run's next commit for as long as it reads. So everybody who asks
for one job within a moment gets the same answer, and a journal that has not changed is not read.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import EemtError
from ...errors.words import in_python
from ...journal import JOURNAL_FILE, Status, TileMap, read_status, read_tile_map

FRESH_S = 1.0
"""So old may an answer be while the run goes on."""

_STALE_S = 30.0
"""So long is the last answer given while a journal cannot be read, as when it is busy."""

_MOST_JOBS = 64


@dataclass
class _Seen:
    """What was read of one journal, and when."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    at: float = -1e9
    read_at: float = -1e9
    trouble: str = ""
    mark: tuple[int, int] | None = None
    status: Status | None = None
    tiles: TileMap | None = None
    tiles_mark: tuple[int, int] | None = None


class Watch:
    """Reads the journals of output folders; all methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[Path, _Seen] = OrderedDict()

    def status(self, out: Path) -> Status | None:
        """Return what a folder's journal says, None while there is none that can be read."""
        seen = self._of(out)
        with seen.lock:
            self._refresh(out, seen)
            return seen.status

    def trouble(self, out: Path) -> str:
        """Return why a folder's journal cannot be read, empty if it can or there is none."""
        seen = self._of(out)
        with seen.lock:
            self._refresh(out, seen)
            return seen.trouble

    def tiles(self, out: Path) -> TileMap | None:
        """Return where a run's tiles lie and how they stand, None while there is no journal."""
        seen = self._of(out)
        with seen.lock:
            self._refresh(out, seen)
            if seen.mark is not None and seen.tiles_mark != seen.mark:
                try:
                    seen.tiles, seen.tiles_mark = read_tile_map(out), seen.mark
                except EemtError:
                    return seen.tiles
            return seen.tiles

    def forget(self, out: Path) -> None:
        """Have the next one who asks for a folder be told what its journal says by then."""
        with self._lock:
            self._seen.pop(out, None)

    def _of(self, out: Path) -> _Seen:
        with self._lock:
            seen = self._seen.setdefault(out, _Seen())
            self._seen.move_to_end(out)
            while len(self._seen) > _MOST_JOBS:
                self._seen.popitem(last=False)
            return seen

    def _refresh(self, out: Path, seen: _Seen) -> None:
        now = self._clock()
        if now - seen.at < FRESH_S:
            return
        mark = _mark(out)
        # an unchanged journal can still tell something new: that its run was killed
        is_over = seen.status is not None and seen.status.run.ended_utc
        if mark is None or (mark == seen.mark and is_over):
            if mark is None:
                seen.status, seen.tiles, seen.mark, seen.trouble = None, None, None, ""
            seen.at = now
            return
        try:
            seen.status, seen.mark = read_status(out), mark
            seen.read_at, seen.trouble = self._clock(), ""
        except EemtError as error:  # it is being written for the first time, busy, or damaged
            if self._clock() - seen.read_at > _STALE_S:
                seen.status, seen.tiles, seen.mark = None, None, None
                seen.trouble = in_python(error.sentence)
        seen.at = self._clock()


def _mark(out: Path) -> tuple[int, int] | None:
    """Return what changes whenever a journal does, None without one."""
    try:
        found = (out / JOURNAL_FILE).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
