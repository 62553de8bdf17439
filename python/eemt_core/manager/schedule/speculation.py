"""Speculative execution: a second attempt at a tile whose first one takes suspiciously long.

MapReduce (Dean and Ghemawat 2004, section 3.6) calls it backup tasks. The attempt that ends first
counts and the others are cancelled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from ...engines.base import Engine
from .work_items import Attempt, WorkItem

_FEWEST_DONE = 3
"""Tiles that must be done before the others' time can be predicted."""

_STRAGGLER_FACTOR, _STRAGGLER_LEAST_S = 2.5, 10.0
# by whether the worker is proven
_STUCK_FACTOR, _STUCK_LEAST_S = {False: 5.0, True: 20.0}, {False: 10.0, True: 300.0}
_STUCK_UNKNOWN_S = 180.0
_MOST_ATTEMPTS = 4
_REMEMBERED = 101


@dataclass
class Speculation:
    """Learns how long tiles take, and finds the attempts that take suspiciously long."""

    _seconds_per_cell: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def learn(self, cells: int, seconds: float) -> None:
        """Note how long a tile of so many cells took."""
        self._seconds_per_cell.append(seconds / cells)

    def expected_s(self, item: WorkItem) -> float | None:
        """Return how long an item will probably take; None while no tile is done."""
        if not self._seconds_per_cell:
            return None
        return median(self._seconds_per_cell) * item.tile.core.cells

    def seconds_left(self, item: WorkItem, attempt: Attempt) -> float | None:
        """Return how long an attempt will probably still run; None if too few tiles are done."""
        expected = self.well_known_s(item)
        return None if expected is None else max(0.0, expected - attempt.seconds)

    def is_stuck(self, item: WorkItem, attempt: Attempt, is_proven: bool) -> bool:
        """Say whether an attempt will hardly end: its worker may hold the task and do nothing."""
        expected = self.expected_s(item)
        if attempt.started is None:
            return False
        if expected is None:
            return attempt.seconds > _STUCK_UNKNOWN_S
        least_s, factor = _STUCK_LEAST_S[is_proven], _STUCK_FACTOR[is_proven]
        return attempt.seconds > max(factor * expected, expected + least_s)

    def stuck(self, items: Iterable[WorkItem], is_proven: Callable[[str], bool]) -> list[WorkItem]:
        """Return the items of which all attempts are stuck, up to a number of attempts."""
        return [
            item
            for item in items
            if 0 < len(item.attempts) < _MOST_ATTEMPTS
            and all(self.is_stuck(item, c, is_proven(c.worker)) for c in item.attempts.values())
        ]

    def stragglers(self, items: Iterable[WorkItem], engine: Engine) -> list[WorkItem]:
        """Return the items that delay the end of the run, as many as there are idle workers for."""
        items = list(items)
        found = []
        for item in items:
            expected = self.well_known_s(item)
            attempts = list(item.attempts.values())
            if expected is None or len(attempts) != 1 or attempts[0].started is None:
                continue
            limit_s = max(_STRAGGLER_FACTOR * expected, expected + _STRAGGLER_LEAST_S)
            if attempts[0].seconds > limit_s:
                found.append(item)
        if not found:
            return []
        running = sum(len(item.attempts) for item in items)
        room = engine.capacity(found[0].need) - running
        return found[: max(0, room)]

    def well_known_s(self, item: WorkItem) -> float | None:
        """Return how long an item will probably take; None while too few tiles are done."""
        return None if len(self._seconds_per_cell) < _FEWEST_DONE else self.expected_s(item)
