"""Where results arrive: files written by the gate, taken by the manager on the queue's word.

The process that holds the queue writes stand-ins into files that the manager has made, empty, in a
folder of its own, and can make no others. Their names are random and none is the beginning of
another, so a worker that adds to the name that it was asked for reaches no other file. The results
themselves lie beside, in a folder that only gate and manager use.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from .stand_in import ARRIVED, LONGEST, StandIn

_TOKEN_BYTES = 16
_TOKEN = re.compile(r"[0-9a-f]{32}")


class Incoming:
    """The folders of these files.

    Attributes
    ----------
    folder
        Of the stand-ins.
    arrived
        Of the results that the gate has written.
    user
        The user that must own stand-ins to be able to write them, if it is not this one.
    """

    def __init__(self, home: Path) -> None:
        self.folder, self.arrived = home / "incoming", home / ARRIVED
        self.user: int | None = None
        self._tokens: dict[str, dict[str, str]] = {}
        self._expected: set[str] = set()  # all tokens
        for folder in (self.folder, self.arrived):
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
        self._expected |= set(tokens.values())
        return tokens

    def empty(self, task: str) -> None:
        """Remove what has arrived for a task that a new queue gets."""
        for token in self._tokens.get(task, {}).values():
            with suppress(OSError):
                os.truncate(self.folder / token, 0)
            (self.arrived / token).unlink(missing_ok=True)

    def take(self, task: str, target: Path) -> None:
        """Move what has arrived for a task into a folder, under the results' own names."""
        for name, token in self._end(task):
            stand_in = self._stand_in(token)
            if stand_in is not None:
                path = f"{self.arrived}/{stand_in.name}"
                with suppress(FileNotFoundError):  # the worker was lost, and no other had its file
                    found = os.lstat(path)
                    if stat.S_ISREG(found.st_mode) and found.st_size == stand_in.size:
                        os.replace(path, f"{target}/{name}")
        self._clear()

    def drop(self, task: str) -> None:
        """Remove the files of a task that is not wanted any more."""
        for _, token in self._end(task):
            self._stand_in(token)
        self._clear()

    def close(self) -> None:
        """Remove the folders."""
        for folder in (self.folder, self.arrived):
            shutil.rmtree(folder, ignore_errors=True)

    def _end(self, task: str) -> list[tuple[str, str]]:
        tokens = self._tokens.pop(task, {})
        self._expected -= set(tokens.values())
        return list(tokens.items())

    def _stand_in(self, token: str) -> StandIn | None:
        """Return what the queue has written into a file, and remove the file."""
        path = f"{self.folder}/{token}"
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return None
        content = b""
        if stat.S_ISREG(found.st_mode) and found.st_size:  # some of a task's files never come
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                content = os.read(descriptor, LONGEST)
            finally:
                os.close(descriptor)
        _remove(path, found.st_mode)
        return StandIn.read(content)

    def _clear(self) -> None:
        """Remove results that nobody expects any more: of workers that were too late."""
        for name in os.listdir(self.arrived):
            if name not in self._expected and _TOKEN.fullmatch(name):
                (self.arrived / name).unlink(missing_ok=True)


def _remove(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):  # possible only where the process is not confined
        shutil.rmtree(path, ignore_errors=True)
    else:
        os.unlink(path)
