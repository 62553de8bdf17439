"""Who is connected: by address, which the module knows, with the names that peers give themselves.

A peer may give itself any name, also another's. Two connections never share a worker's name here,
and the name of a host is taken only if it can be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORKER = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_HOST = re.compile(rb"[!-~]{1,255}")


@dataclass
class Peer:
    """One connection.

    Attributes
    ----------
    raw
        Its id, as it stands in the log.
    worker
        What we call it.
    joined
        Whether it was told of.
    """

    address: str
    raw: bytes = b""
    worker: str = ""
    host: str = ""
    said_farewell: bool = False
    is_probe: bool = False
    joined: bool = False

    @property
    def names(self) -> dict[str, str]:
        """Worker and host, as events name them."""
        address_of_host = self.address.rpartition(":")[0]
        return {"worker": self.worker or self.address, "host": self.host or address_of_host}


class Peers:
    """All connections of which anything is known."""

    def __init__(self) -> None:
        self._peers: dict[str, Peer] = {}

    def at(self, address: str) -> Peer:
        """Return the one at an address, of which nothing may be known yet."""
        return self._peers.setdefault(address, Peer(address))

    def known(self, address: str) -> Peer:
        """Return the one at an address, without taking note of it."""
        return self._peers.get(address) or Peer(address)

    def name_host(self, address: str, name: bytes) -> None:
        """Call a host as it calls itself, or by its address if that is no name.

        A worker that cannot resolve its machine's own name sends whatever its memory holds; such a
        host cannot be blocked, since the module takes no such text.
        """
        self.at(address).host = name.decode("ascii") if _HOST.fullmatch(name) else ""

    def name_worker(self, address: str, raw: bytes) -> Peer:
        """Call a worker by its id, or by its address where another has that id or it is none."""
        peer = self.at(address)
        taken = {other.worker for other in self._peers.values() if other is not peer}
        name = raw.decode("ascii") if _WORKER.fullmatch(raw) else address
        peer.raw, peer.worker = raw, address if name in taken else name
        return peer

    def with_id(self, raw: bytes) -> list[Peer]:
        """Return those that an id in the log may mean: the newest of which nothing was told yet."""
        same = [peer for peer in self._peers.values() if peer.raw == raw and peer.worker]
        new = [peer for peer in same if not peer.joined]
        return (new or same)[-1:]

    def forget(self, address: str) -> None:
        """A connection has ended."""
        self._peers.pop(address, None)
