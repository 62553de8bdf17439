"""Whether a file has changed since it was read."""

from __future__ import annotations

from pathlib import Path


def state_of(path: Path) -> tuple[int, ...]:
    """Return what differs once a file was written, replaced or opened to others; () if it is gone.

    A new owner counts too: it may be what lets us read it.
    """
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode, found.st_uid
