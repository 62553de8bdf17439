"""What the catalog is told of a project: the queue's own report, with the gate's port in it.

The queue reports to a catalog on loopback, which is the gate. The gate sends the report on to the
real catalog; otherwise workers would be sent to the queue's port, which the gate alone may use.
"""

from __future__ import annotations

import asyncio
import json
import socket
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_LARGEST = 65000
_LONGEST = 1 << 22


@dataclass(frozen=True)
class ProjectAddress:
    """Where workers find the project: a port, and an address if it is one alone."""

    port: int
    address: str = ""


def rewritten(report: bytes, place: ProjectAddress) -> bytes:
    """Return a report with the gate's address in it; empty if it is no report."""
    for start in (0, 1):  # newer queues compress it, behind a byte that says so
        with suppress(zlib.error):
            report = zlib.decompressobj().decompress(report[start:], _LONGEST)
            break
    try:
        told: Any = json.loads(report)
    except ValueError:
        return b""
    if not isinstance(told, dict) or "port" not in told:
        return b""
    told["port"] = place.port
    if place.address:
        family = "AF_INET6" if ":" in place.address else "AF_INET"
        told["network_interfaces"] = [
            {"family": family, "host": place.address, "interface": "eemt"}
        ]
    return json.dumps(told, separators=(",", ":")).encode()


async def relay(there: socket.socket, catalog: tuple[str, int], place: ProjectAddress) -> None:
    """Send on the reports that arrive at a socket, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        with suppress(OSError):  # the queue reports again in a minute
            report = rewritten(await loop.sock_recv(there, _LARGEST), place)
            if report:
                await _send(report, catalog, place)


async def _send(report: bytes, catalog: tuple[str, int], place: ProjectAddress) -> None:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(*catalog, type=socket.SOCK_DGRAM)
    family, *_, where = found[0]
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        if place.address:  # the catalog takes the sender's address for the queue's
            out.bind((place.address, 0))
        out.setblocking(False)
        await loop.sock_sendto(out, report, where)


def receiver() -> socket.socket:
    """Return the socket that the queue takes for its catalog."""
    there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    there.bind(("127.0.0.1", 0))
    there.setblocking(False)
    return there
