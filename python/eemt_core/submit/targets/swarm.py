"""Docker Swarm: containers on several machines, described as for compose."""

from __future__ import annotations

from ..order import Order
from .compose import compose_parts
from .manifest import ManifestTarget, Parts


def parts(order: Order) -> Parts:
    """Return what an order puts into the file."""
    return compose_parts("swarm", order)


SWARM = ManifestTarget("swarm", parts)
