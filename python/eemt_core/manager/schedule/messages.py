"""Messages to the user about a run's troubles, limited in number for each kind.

Anybody who reaches the port can cause troubles as fast as they like. The journal and ``<<detail>>``
have all messages; the terminal shows a few of each kind.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from ...journal import Journal
from ..reporter import Reporter

MOST, WITHIN_S = 10, 300.0
"""So many sentences of one kind are shown in so many seconds; the others are details."""


@dataclass
class Messages:
    """Writes messages to the journal, and passes some of them to the user."""

    journal: Journal
    reporter: Reporter
    _told: dict[str, deque[float]] = field(default_factory=dict)
    _is_cut: set[str] = field(default_factory=set)

    def say(self, sentence: str, kind: str) -> None:
        """Report a sentence of some kind; an empty one is left out."""
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
                f"There are more sentences like the last {MOST}: <<detail>> shows all of them."
            )
