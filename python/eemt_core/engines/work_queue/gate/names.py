"""What the queue calls the hosts of workers, and who has to wait before it hears of them.

The queue can pass over workers by their host's name alone, which is the worker's own word and that
of all its neighbours. So each connection gets a name of its own there: the host's, and a number.
"""

from __future__ import annotations

import asyncio
import time

_MARK = "#"  # in no host's name that is let in
_LONGEST = 200


def numbered(host: str, number: int) -> str:
    """Return what a connection's host is called in the queue."""
    return f"{host[:_LONGEST]}{_MARK}{number}"


def own_name(called: str) -> str:
    """Return what a host calls itself, by what it is called in the queue."""
    host, mark, _ = called.rpartition(_MARK)
    return host if mark else called


class Rests:
    """Until when those who come from a place wait."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}  # host (empty: any) and address

    def let_wait(self, host: str, address: str, seconds: float) -> None:
        """Let who comes from a host and an address wait for so long; 0 ends it."""
        now = time.monotonic()
        kept = {at: until for at, until in self._until.items() if until > now or not until}
        self._until = {**kept, (host, address): now + seconds if seconds else 0.0}

    async def wait(self, host: str, address: str) -> None:
        """Wait as long as one who comes from there has to."""
        while (left := self._left(host, address)) > 0:
            await asyncio.sleep(min(left, 1.0))  # it may be ended before

    def _left(self, host: str, address: str) -> float:
        now = time.monotonic()
        # what is known of a place goes before what is known of its whole address
        until = self._until.get((host, address), self._until.get(("", address), now))
        return until - now
