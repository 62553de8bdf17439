"""Removing folders so that a service that is killed in between leaves no half of one.

A folder loses its name at once; its files, which may take long, go then.
"""

from __future__ import annotations

import logging
import os
import queue
import secrets
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from ...errors import EemtError
from ..identity import is_id

_log = logging.getLogger("eemt_core.web")

_PREFIX = ".removed-"


def remove_folder(path: Path) -> None:
    """Remove a folder; under its own name it is gone at once, or not at all."""
    if (doomed := _unname(path)) is not None:
        shutil.rmtree(doomed, ignore_errors=True)


class Remover:
    """Removes folders while those who ask for it do not wait.

    Its thread ends with the service, also amidst a folder; `begin` goes on with what an earlier
    service left.
    """

    def __init__(self) -> None:
        self._doomed: queue.SimpleQueue[Path] = queue.SimpleQueue()

    def begin(self, folder: Path, has_gone: Callable[[str], bool]) -> None:
        """Sweep a folder, then remove what comes; see `sweep`."""

        def work() -> None:
            sweep(folder, has_gone)
            while True:
                shutil.rmtree(self._doomed.get(), ignore_errors=True)

        threading.Thread(target=work, name="remover", daemon=True).start()

    def remove(self, path: Path) -> None:
        """Remove a folder: under its own name it is gone when this returns.

        Raises
        ------
        OSError
            If it cannot be removed, and so stays.
        """
        if (doomed := _unname(path)) is not None:
            self._doomed.put(doomed)


def _unname(path: Path) -> Path | None:
    """Give a folder a name that nobody asks for, and return that; None if it is not there."""
    doomed = path.with_name(f"{_PREFIX}{secrets.token_hex(8)}")
    try:
        path.rename(doomed)
    except FileNotFoundError:
        return None
    return doomed


def sweep(folder: Path, has_gone: Callable[[str], bool]) -> None:
    """Remove what a service was kept from removing: half of a folder, or one whose job has gone.

    `has_gone` says so of a folder's name. Folders that nobody knows stay: whoever starts with a
    database from a backup finds later jobs' maps.
    """
    for path in folder.iterdir():
        try:
            if path.name.startswith(_PREFIX):
                shutil.rmtree(path, ignore_errors=True)
            elif is_id(path.name) and has_gone(path.name):
                remove_folder(path)
        except (OSError, EemtError) as error:
            _log.error("%s cannot be removed: %s", path, error)


def size_bytes(path: Path) -> int:
    """Return what the files of a folder take on the disk [bytes]; links are not followed."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
            except OSError:  # it was removed just now
                continue
    return total
