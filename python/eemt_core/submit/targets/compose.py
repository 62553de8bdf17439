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
    secrets,
    web_command,
    worker_command,
)

_FOLDER = "/run/secrets"
_NAMED = "- {name}"


def parts(order: Order) -> Parts:
    """Return what an order puts into the file."""
    return compose_parts("compose", order, _NAMED)


def compose_parts(target: str, order: Order, secret: str) -> Parts:
    """Return what an order puts into a file of services, for compose or a swarm.

    Parameters
    ----------
    secret
        How a container is given one, with ``{name}`` in the place of its name.
    """
    work = order.work
    assert isinstance(work, (Workers, WebPool))
    refuse_storage(target, work)
    shown = {work.kind}
    given = secrets(work)
    values = {
        "name": order.name,
        "image": quoted(order.image),
        "count": str(work.count),
        "worker": command(worker_command(order, _FOLDER, "web")),
        "check": quoted(reach_check(work, "web")),
        "limits": _limits(order),
        "password": secret.replace("{name}", "password"),
        "web_secrets": "\n".join(secret.replace("{name}", name) for name in given),
        "secrets": "\n".join(f"{n}:\n  file: {quoted(str(path))}" for n, path in given.items()),
    }
    if values["limits"]:
        shown.add("limits")
    if given:
        shown.add("secrets")
    if work.password_file is not None:
        shown.add("password")
    if isinstance(work, WebPool):
        values["web"] = command(web_command(order, _FOLDER))
    return Parts(shown, values)


def _limits(order: Order) -> str:
    """Return the limits of each container."""
    lines = [] if order.cores is None else [f'cpus: "{order.cores}"']
    return "\n".join(lines if order.memory_mb is None else [*lines, f"memory: {order.memory_mb}M"])


COMPOSE = ManifestTarget("compose", parts)
