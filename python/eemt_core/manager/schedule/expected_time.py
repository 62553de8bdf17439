"""How long tasks say that they will run, so that no worker gets one which it must leave before.

Workers of batch jobs know when they have to go. What is said is learned from tiles that are done,
and may be too long for all workers that are left; then nothing is said any more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ...engines.base import Engine
from .speculation import Speculation
from .work_items import WorkItem

_MARGIN = 1.5
"""By how much tiles of one size differ, mostly for how steep they are and how busy machines are."""

_HELD_S = 3.0
"""How long nothing may run while workers have room: they are given tasks within a second."""


@dataclass
class ExpectedTime:
    """Tells the expected time of tasks until that keeps all of them waiting."""

    engine: Engine
    speculation: Speculation
    _is_told: bool = True
    _held_since: float | None = None

    def of(self, item: WorkItem) -> int:
        """Return how long an item may take [s], 0 if nobody knows or it is not to be told."""
        seconds = self.speculation.well_known_s(item) if self._is_told else None
        return 0 if seconds is None else math.ceil(_MARGIN * seconds)

    def unsaid(self, items: Iterable[WorkItem]) -> list[WorkItem]:
        """Return the items that wait without a time, now that it is known."""
        if not self._is_told:
            return []
        return [
            item
            for item in items
            if item.attempts
            and not item.has_started()
            and not any(attempt.expected_s for attempt in item.attempts.values())
            and self.of(item)
        ]

    def held(self, items: Collection[WorkItem]) -> list[WorkItem]:
        """Return the items that no worker takes for their time, all at once; else none.

        From then on no time is told.
        """
        held = [item for item in items if any(a.expected_s for a in item.attempts.values())]
        if not held or any(item.has_started() for item in items):
            self._held_since = None
            return []
        now = time.monotonic()
        if self._held_since is None:
            if self.engine.capacity(held[0].need):
                self._held_since = now
            return []
        if now - self._held_since < _HELD_S:
            return []
        self._is_told = False
        return held
