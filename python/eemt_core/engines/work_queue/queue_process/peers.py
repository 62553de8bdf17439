"""Connections by their addresses, with the names that the peers give themselves.

A peer may give itself any name, also another's. Here two connections never have the same worker's
name, and a host's name is accepted only if it can be one.
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
        Its id as the log has it.
    worker
        The name that it has in events.
    joined
        Whether an event has reported it.
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
    """All connections that a log has mentioned."""

    def __init__(self) -> None:
        self._peers: dict[str, Peer] = {}

    def at(self, address: str) -> Peer:
        """Return the peer at an address, made if it is new."""
        return self._peers.setdefault(address, Peer(address))

    def known(self, address: str) -> Peer:
        """Return the peer at an address, without keeping it if it is new."""
        return self._peers.get(address) or Peer(address)

    def name_host(self, address: str, name: bytes) -> None:
        """Take a host's own name, if it can be one; otherwise the address stands for it.

        A worker that cannot resolve its machine's name sends arbitrary bytes; such a host cannot be
        blocked, since the module accepts no such text.
        """
        self.at(address).host = name.decode("ascii") if _HOST.fullmatch(name) else ""

    def name_worker(self, address: str, raw: bytes) -> Peer:
        """Name a worker by its id, or by its address if another has that id or it is invalid."""
        peer = self.at(address)
        taken = {other.worker for other in self._peers.values() if other is not peer}
        name = raw.decode("ascii") if _WORKER.fullmatch(raw) else address
        peer.raw, peer.worker = raw, address if name in taken else name
        return peer

    def with_id(self, raw: bytes) -> list[Peer]:
        """Return the peer that an id in the log means: the newest that is not reported yet."""
        same = [peer for peer in self._peers.values() if peer.raw == raw and peer.worker]
        new = [peer for peer in same if not peer.joined]
        return (new or same)[-1:]

    def forget(self, address: str) -> None:
        """Remove a connection that has ended."""
        self._peers.pop(address, None)
