"""What running jobs say, read from their journals at most so often however many ask.

A journal's reader holds up the run's next commit for as long as it reads. So everybody who asks
for one job within a moment gets the same answer, and a journal that has not changed is not read.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import EemtError
from ...journal import JOURNAL_FILE, Status, TileMap, read_status, read_tile_map

FRESH_S = 1.0
"""So old may an answer be while the run goes on."""

_MOST_JOBS = 64


@dataclass
class _Seen:
    """What was read of one journal, and when."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    at: float = -1e9
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
                seen.status, seen.mark = None, None
            seen.at = now
            return
        with suppress(EemtError):  # it is being written for the first time, or damaged
            seen.status, seen.mark = read_status(out), mark
        seen.at = self._clock()


def _mark(out: Path) -> tuple[int, int] | None:
    """Return what changes whenever a journal does, None without one."""
    try:
        found = (out / JOURNAL_FILE).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
