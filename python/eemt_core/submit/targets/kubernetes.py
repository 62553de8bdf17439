"""Kubernetes: pods that pass its restricted profile, and what they need around them."""

from __future__ import annotations

import shlex

from ...errors import ArgumentError
from ..order import Order, Tiles, Workers
from ..web_pool import PORTS, WebPool
from .manifest import (
    ManifestTarget,
    Parts,
    command,
    quoted,
    reach_check,
    secrets,
    web_command,
    worker_command,
)

_FOLDER = "/secrets"
_TILE = (
    "first=$((JOB_COMPLETION_INDEX * {each} + 1)); last=$((first + {more})); "
    'exec eemt-tile "$1" "$first-$((last < {count} ? last : {count}))"'
)


def parts(order: Order) -> Parts:
    """Return what an order puts into the manifest."""
    work = order.work
    shown = {work.kind}
    page = f"{order.name}-web"
    values = {"name": order.name, "image": quoted(order.image), "resources": _resources(order)}
    if values["resources"]:
        shown.add("resources")
    if isinstance(work, Tiles):
        return Parts(shown, {**values, **_tiles(order, work)})
    assert isinstance(work, (Workers, WebPool))
    shown.add("pool")
    values["count"] = str(work.count)
    values["worker"] = command(worker_command(order, _FOLDER, page))
    values["check"] = quoted(reach_check(work, page))
    values["scratch"] = "{}" if order.disk_mb is None else f"{{sizeLimit: {order.disk_mb}Mi}}"
    given = secrets(work)
    # in a comment, where nothing is put in place of $
    values["secret"] = " ".join(f"--from-file={shlex.quote(f'{n}={p}')}" for n, p in given.items())
    shown.add("open" if work.password_file is None else "password")
    if isinstance(work, WebPool):
        shown.add("fixed" if work.most is None else "scaled")
        values.update(_web(order, work))
        values["most"] = str(work.most)
        # a core computes one tile
        values["tiles"] = quoted(str(order.cores or 1))
    else:
        shown.add("fixed")
    return Parts(shown, values)


def _web(order: Order, work: WebPool) -> dict[str, str]:
    if work.storage_mb is None:
        raise ArgumentError(
            "the page's jobs are kept on a volume, and Kubernetes must know its size",
            remedy="give <<storage>>, as 100G",
            field="storage",
        )
    return {
        "web": command(web_command(order, _FOLDER)),
        "given": ", ".join(f"/given/{name}" for name in secrets(work)),
        "storage": f"{work.storage_mb}Mi",
        "ports": "\n".join(f"- {{name: manager-{p}, port: {p}}}" for p in PORTS),
        "low": str(PORTS[0]),
        "high": str(PORTS[-1]),
    }


def _tiles(order: Order, work: Tiles) -> dict[str, str]:
    if not work.claim:
        raise ArgumentError(
            "pods see the tiles on a volume",
            remedy="name the persistent volume claim that holds this folder with <<claim>>",
            field="claim",
        )
    script = _TILE.format(each=work.per_job, more=work.per_job - 1, count=work.count)
    folder = str(work.folder)
    return {
        "jobs": str(order.jobs),
        "claim": quoted_plainly(work.claim),
        "folder": quoted_plainly(folder),
        "tile": command([["bash", "-c", script], ["eemt-tile", folder]]),
    }


def quoted_plainly(text: str) -> str:
    """Return a text as YAML reads it, where Kubernetes puts nothing in place of $."""
    return quoted(text).replace("$$", "$")


def _resources(order: Order) -> str:
    """Return what each container gets: no less, and no more."""
    lines = [] if order.cores is None else [f'cpu: "{order.cores}"']
    lines += [] if order.memory_mb is None else [f"memory: {order.memory_mb}Mi"]
    lines += [] if order.disk_mb is None else [f"ephemeral-storage: {order.disk_mb}Mi"]
    return "\n".join(lines)


KUBERNETES = ManifestTarget("kubernetes", parts, (Workers.kind, WebPool.kind, Tiles.kind))
