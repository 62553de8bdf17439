"""How often somebody may try a password.

Each address may fail some times in a row, then must wait twice as long each time, a minute at the
most. All addresses together may fail only so often a minute, since who guesses may have many; an
address from which somebody has logged in before does not count among these and is not held up by
them, so that nobody can lock out those who know the password.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

_FREE = 5
"""Failures of an address without a wait."""

_LONGEST_WAIT_S = 60.0
_FORGET_AFTER_S = 3600.0
_BURST, _PER_S = 30.0, 0.5
"""Failures of all addresses: so many at once, then so many a second."""

_MOST_ADDRESSES = 10_000


class Attempts:
    """Counts failed logins; `clock` tells seconds that only rise."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._left, self._left_at = _BURST, clock()

    def wait_s(self, address: str) -> int:
        """Return how many seconds an address must wait before it may try again; 0: none."""
        now, place = self._clock(), place_of(address)
        count, last = self._failures.get(place, (0, now))
        waits = [last + _wait_after(count) - now]
        if place not in self._known:
            self._refill(now)
            waits.append((1 - self._left) / _PER_S)
        return max(0, math.ceil(max(waits)))

    def begin(self, address: str) -> None:
        """Note an attempt. It counts as failed until it succeeds, so none slips by meanwhile."""
        now, place = self._clock(), place_of(address)
        count, last = self._failures.pop(place, (0, now))
        self._failures[place] = (1 if now - last > _FORGET_AFTER_S else count + 1, now)
        _shorten(self._failures)
        if place not in self._known:
            self._refill(now)
            self._left = max(0.0, self._left - 1)

    def succeeded(self, address: str) -> None:
        """Note that the password was right."""
        place = place_of(address)
        self._failures.pop(place, None)
        if place not in self._known:
            self._left = min(_BURST, self._left + 1)
        self._known[place] = None
        self._known.move_to_end(place)
        _shorten(self._known)

    def _refill(self, now: float) -> None:
        self._left = min(_BURST, self._left + (now - self._left_at) * _PER_S)
        self._left_at = now


def place_of(address: str) -> str:
    """Return what counts as one address: of IPv6 the network of 64 bits, which one machine has.

    Examples
    --------
    >>> place_of("192.0.2.7"), place_of("2001:db8::1:2:3")
    ('192.0.2.7', '2001:db8::')
    """
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found, 64), strict=False).network_address)


def _wait_after(count: int) -> float:
    return min(_LONGEST_WAIT_S, 2.0 ** min(count - _FREE, 16)) if count >= _FREE else 0.0


def _shorten(entries: OrderedDict[str, Any]) -> None:
    while len(entries) > _MOST_ADDRESSES:
        entries.popitem(last=False)
