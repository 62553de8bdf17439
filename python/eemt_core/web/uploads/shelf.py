"""Folders under random names, one for each thing that was uploaded; whole or not there at all."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import EemtError, ResourceError
from ...files import private_folder, read_json, write_json
from ..identity import is_id, new_id

_FACTS = "facts.json"
_NEW, _GONE = ".new-", ".gone-"


@dataclass(frozen=True)
class Item:
    """One of a shelf's folders, and what is known of it.

    Attributes
    ----------
    id
        As in `identity`.
    folder
        Where its files lie.
    facts
        What was found out when it came, as plain JSON; ``created`` [s since 1970] is among it.
    """

    id: str
    folder: Path
    facts: Mapping[str, Any]


class Shelf:
    """Folders of one kind, `most` at a time; every method may be called from any thread.

    Parameters
    ----------
    folder
        Where they lie.
    called
        What they are, in the plural, for messages.
    """

    def __init__(self, folder: Path, most: int, called: str) -> None:
        self.folder, self._most, self._called = folder, most, called
        self._lock, self._coming = threading.Lock(), 0

    def open(self) -> None:
        """Make the folder, and remove what an earlier service did not finish."""
        private_folder(self.folder)
        for left in self.folder.glob(".*"):
            if left.name.startswith((_NEW, _GONE)):
                shutil.rmtree(left, ignore_errors=True)

    @contextmanager
    def place(self, *, is_passing: bool = False) -> Iterator[Path]:
        """Give an empty folder to fill; it is gone afterwards, unless `keep` has taken it.

        What is only `is_passing`, and will be removed soon, is not counted.

        Raises
        ------
        ResourceError
            If there are as many things as may be.
        """
        with self._lock:
            if not is_passing and len(self._ids()) + self._coming >= self._most:
                raise ResourceError(
                    f"{self._most} {self._called} are kept already, which is the most",
                    "disk",
                    remedy="delete some",
                )
            self._coming += not is_passing
        new = self.folder / f"{_NEW}{new_id()}"
        try:
            new.mkdir(mode=0o700)
            yield new
        finally:
            shutil.rmtree(new, ignore_errors=True)
            with self._lock:
                self._coming -= not is_passing

    def keep(self, place: Path, facts: Mapping[str, Any]) -> Item:
        """Take a folder that `place` gave, with what is known of it."""
        identity = place.name.removeprefix(_NEW)
        known = {**facts, "created": time.time()}
        write_json(place / _FACTS, known)
        place.rename(self.folder / identity)
        return Item(identity, self.folder / identity, known)

    def get(self, identity: str) -> Item | None:
        """Return what lies under an identity, or None; whatever the text, it names no path."""
        if not is_id(identity):
            return None
        try:
            facts = read_json(self.folder / identity / _FACTS)
        except EemtError:
            return None
        return Item(identity, self.folder / identity, facts)

    def items(self) -> list[Item]:
        """Return all, the latest first."""
        found = [item for identity in self._ids() if (item := self.get(identity)) is not None]
        return sorted(found, key=lambda item: (-item.facts["created"], item.id))

    def remove(self, identity: str) -> bool:
        """Remove one; return whether it was there."""
        if not is_id(identity):
            return False
        gone = self.folder / f"{_GONE}{new_id()}"
        try:
            (self.folder / identity).rename(gone)
        except OSError:
            return False
        shutil.rmtree(gone, ignore_errors=True)
        return True

    def _ids(self) -> list[str]:
        return [entry.name for entry in self.folder.iterdir() if is_id(entry.name)]
