"""Files and folders that their owner alone may read."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

_log = logging.getLogger("eemt_core.files")
_OTHERS = 0o077


def private_file(path: Path) -> None:
    """Make a file if there is none, and keep all but its owner from reading it.

    Who only lets a program make it gets what the umask leaves open. The files that SQLite writes
    beside a database have its mode.

    Raises
    ------
    OSError
        If there is none and it cannot be made.
    """
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    _close_to_others(path)


def private_folder(path: Path) -> None:
    """Make a folder, with those above it, and keep all but its owner out of it.

    Raises
    ------
    OSError
        If there is none and it cannot be made.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    _close_to_others(path)


def _close_to_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & _OTHERS:
        return
    try:
        path.chmod(mode & ~_OTHERS)
    except OSError as error:  # it is another user's
        _log.warning("%s stays open to others (%s)", path, error.strerror)
