"""Removing folders so that a service that is killed in between leaves no half of one."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from ...errors import EemtError
from ..identity import is_id

_log = logging.getLogger("eemt_core.web")

_PREFIX = ".removed-"


def remove_folder(path: Path) -> None:
    """Remove a folder; under its own name it is gone at once, or not at all."""
    doomed = path.with_name(f"{_PREFIX}{secrets.token_hex(8)}")
    try:
        path.rename(doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed, ignore_errors=True)


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
