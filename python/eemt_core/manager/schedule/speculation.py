"""Second attempts of tiles that others would have done long ago."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from ...engines.base import Engine
from .work_items import Attempt, WorkItem

_FEWEST = 3
_SLOWER, _LEAST_S = 2.5, 10.0
# of one that has finished nothing yet, and of one that has
_STUCK, _STUCK_LEAST_S = {False: 5.0, True: 20.0}, {False: 10.0, True: 300.0}
_STUCK_UNKNOWN_S = 180.0
_MOST_ATTEMPTS = 4
_REMEMBERED = 101


@dataclass
class Speculation:
    """Learns how long tiles take; tells which take suspiciously long."""

    _seconds_per_cell: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def learn(self, cells: int, seconds: float) -> None:
        """A tile of so many cells took so long."""
        self._seconds_per_cell.append(seconds / cells)

    def expected_s(self, item: WorkItem) -> float | None:
        """Return how long a item probably takes; None while no tile is done."""
        if not self._seconds_per_cell:
            return None
        return median(self._seconds_per_cell) * item.tile.core.cells

    def seconds_left(self, item: WorkItem, attempt: Attempt) -> float | None:
        """Return how long a attempt will probably run on; None if too little is known."""
        expected = self._well_known_s(item)
        return None if expected is None else max(0.0, expected - attempt.seconds)

    def is_stuck(self, item: WorkItem, attempt: Attempt, is_proven: bool) -> bool:
        """Say whether a attempt will hardly come to an end: its worker may only be keeping it."""
        expected = self.expected_s(item)
        if attempt.started is None:
            return False
        if expected is None:
            return attempt.seconds > _STUCK_UNKNOWN_S
        least_s, slower = _STUCK_LEAST_S[is_proven], _STUCK[is_proven]
        return attempt.seconds > max(slower * expected, expected + least_s)

    def stuck(self, items: Iterable[WorkItem], is_proven: Callable[[str], bool]) -> list[WorkItem]:
        """Return the items of which every attempt is stuck, and more should be made."""
        return [
            item
            for item in items
            if 0 < len(item.attempts) < _MOST_ATTEMPTS
            and all(self.is_stuck(item, c, is_proven(c.worker)) for c in item.attempts.values())
        ]

    def late(self, items: Iterable[WorkItem], engine: Engine) -> list[WorkItem]:
        """Return the items that the end of the run waits for, as far as there is room."""
        items = list(items)
        found = []
        for item in items:
            expected = self._well_known_s(item)
            attempts = list(item.attempts.values())
            if expected is None or len(attempts) != 1 or attempts[0].started is None:
                continue
            if attempts[0].seconds > max(_SLOWER * expected, expected + _LEAST_S):
                found.append(item)
        if not found:
            return []
        live = sum(len(item.attempts) for item in items)
        room = engine.capacity(found[0].need) - live
        return found[: max(0, room)]

    def _well_known_s(self, item: WorkItem) -> float | None:
        return None if len(self._seconds_per_cell) < _FEWEST else self.expected_s(item)
