"""Compose: containers of docker or podman on one machine."""

from __future__ import annotations

from ..order import Order, Workers
from ..web_pool import WebPool
from .manifest import (
    ManifestTarget,
    Parts,
    command,
    quoted,
    reach_check,
    refuse_storage,
    web_command,
    worker_command,
)

_PASSWORD = "/run/secrets/password"
_WEB_PASSWORD = "/run/secrets/web_password"


def parts(order: Order) -> Parts:
    """Return what an order puts into the file."""
    return compose_parts("compose", order)


def compose_parts(target: str, order: Order) -> Parts:
    """Return what an order puts into a file of services, for compose or a swarm."""
    work = order.work
    assert isinstance(work, (Workers, WebPool))
    refuse_storage(target, work)
    shown = {work.kind}
    values = {
        "name": order.name,
        "image": quoted(order.image),
        "count": str(work.count),
        "worker": command(worker_command(order, _PASSWORD, "web")),
        "check": quoted(reach_check(work, "web")),
        "limits": _limits(order),
    }
    if values["limits"]:
        shown.add("limits")
    if work.password_file is not None:
        shown.add("password")
        values["password"] = quoted(str(work.password_file))
    if isinstance(work, WebPool):
        values["web"] = command(web_command(order, _WEB_PASSWORD, _PASSWORD))
        values["web_password"] = quoted(str(work.web_password_file))
    return Parts(shown, values)


def _limits(order: Order) -> str:
    """Return the limits of each container."""
    lines = [] if order.cores is None else [f'cpus: "{order.cores}"']
    return "\n".join(lines if order.memory_mb is None else [*lines, f"memory: {order.memory_mb}M"])


COMPOSE = ManifestTarget("compose", parts)
