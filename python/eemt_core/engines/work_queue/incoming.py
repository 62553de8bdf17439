"""The files in which results arrive: made empty by the manager, and moved by it alone.

The process that holds the queue may write into these files and can make no others. Their names are
random and none is the beginning of another, so a worker that adds to the name that it was asked for
reaches no other file.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TOKEN_BYTES = 16


class Incoming:
    """The folder of these files.

    Attributes
    ----------
    user
        The user that must own them to be able to write, if it is not this one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user: int | None = None
        self._tokens: dict[str, dict[str, str]] = {}
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def expect(self, task: str, names: Iterable[str]) -> dict[str, str]:
        """Make an empty file for each result of a task; return their names here."""
        tokens = {name: secrets.token_hex(_TOKEN_BYTES) for name in names}
        for token in tokens.values():
            descriptor = os.open(f"{self.folder}/{token}", os.O_CREAT | os.O_EXCL, 0o600)
            if self.user is not None:
                os.chown(descriptor, self.user, -1)
            os.close(descriptor)
        self._tokens[task] = tokens
        return tokens

    def empty(self, task: str) -> None:
        """Remove what has arrived for a task that is run again."""
        for token in self._tokens.get(task, {}).values():
            with suppress(OSError):
                os.truncate(self.folder / token, 0)

    def take(self, task: str, target: Path) -> None:
        """Move what has arrived for a task into a folder, under the results' own names."""
        for name, token in self._tokens.pop(task, {}).items():
            path = f"{self.folder}/{token}"
            with suppress(FileNotFoundError):
                found = os.lstat(path)
                if not stat.S_ISREG(found.st_mode) or not found.st_size:
                    _remove(path, found.st_mode)
                    continue
                if self.user is not None:
                    os.chown(path, os.geteuid(), os.getegid())
                os.replace(path, f"{target}/{name}")

    def drop(self, task: str) -> None:
        """Remove the files of a task that is not wanted any more."""
        for token in self._tokens.pop(task, {}).values():
            path = f"{self.folder}/{token}"
            with suppress(FileNotFoundError):
                _remove(path, os.lstat(path).st_mode)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _remove(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):  # possible only where the process is not confined
        shutil.rmtree(path, ignore_errors=True)
    else:
        os.unlink(path)
