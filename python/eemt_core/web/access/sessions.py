"""Logins that last: a key in the browser's cookie, its hash here.

They are kept in SQLite, so that a restart of the service logs nobody out. Only hashes lie there:
who reads the file cannot come in with it. A login ends by itself, by logging out, and with the
password that it was made with.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ...files import private_file
from .tokens import hash_of

_log = logging.getLogger("eemt_core.web")

SESSIONS_FILE = "sessions.sqlite"
LASTS_S = 7 * 24 * 3600
"""How long a login lasts [s]."""

_MOST = 10_000
_TABLE = """
CREATE TABLE IF NOT EXISTS sessions (
    hash TEXT PRIMARY KEY, ends REAL NOT NULL, password TEXT NOT NULL
)
"""


class Sessions:
    """The logins of one service, from any thread; `clock` tells seconds since 1970."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        try:
            self._database, rows = _opened(path)
        except sqlite3.DatabaseError as error:
            _log.warning("%s is damaged (%s): all must log in again", path, error)
            path.unlink()
            self._database, rows = _opened(path)
        self._sessions = {key: (ends, password) for key, ends, password in rows}

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def add(self, password_hash: str) -> str:
        """Begin a login by the password of this hash, and return its key."""
        key, now = secrets.token_urlsafe(32), self._clock()
        kept, ends, password = hash_of(key), now + LASTS_S, hash_of(password_hash)
        with self._lock:
            for old in [old for old, (end, _) in self._sessions.items() if end <= now]:
                self._forget(old)
            for old in list(self._sessions)[: max(0, len(self._sessions) - _MOST + 1)]:
                self._forget(old)
            self._database.execute("INSERT INTO sessions VALUES (?, ?, ?)", (kept, ends, password))
            self._sessions[kept] = (ends, password)
        return key

    def is_valid(self, key: str, password_hash: str) -> bool:
        """Say whether a key is that of a login which lasts, by the password of this hash."""
        with self._lock:
            ends, password = self._sessions.get(hash_of(key), (0.0, ""))
        is_of_it: bool = password == hash_of(password_hash)
        return is_of_it and ends > self._clock()

    def remove(self, key: str) -> None:
        """End a login."""
        with self._lock:
            self._forget(hash_of(key))

    def _forget(self, kept: str) -> None:
        if self._sessions.pop(kept, None) is not None:
            self._database.execute("DELETE FROM sessions WHERE hash = ?", (kept,))


def _opened(path: Path) -> tuple[sqlite3.Connection, list[tuple[str, float, str]]]:
    private_file(path)
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        database.execute(_TABLE)
        return database, database.execute("SELECT hash, ends, password FROM sessions").fetchall()
    except BaseException:
        database.close()
        raise
