"""Workers that have just connected: what the queue calls them, and how long they have to wait.

The queue can block workers by their host's name alone, which the worker chooses itself and shares
with its neighbours. So each connection gets a host's name of its own there, with a number in it.
"""

from __future__ import annotations

import time

_MARK = "#"  # which no host's name has that the gate admits
_LONGEST = 200


def numbered_host(host: str, number: int) -> str:
    """Return the name under which the queue knows the host of a connection."""
    return f"{host[:_LONGEST]}{_MARK}{number}"


def original_host(called: str) -> str:
    """Return the host's own name, from the one under which the queue knows it."""
    host, mark, _ = called.rpartition(_MARK)
    return host if mark else called


class JoinDelays:
    """Until when workers that connect from a host and an address have to wait."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}  # host (empty: any) and address

    def set(self, host: str, address: str, seconds: float) -> None:
        """Delay workers from a host and an address for so long; 0 ends it."""
        now = time.monotonic()
        kept = {at: until for at, until in self._until.items() if until > now or not until}
        self._until = {**kept, (host, address): now + seconds if seconds else 0.0}

    async def wait(self, host: str, address: str) -> None:
        """Wait as long as a worker from there has to."""
        import asyncio  # the gate's process alone has it; the manager takes the names from here

        while (left := self._left(host, address)) > 0:
            await asyncio.sleep(min(left, 1.0))  # the delay may be ended meanwhile

    def _left(self, host: str, address: str) -> float:
        now = time.monotonic()
        # a delay of the host goes before one of its whole address
        until = self._until.get((host, address), self._until.get(("", address), now))
        return until - now
