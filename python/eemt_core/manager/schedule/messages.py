"""What users are told of a run's troubles: each sentence once, and of one kind not without end.

Whoever reaches the port can make troubles as fast as it likes. The journal keeps what was told and
what was not; the terminal shows all of it to those who ask for more.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from ...journal import Journal
from ..request import Reporter

MOST, WITHIN_S = 10, 300.0
"""So many sentences of one kind in so many seconds; the others are details."""


@dataclass
class Messages:
    """Tells the user and the journal, sparingly."""

    journal: Journal
    reporter: Reporter
    _told: dict[str, deque[float]] = field(default_factory=dict)
    _is_cut: set[str] = field(default_factory=set)

    def say(self, sentence: str, kind: str) -> None:
        """Tell a sentence of some kind; an empty one is none."""
        if not sentence:
            return
        self.journal.event(kind, sentence)
        told, now = self._told.setdefault(kind, deque()), time.monotonic()
        while told and now - told[0] > WITHIN_S:
            told.popleft()
        if len(told) < MOST:
            told.append(now)
            self._is_cut.discard(kind)
            self.reporter.say(sentence)
            return
        self.reporter.detail(sentence)
        if kind not in self._is_cut:
            self._is_cut.add(kind)
            self.reporter.say(
                f"There are more sentences like the last {MOST}: --verbose shows all of them."
            )
