"""How many connections there may be, and how long each may take to say what it wants.

Whoever connects costs an open file before anything is known of him, his password included. So their
number is limited where they are taken, also that of one address; and a connection on which no whole
request comes is closed.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from .access.attempts import place_of

_log = logging.getLogger("eemt_core.web")

HEAD_S = 20.0
"""How long the head of a request may take, from the connection or from its first byte on."""

_MOST, _LEAST = 1000, 64
_OTHER_FILES = 600
"""Open files of all else: the maps that are kept open (400), uploads, databases, processes."""

_SHARE_OF_ONE = 4
_SAID_EVERY_S = 60.0


def most_connections() -> int:
    """Return how many connections this process bears beside the other files that it has open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _MOST if soft == resource.RLIM_INFINITY else soft - _OTHER_FILES
    return max(_LEAST, min(_MOST, allowed))


class Listener(socket.socket):
    """A listening socket that closes at once what comes beyond `most` connections.

    One address has a quarter of them, but for `proxy`, from which many come.
    """

    def __init__(self, family: int, kind: int, *, most: int, proxy: str = "") -> None:
        # asyncio sends small answers at once only on sockets that say they are TCP's; else the
        # second packet of an answer waits until the first is acknowledged, which takes 40 ms
        super().__init__(family, kind, socket.IPPROTO_TCP)
        self._most, self._proxy = most, place_of(proxy)
        self._open: list[tuple[str, socket.socket]] = []
        self._said_at = -_SAID_EVERY_S

    def accept(self) -> tuple[socket.socket, Any]:
        """Take a connection.

        Raises
        ------
        ConnectionAbortedError
            If there are too many already; who calls goes on to the next.
        """
        taken, address = super().accept()
        place = place_of(str(address[0]))
        # a socket that has been closed has no number any more
        self._open = [one for one in self._open if one[1].fileno() >= 0]
        of_place = sum(other == place for other, _ in self._open)
        most_of_one = self._most if place == self._proxy else self._most // _SHARE_OF_ONE
        if len(self._open) >= self._most or of_place >= most_of_one:
            taken.close()
            self._say(place, of_place)
            raise ConnectionAbortedError
        self._open.append((place, taken))
        return taken, address

    def _say(self, place: str, of_place: int) -> None:
        now = time.monotonic()
        if now - self._said_at >= _SAID_EVERY_S:
            self._said_at = now
            _log.warning(
                "a connection from %s was refused: there are %d, of which %d from there",
                place, len(self._open), of_place,
            )  # fmt: skip


class Prompt(H11Protocol):
    """HTTP that closes a connection on which no whole request comes within `HEAD_S`."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Take what has come, and see whether a request is still waited for."""
        super().data_received(data)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        super().connection_lost(exc)
        self._stop()

    def _look(self) -> None:
        # uvicorn itself closes a connection on which nothing has come since the last answer
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_S, self.transport.abort)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
