"""Docker Swarm: containers on several machines, described as for compose."""

from __future__ import annotations

from ..order import Order
from .compose import compose_parts
from .manifest import ManifestTarget, Parts

_SECRET = '- {source: {name}, uid: "10001", gid: "10001", mode: 0400}'


def parts(order: Order) -> Parts:
    """Return what an order puts into the file."""
    return compose_parts("swarm", order, _SECRET)


SWARM = ManifestTarget("swarm", parts)
