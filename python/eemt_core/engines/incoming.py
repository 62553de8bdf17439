"""Where results arrive: empty files that the manager makes, and that it alone moves elsewhere.

The process that holds the queue may write into these files and can make none. They lie side by
side under names of which none is the beginning of another, and which nobody can guess: what a
worker adds to a name that it was asked for leads nowhere.
"""

from __future__ import annotations

import os
import secrets
import shutil
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
            path = self.folder / token
            path.touch(mode=0o600, exist_ok=False)
            if self.user is not None:
                os.chown(path, self.user, -1)
        self._tokens[task] = tokens
        return tokens

    def empty(self, task: str) -> None:
        """Forget what has arrived for a task, which is done anew."""
        for token in self._tokens.get(task, {}).values():
            with suppress(OSError):
                os.truncate(self.folder / token, 0)

    def take(self, task: str, target: Path) -> None:
        """Move what has arrived for a task into a folder, under the results' own names."""
        for name, token in self._tokens.pop(task, {}).items():
            path = self.folder / token
            with suppress(FileNotFoundError):
                if path.is_symlink() or not path.is_file() or not path.stat().st_size:
                    _remove(path)
                    continue
                if self.user is not None:
                    os.chown(path, os.geteuid(), os.getegid())
                path.replace(target / name)

    def drop(self, task: str) -> None:
        """Remove the files of a task that is not wanted any more."""
        for token in self._tokens.pop(task, {}).values():
            _remove(self.folder / token)

    def close(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
