"""Graceful stop: a signal handler asks for it, and the run ends at a safe point."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Stop:
    """A request to stop, set by a signal handler and read by the run.

    While the run `listens` it can end in order by itself, so a first request is only noted.
    Otherwise the signal handler should interrupt it.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self.patience_s = 0.0
        self.is_heard = False

    @contextmanager
    def listens(self) -> Iterator[None]:
        """Note requests to stop until the end of the block."""
        self.is_heard = True
        try:
            yield
        finally:
            self.is_heard = False

    def ask(self, patience_s: float = 60.0) -> bool:
        """Request a stop; tasks that end within `patience_s` [s] may finish.

        Returns
        -------
        Whether the run will stop by itself, so that no interrupt is needed.
        """
        first, self.is_asked, self.patience_s = not self.is_asked, True, patience_s
        return self.is_heard and first
