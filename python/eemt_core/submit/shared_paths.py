"""Finds paths of an order that no other machine can see."""

from __future__ import annotations

import os
from pathlib import Path

from .order import Order, Tiles, Workers
from .run_in_job import RunInJob

_IN_MEMORY = frozenset({"tmpfs", "ramfs", "rootfs"})


def unshared_paths(order: Order) -> list[Path]:
    """Return the files and folders that jobs need, but that lie in this machine's memory.

    Of those on disks nobody can tell from here: this machine may export them to the others.
    """
    work = order.work
    paths: list[Path | None] = [order.wheel, order.log_folder]
    if isinstance(work, Tiles):
        paths.append(work.folder)
    else:
        paths.append(work.password_file)
    if isinstance(work, Workers):
        paths.append(work.manager_file)
    if isinstance(work, RunInJob):
        paths += [work.out, work.folder]
    in_memory = _devices_in_memory()
    return [path for path in paths if path is not None and _device(path) in in_memory]


def _device(path: Path) -> tuple[int, int]:
    """Return the number of the device that holds a path, or would, were it there."""
    there = next(parent for parent in (path, *path.parents) if parent.exists())
    number = os.stat(there).st_dev
    return os.major(number), os.minor(number)


def _devices_in_memory() -> set[tuple[int, int]]:
    """Return the numbers of the file systems in memory, as proc(5) lists mounts."""
    found = set()
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:
        for mount in mounts:
            before, _, after = mount.partition(" - ")
            if after.split(" ", 1)[0] in _IN_MEMORY:
                major, minor = before.split(" ")[2].split(":")
                found.add((int(major), int(minor)))
    return found
