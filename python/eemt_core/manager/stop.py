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
        self.is_heard = False

    @contextmanager
    def listens(self) -> Iterator[None]:
        """Note wishes to stop until the end of the block."""
        self.is_heard = True
        try:
            yield
        finally:
            self.is_heard = False

    def ask(self) -> bool:
        """Note a wish to stop; say whether it will be obeyed without an interrupt."""
        first, self.is_asked = not self.is_asked, True
        return self.is_heard and first
