"""The journal's file: its tables, how it is opened, and what is said when it cannot be.

The file lies in the output folder, which may be on a network file system. SQLite's write-ahead log
needs memory that all processes share and so works on one machine alone; the journal therefore uses
the rollback journal, truncated rather than deleted at each commit: one change less in the folder,
and no file that vanishes under a reader on NFS. Its price is that a reader holds up a commit, so
readers take all they want in one short transaction, and the writer waits for them, goes on if that
takes too long, and commits with its next turn.

A process that has the file open through SQLite must not open it in another way: closing that would
drop SQLite's locks (POSIX locks belong to the process).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import EemtError, InputError, ResourceError, VersionError

JOURNAL_FILE = "journal.sqlite"
SCHEMA_VERSION = 3
APPLICATION_ID = 0x45454D54  # "EEMT"; tells our files from those of others

_NO_VALUES_OF_OURS = (TypeError, ValueError, OverflowError, RecursionError, OSError)
_DAMAGED_WORDS = ("no such table", "no such column", "Could not decode", "malformed")

READ_TIMEOUT_S = 15.0
COMMIT_TIMEOUT_S = 0.5
"""How long a commit waits for readers before the writer goes on without it."""

# Times are seconds since 1970. Results are long and stand apart, so that a change of state rewrites
# little. A tile's `done_at` is set by the run that computed it, so that results which a resumed run
# found do not count in its rate.
TABLES = """
CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    command TEXT NOT NULL, program TEXT NOT NULL, engine TEXT NOT NULL,
    host TEXT NOT NULL, pid INTEGER NOT NULL,
    fingerprint TEXT NOT NULL, instruction_set TEXT NOT NULL,
    started REAL NOT NULL, updated REAL NOT NULL, ended REAL,
    state TEXT NOT NULL, message TEXT NOT NULL DEFAULT '',
    stage TEXT NOT NULL DEFAULT '', stage_done REAL NOT NULL DEFAULT 0,
    stage_total REAL NOT NULL DEFAULT 0, stage_unit TEXT NOT NULL DEFAULT ''
);
CREATE TABLE tiles (
    tile INTEGER PRIMARY KEY,
    name TEXT NOT NULL, cells INTEGER NOT NULL, work_units REAL NOT NULL,
    row0 INTEGER NOT NULL, col0 INTEGER NOT NULL, rows INTEGER NOT NULL, cols INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    from_earlier INTEGER NOT NULL DEFAULT 0,
    done_at REAL, attempt INTEGER,
    message TEXT NOT NULL DEFAULT '', log TEXT NOT NULL DEFAULT ''
);
CREATE TABLE results (tile INTEGER PRIMARY KEY, result TEXT NOT NULL);
CREATE INDEX tiles_by_state ON tiles (state, from_earlier, work_units);
CREATE INDEX tiles_by_time ON tiles (done_at, work_units) WHERE done_at IS NOT NULL;
CREATE TABLE attempts (
    attempt INTEGER PRIMARY KEY,
    run INTEGER NOT NULL, tile INTEGER NOT NULL, number INTEGER NOT NULL,
    cores INTEGER NOT NULL, memory_mb INTEGER NOT NULL, disk_mb INTEGER NOT NULL,
    copy INTEGER NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'submitted',
    worker TEXT, host TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '',
    submitted REAL NOT NULL, began REAL, ended REAL, seconds REAL
);
CREATE INDEX attempts_by_worker ON attempts (run, worker, outcome, number, copy, ended, began);
CREATE INDEX attempts_open ON attempts (tile) WHERE ended IS NULL;
CREATE TABLE workers (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL, worker TEXT NOT NULL, host TEXT NOT NULL, address TEXT NOT NULL,
    cores INTEGER NOT NULL, memory_mb INTEGER NOT NULL, disk_mb INTEGER NOT NULL,
    joined REAL NOT NULL, gone REAL, why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX workers_by_name ON workers (run, worker);
CREATE TABLE refused (
    run INTEGER NOT NULL, address TEXT NOT NULL, why TEXT NOT NULL,
    times INTEGER NOT NULL, last REAL NOT NULL,
    PRIMARY KEY (run, address, why)
) WITHOUT ROWID;
CREATE TABLE events (
    event INTEGER PRIMARY KEY,
    run INTEGER NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, sentence TEXT NOT NULL
);
CREATE INDEX events_by_run ON events (run, event);
"""


def connect_to_write(path: Path) -> sqlite3.Connection:
    """Return a connection to the journal in `path` that writes; a new or empty file gets tables.

    Raises
    ------
    InputError
        If the file is damaged, no journal, or cannot be opened.
    VersionError
        If another version wrote it.
    """
    with sentences(path):
        connection = _connect(path, "rwc", READ_TIMEOUT_S)
        try:
            # FULL: a commit is on the disk when it returns, also if the machine loses power
            connection.execute("PRAGMA synchronous=FULL")
            # pages of an unfinished transaction stay in memory, however many they are: writing
            # them early would keep readers out
            connection.execute("PRAGMA cache_spill=OFF")
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("BEGIN IMMEDIATE")
            if _is_empty(connection):
                for statement in TABLES.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            else:
                _check_kind(connection, path)
                _check_content(connection, path)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode=TRUNCATE")
            connection.execute(f"PRAGMA busy_timeout={int(COMMIT_TIMEOUT_S * 1000)}")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def reading(path: Path, timeout_s: float = READ_TIMEOUT_S) -> Iterator[sqlite3.Connection]:
    """Give a connection within one read transaction: a consistent view of the journal.

    What a killed manager left half-written is undone by the first reader that may write there.

    Raises
    ------
    InputError
        If there is no journal, if it is damaged, or if it cannot be read from here.
    VersionError
        If another version wrote it.
    """
    if not path.is_file():
        raise InputError(
            f"{path.parent} holds no journal of a run ({path.name})",
            remedy="give the folder that the <<out>> of a run named",
        )
    with sentences(path):
        connection = _connect(path, "rw" if _may_write(path) else "ro", timeout_s)
        try:
            connection.execute("BEGIN")
            if _is_empty(connection):
                raise no_run_yet(path)
            _check_kind(connection, path)
            yield connection
        except EemtError:
            raise
        except _NO_VALUES_OF_OURS:  # SQLite keeps a value of any kind in any column
            raise _damaged(path) from None
        finally:
            connection.close()


def no_run_yet(path: Path) -> InputError:
    """Return the error of a journal in which no run has begun."""
    return InputError(f"{path} has no run yet", remedy="ask again when eemt-run has started")


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into sentences with a remedy."""
    try:
        yield
    except sqlite3.Error as error:
        sentence = _sentence(path, error)
        if sentence is None:
            raise
        raise sentence from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise _damaged(path) from None


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether another process's lock was in the way."""
    return _code(error) in ("SQLITE_BUSY", "SQLITE_LOCKED")


def _connect(path: Path, mode: str, timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=timeout_s, isolation_level=None
    )


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _is_empty(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    return bool(tables == 0)


def _check_kind(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise InputError(
            f"{path} is no journal of eemt-run but another database", remedy="move it away"
        )
    if version != SCHEMA_VERSION:
        age = "a newer" if version > SCHEMA_VERSION else "an older"
        raise VersionError(
            f"{path} was written by {age} version of eemt-core (journal layout {version}; this "
            f"one knows {SCHEMA_VERSION})",
            remedy="use that version, or start again with <<overwrite>>",
        )


def _check_content(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _damaged(path)


def _damaged(path: Path) -> InputError:
    return InputError(
        f"{path} is damaged or no journal of eemt-run",
        remedy="move it away and start eemt-run with <<resume>>, which takes finished tiles from "
        "their own folders",
    )


def _sentence(path: Path, error: sqlite3.Error) -> EemtError | None:
    """Return what to tell the user of an error; None for a mistake of ours."""
    code, whole_code = _code(error), getattr(error, "sqlite_errorname", "")
    if whole_code == "SQLITE_READONLY_DBMOVED":
        return InputError(
            f"{path} was removed or replaced while it was written",
            remedy="leave the folder alone until the run has ended, and go on with <<resume>>",
        )
    if code in ("SQLITE_BUSY", "SQLITE_LOCKED"):
        return InputError(f"{path} is held by another program", remedy="end that, or try again")
    if code in ("SQLITE_NOTADB", "SQLITE_CORRUPT") or str(error).startswith(_DAMAGED_WORDS):
        return _damaged(path)
    # a quota or a limit of the file's size comes as an error in writing
    if code == "SQLITE_FULL" or whole_code == "SQLITE_IOERR_WRITE":
        return ResourceError(
            f"{path} cannot be written, its disk is full or files are limited in size",
            "disk",
            remedy="free some space, or raise the limit (ulimit -f)",
        )
    if code == "SQLITE_READONLY":
        return InputError(
            f"{path} was left in mid-write and mending it takes the right to write in "
            f"{path.parent}",
            remedy="let its owner run eemt-status, or eemt-run with <<resume>>",
        )
    if code in ("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH", "SQLITE_IOERR"):
        return InputError(
            f"{path} cannot be used ({error})",
            remedy="check its rights, its disk and the limit of open files (ulimit -n)",
        )
    return None


def _code(error: sqlite3.Error) -> str:
    """Return SQLite's primary code, such as SQLITE_BUSY, also of an extended one."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return "_".join(name.split("_")[:2])
