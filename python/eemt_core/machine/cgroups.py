"""What the control groups that we run in allow: processor time and memory, at every level.

A limit of any group above ours binds us too, in versions 1 and 2 and where both are mounted. The
least counts, of all levels that can be seen from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..numerals import whole

_UNLIMITED = 2**60
_LIMITS = ("memory.max", "memory.high", "memory.limit_in_bytes")
# a limit, what is used of it, and the file cache within that, which is given back when asked
_FREE = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def core_limits(root: Path) -> Iterator[int]:
    """Yield the numbers of cores that quotas allow, rounded up."""
    for folder in folders(root, "cpu"):
        quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
        if quota is None or period is None:
            fields = [whole(field) for field in _text(folder / "cpu.max").split()]
            if len(fields) != 2:
                continue
            quota, period = fields
        if quota and period:
            yield -(-quota // period)


def memory_limits_bytes(root: Path) -> Iterator[int]:
    """Yield the limits of memory [bytes]."""
    for folder in folders(root, "memory"):
        found = [
            _number(folder / n) for n in ("memory.max", "memory.high", "memory.limit_in_bytes")
        ]
        # version 1 tells the least of all groups above, also of those that are not seen here
        found.append(_stat(folder).get("hierarchical_memory_limit"))
        yield from (number for number in found if number is not None and number < _UNLIMITED)


def free_memory_bytes(root: Path) -> Iterator[int]:
    """Yield what is free under each limit of memory, with the file cache that is given back."""
    for folder in folders(root, "memory"):
        for limit, usage, cache in _FREE:
            allowed, used = _number(folder / limit), _number(folder / usage)
            if allowed is not None and used is not None and allowed < _UNLIMITED:
                yield max(0, allowed - used + _stat(folder).get(cache, 0))


def folders(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of our cgroup and of those above it, in versions 1 and 2 alike.

    Within a container the path may be the host's, of which only the lower part is mounted there,
    or nothing but the mount itself.
    """
    base = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            mounts = [base, base / "unified"]
        elif controller in controllers.split(","):
            mounts = [base / controllers, base / controller]
        else:
            continue
        parts = [part for part in path.split("/") if part and part != ".."]
        for mount in mounts:
            starts = range(len(parts))
            seen = next((n for n in starts if mount.joinpath(*parts[n:]).is_dir()), 0)
            ours = parts[seen:]
            for depth in range(len(ours), -1, -1):
                folder = mount.joinpath(*ours[:depth])
                if folder.is_dir():
                    yield folder


def _stat(folder: Path) -> dict[str, int]:
    pairs = (line.split() for line in _text(folder / "memory.stat").splitlines())
    found = {pair[0]: whole(pair[1]) for pair in pairs if len(pair) == 2}
    return {name: number for name, number in found.items() if number is not None}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _number(path: Path) -> int | None:
    return whole(_text(path).strip())
