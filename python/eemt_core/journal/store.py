"""The writer's connection to the file: transactions begin by themselves and end with a commit."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from . import schema

Values = tuple[object, ...]


class Store:
    """A journal's file, open for writing; errors are sentences with a remedy."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = schema.connect_to_write(path)

    @property
    def has_changes(self) -> bool:
        """Whether anything was written since the last commit."""
        return self._connection.in_transaction

    def write(self, statement: str, values: Values = ()) -> int:
        """Carry out a statement; return the number of a row that it inserted."""
        with schema.sentences(self.path):
            self._begin()
            storable = tuple(map(_storable, values))
            return self._connection.execute(statement, storable).lastrowid or 0

    def write_many(self, statement: str, rows: Iterable[Values]) -> None:
        """Carry out a statement with the values of each row."""
        with schema.sentences(self.path):
            self._begin()
            self._connection.executemany(statement, rows)

    def one(self, query: str, values: Values = ()) -> Any:
        """Return the first row of an answer, None if it has none."""
        with schema.sentences(self.path):
            return self._connection.execute(query, values).fetchone()

    def rows(self, query: str) -> Iterator[Any]:
        """Give the rows of an answer one by one."""
        with schema.sentences(self.path):
            yield from self._connection.execute(query)

    def commit(self) -> bool:
        """Put all on disk; return False and keep it for next time if a reader is in the way."""
        if not self.has_changes:
            return True
        with schema.sentences(self.path):
            try:
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                if schema.is_busy(error):
                    return False
                raise
        return True

    def rollback(self) -> None:
        """Forget what was written since the last commit."""
        self._connection.rollback()

    def close(self) -> None:
        """Let go of the file, and leave no empty rollback journal beside it."""
        try:
            with suppress(sqlite3.Error):  # a reader is in the way: it stays, and does no harm
                self._connection.execute("PRAGMA journal_mode=DELETE")
        finally:
            self._connection.close()

    def _begin(self) -> None:
        if not self.has_changes:
            self._connection.execute("BEGIN IMMEDIATE")


class Results(Mapping[int, dict[str, Any]]):
    """Results as they stand in the journal; none is held in memory.

    One that is no JSON object is an empty one: a single bad row spoils no run.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self._store.one("SELECT CAST(result AS BLOB) FROM results WHERE tile = ?", (index,))
        if row is None:
            raise KeyError(index)
        try:
            result = json.loads(row[0])
        except (TypeError, ValueError, RecursionError):
            return {}
        return result if isinstance(result, dict) else {}

    def __iter__(self) -> Iterator[int]:
        rows = self._store.rows("SELECT tile FROM results ORDER BY tile")
        return iter([tile for (tile,) in rows])

    def __len__(self) -> int:
        return int(self._store.one("SELECT COUNT(*) FROM results")[0])


def compact(value: Mapping[str, Any]) -> str:
    """Return a value as JSON text without blanks."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"a result must be plain JSON: {error}", field="result") from None


def _storable(value: object) -> object:
    """Return text that SQLite takes: names of hosts and files may hold any bytes."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode()
    return value
