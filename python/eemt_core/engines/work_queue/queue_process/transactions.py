"""Reads the log of transactions: tasks that start and stop, workers that come and go.

A worker chooses its own id, which may be any line of text. So a line about a worker is matched at
its beginning and its end, where the module's own words stand, and the id is any text between them.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

_MOST = {"cores": 4096, "memory": 1 << 30, "disk": 1 << 40}
"""Limits [cores, MB, MB] beyond any machine's; a worker that claims more is taken down to them."""

_BEGIN = rb"\d+ \d+ "
_ADDRESS = rb"([^\s()]{1,100}:\d{1,5})"
_TASK = re.compile(_BEGIN + rb"TASK (\d{1,18}) (RUNNING|WAITING)(?: %b)?(?: |$)" % _ADDRESS)
_CAME = re.compile(_BEGIN + rb"WORKER (.*) %b +CONNECTION *$" % _ADDRESS)
_WENT = re.compile(_BEGIN + rb"WORKER (.*) %b +DISCONNECTION ([A-Z_]{1,40}) *$" % _ADDRESS)
_HAS = re.compile(_BEGIN + rb"WORKER (.*) RESOURCES (\{[^{}]*\}) *$")


@dataclass(frozen=True)
class TaskMoved:
    """A task runs at an address, or waits (again)."""

    task: int
    address: str


@dataclass(frozen=True)
class WorkerConnected:
    """A worker has connected."""

    worker: bytes
    address: str


@dataclass(frozen=True)
class WorkerDisconnected:
    """A connection has ended."""

    address: str
    why: str


@dataclass(frozen=True)
class WorkerResources:
    """What a worker has; None if that cannot be."""

    worker: bytes
    sizes: tuple[int, int, int] | None


Transaction = TaskMoved | WorkerConnected | WorkerDisconnected | WorkerResources


def read_line(line: bytes) -> Transaction | None:
    """Return what a line says, or None if it is of no interest."""
    if match := _TASK.match(line):
        address = match[3] if match[2] == b"RUNNING" else b""
        if match[2] == b"RUNNING" and not address:
            return None
        return TaskMoved(int(match[1]), address.decode("ascii", "replace"))
    if match := _HAS.match(line):
        return WorkerResources(match[1], _sizes(match[2]))
    if match := _CAME.match(line):
        return WorkerConnected(match[1], match[2].decode("ascii", "replace"))
    if match := _WENT.match(line):
        return WorkerDisconnected(match[2].decode("ascii", "replace"), match[3].decode("ascii"))
    return None


def _sizes(text: bytes) -> tuple[int, int, int] | None:
    """Return cores, memory [MB] and disk [MB]; None unless each is there and can be."""
    try:
        found = json.loads(text)
        sizes = [found[name][0] for name in _MOST]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    if not all(type(size) in (int, float) and math.isfinite(size) for size in sizes):
        return None
    if sizes[0] < 1 or min(sizes) < 0:
        return None
    cores, memory, disk = (int(min(size, _MOST[k])) for size, k in zip(sizes, _MOST, strict=True))
    return cores, memory, disk
