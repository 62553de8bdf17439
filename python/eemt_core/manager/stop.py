"""How a user's wish to stop reaches a run at a moment when it can be obeyed in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Stop:
    """Set from a signal handler, asked by the run.

    While the run is at a place that can end in order it `listens`, and a first wish to stop is
    merely noted; elsewhere whoever handles the signal should interrupt it.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self.patience_s = 0.0
        self.is_heard = False

    @contextmanager
    def listens(self) -> Iterator[None]:
        """Note wishes to stop until the end of the block."""
        self.is_heard = True
        try:
            yield
        finally:
            self.is_heard = False

    def ask(self, patience_s: float = 60.0) -> bool:
        """Note a wish to stop, and how long what is nearly done may take [s].

        Say whether it will be obeyed without an interrupt.
        """
        first, self.is_asked, self.patience_s = not self.is_asked, True, patience_s
        return self.is_heard and first
