"""The jobs' database: one SQLite file, written by the one service that holds its folder."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from ...errors import InputError, VersionError
from .job import Job, State

DATABASE_FILE = "jobs.sqlite"
SCHEMA_VERSION = 1
APPLICATION_ID = 0x45574542  # "EWEB"

_TABLES = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL, state TEXT NOT NULL, dem_name TEXT NOT NULL, created REAL NOT NULL,
    parameters TEXT NOT NULL, upload TEXT NOT NULL,
    progress REAL NOT NULL, message TEXT NOT NULL,
    started REAL, ended REAL, pid INTEGER, process_started REAL,
    wants_cancel INTEGER NOT NULL, keep INTEGER NOT NULL
);
CREATE INDEX jobs_by_time ON jobs (created DESC);
CREATE INDEX jobs_by_state ON jobs (state, created DESC);
"""

_NAMES = tuple(field.name for field in fields(Job))
_FLAGS = ("wants_cancel", "keep")


class JobStore:
    """All jobs; every method is one transaction, from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise InputError(
                f"{path} is no database of jobs ({error})",
                remedy="restore it from a backup, or move it away to start with no jobs",
                field="data",
                value=path,
            ) from None
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def add(self, job: Job) -> None:
        """Add a job."""
        marks = ", ".join("?" * len(_NAMES))
        values = [_to_column(name, getattr(job, name)) for name in _NAMES]
        with self._writing() as database:
            database.execute(f"INSERT INTO jobs ({', '.join(_NAMES)}) VALUES ({marks})", values)

    def change(self, job_id: str, *, only_in: Sequence[State] = (), **changes: Any) -> bool:
        """Set fields of a job, if it is in one of the states `only_in`; return whether it was."""
        names = [f"{name} = ?" for name in changes]
        values = [_to_column(name, value) for name, value in changes.items()]
        where = f" AND state IN ({', '.join('?' * len(only_in))})" if only_in else ""
        with self._writing() as database:
            done = database.execute(
                f"UPDATE jobs SET {', '.join(names)} WHERE id = ?{where}",
                (*values, job_id, *only_in),
            )
            return done.rowcount == 1

    def remove(self, job_id: str, *, only_in: Sequence[State]) -> bool:
        """Forget a job, if it is in one of the states; return whether it was."""
        with self._writing() as database:
            done = database.execute(
                f"DELETE FROM jobs WHERE id = ? AND state IN ({', '.join('?' * len(only_in))})",
                (job_id, *only_in),
            )
            return done.rowcount == 1

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None if there is none of this identity."""
        found = self._rows("SELECT * FROM jobs WHERE id = ?", (job_id,))
        return found[0] if found else None

    def latest(self, state: State | None = None, limit: int = 100, offset: int = 0) -> list[Job]:
        """Return jobs, the latest first."""
        where, values = ("WHERE state = ?", (state,)) if state else ("", ())
        return self._rows(
            f"SELECT * FROM jobs {where} ORDER BY created DESC, id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )

    def waiting(self) -> list[Job]:
        """Return the jobs that wait, in the order in which they came."""
        return self._rows("SELECT * FROM jobs WHERE state = 'pending' ORDER BY created, id", ())

    def running(self) -> list[Job]:
        """Return the jobs whose process goes on, as far as is known."""
        return self._rows("SELECT * FROM jobs WHERE state = 'running' ORDER BY created, id", ())

    def counts(self) -> dict[str, int]:
        """Return how many jobs there are in each state."""
        with self._lock:
            rows = self._connection.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state")
            return dict(rows)

    def _rows(self, query: str, values: Sequence[Any]) -> list[Job]:
        with self._lock:
            return [_job(row) for row in self._connection.execute(query, values)]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def _prepare(self) -> None:
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if (application, version) == (APPLICATION_ID, SCHEMA_VERSION):
            return
        if application == APPLICATION_ID:
            raise VersionError(
                f"{self.path} was written by another version of eemt-core",
                remedy="use that one, or give another folder with <<data>>",
                field="data",
                value=self.path,
            )
        (tables,) = self._connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if application or tables:
            raise InputError(
                f"{self.path} is a database of another program",
                remedy="give another folder with <<data>>",
                field="data",
                value=self.path,
            )
        self._connection.executescript(
            f"BEGIN; {_TABLES} PRAGMA application_id = {APPLICATION_ID}; "
            f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )


def _to_column(name: str, value: Any) -> Any:
    return json.dumps(dict(value), allow_nan=False) if name == "parameters" else value


def _job(row: sqlite3.Row) -> Job:
    values = dict(row)
    values["parameters"] = json.loads(values["parameters"])
    values.update({name: bool(values[name]) for name in _FLAGS})
    return Job(**values)
