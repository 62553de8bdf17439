"""The jobs' database: one SQLite file, written by the one service that holds its folder."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from ...errors import InputError, ResourceError, VersionError
from ...errors.system import cannot_write
from ...files import private_file
from .job import ENDED, Job, State

DATABASE_FILE = "jobs.sqlite"
SCHEMA_VERSION = 2
APPLICATION_ID = 0x45574542  # "EWEB"

_TABLES = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL, state TEXT NOT NULL, dem_name TEXT NOT NULL, created REAL NOT NULL,
    parameters TEXT NOT NULL, upload TEXT NOT NULL,
    progress REAL NOT NULL, message TEXT NOT NULL,
    started REAL, ended REAL, pid INTEGER,
    wants_cancel INTEGER NOT NULL, keep INTEGER NOT NULL, files_removed REAL
);
CREATE INDEX jobs_by_time ON jobs (created DESC, id);
CREATE INDEX jobs_by_state ON jobs (state, created DESC, id);
CREATE INDEX jobs_by_end ON jobs (ended, id)
    WHERE ended IS NOT NULL AND keep = 0 AND files_removed IS NULL;
"""

_NO_DISK = (
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY,
)  # fmt: skip
_MOST_REMEMBERED = 1000
_IN_STATE = "SELECT * FROM jobs WHERE state = ?"
_NAMES = tuple(field.name for field in fields(Job))
_FLAGS = ("wants_cancel", "keep")


class JobStore:
    """All jobs; every method is one transaction, from any thread.

    `changes` counts them, so that who follows the jobs asks only for those that have changed.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.changes = path, 0
        self._changed: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        try:
            private_file(path)
        except OSError as error:
            raise cannot_write(path, error) from None
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except sqlite3.DatabaseError as error:
            raise _unusable(path, error) from None
        self._connection.row_factory = sqlite3.Row
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise _unusable(path, error) from None
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def add(self, *jobs: Job) -> None:
        """Add jobs, all or none."""
        marks = ", ".join("?" * len(_NAMES))
        values = [[_to_column(name, getattr(job, name)) for name in _NAMES] for job in jobs]
        with self._writing(*(job.id for job in jobs)) as database:
            database.executemany(f"INSERT INTO jobs ({', '.join(_NAMES)}) VALUES ({marks})", values)

    def change(
        self,
        job_id: str,
        *,
        only_in: Sequence[State] = (),
        unless: Sequence[str] = (),
        **changes: Any,
    ) -> bool:
        """Set fields of a job, if it is in one of the states `only_in`; return whether it was.

        `unless` names fields that must not be set: ``keep``, ``files_removed``.
        """
        names = [f"{name} = ?" for name in changes]
        values = [_to_column(name, value) for name, value in changes.items()]
        where = _where(only_in, unless)
        with self._writing(job_id) as database:
            done = database.execute(
                f"UPDATE jobs SET {', '.join(names)} WHERE id = ?{where}",
                (*values, job_id, *only_in),
            )
            return done.rowcount == 1

    def remove(self, job_id: str, *, only_in: Sequence[State]) -> bool:
        """Forget a job, if it is in one of the states; return whether it was."""
        where = _where(only_in)
        with self._writing(job_id) as database:
            done = database.execute(f"DELETE FROM jobs WHERE id = ?{where}", (job_id, *only_in))
            return done.rowcount == 1

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None if there is none of this identity."""
        found = self._rows("SELECT * FROM jobs WHERE id = ?", (job_id,))
        return found[0] if found else None

    def changed_since(self, count: int) -> list[str] | None:
        """Return the jobs that were changed, added or removed since there were `count` changes.

        None where that is too long ago to be known.
        """
        with self._lock:
            if self.changes - count > _MOST_REMEMBERED:
                return None
            return [job_id for job_id, at in self._changed.items() if at > count]

    def latest(
        self, state: State | None = None, limit: int = 100, offset: int = 0, name: str = ""
    ) -> list[Job]:
        """Return jobs, the latest first; of those only whose DEM has `name` in its name."""
        tests = {"state = ?": state, "instr(lower(dem_name), lower(?)) > 0": name}
        asked = {test: value for test, value in tests.items() if value}
        where, values = f"WHERE {' AND '.join(asked)}" if asked else "", tuple(asked.values())
        return self._rows(
            f"SELECT * FROM jobs {where} ORDER BY created DESC, id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )

    def waiting(self, limit: int = 100) -> list[Job]:
        """Return the first of the jobs that wait, in the order in which they came."""
        return self._rows(f"{_IN_STATE} ORDER BY created, id DESC LIMIT ?", ("pending", limit))

    def running(self) -> list[Job]:
        """Return the jobs whose process goes on, as far as is known."""
        return self._rows(f"{_IN_STATE} ORDER BY created, id DESC", ("running",))

    def removable(
        self, before: float, states: Sequence[State] = ENDED, limit: int = -1
    ) -> list[Job]:
        """Return jobs that ended before a time and have files that may go, the oldest first."""
        marks = ", ".join("?" * len(states))
        return self._rows(
            f"SELECT * FROM jobs WHERE ended < ? AND ended IS NOT NULL AND keep = 0 "
            # the plus keeps SQLite from the index by states, after which it would sort
            f"AND files_removed IS NULL AND +state IN ({marks}) ORDER BY ended, id LIMIT ?",
            (before, *states, limit),
        )

    def counts(self) -> dict[str, int]:
        """Return how many jobs there are in each state."""
        with self._using() as database:
            return dict(database.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state"))

    def _rows(self, query: str, values: Sequence[Any]) -> list[Job]:
        with self._using() as database:
            return [_job(row) for row in database.execute(query, values)]

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.DatabaseError as error:
                if (told := _unusable(self.path, error)) is error:
                    raise
                raise told from error

    @contextmanager
    def _writing(self, *job_ids: str) -> Iterator[sqlite3.Connection]:
        with self._using() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.commit()
                self._remember(job_ids)
            except BaseException:
                database.rollback()
                raise

    def _remember(self, job_ids: Sequence[str]) -> None:
        for job_id in job_ids:
            self.changes += 1
            self._changed[job_id] = self.changes
            self._changed.move_to_end(job_id)
            if len(self._changed) > _MOST_REMEMBERED:
                self._changed.popitem(last=False)

    def _prepare(self) -> None:
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if (application, version) == (APPLICATION_ID, SCHEMA_VERSION):
            (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise _damaged(self.path, found)
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


def _unusable(path: Path, error: sqlite3.DatabaseError) -> Exception:
    """Return the error to raise where SQLite fails for lack of disk or for what the file holds."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path, str(error))
    if code in _NO_DISK:
        return ResourceError(
            f"the database of jobs {path} cannot be used ({error})",
            "disk",
            remedy="check the disk, the space left on it, and the permissions of <<data>>",
        )
    return error


def _damaged(path: Path, reason: str) -> InputError:
    return InputError(
        f"{path} is no database of jobs, or a damaged one ({reason})",
        remedy="restore it from a backup, or move it away to start with no jobs",
        field="data",
        value=path,
    )


def _where(states: Sequence[State], unless: Sequence[str] = ()) -> str:
    where = f" AND state IN ({', '.join('?' * len(states))})" if states else ""
    return where + "".join(f" AND NOT COALESCE({name}, 0)" for name in unless)


def _to_column(name: str, value: Any) -> Any:
    return json.dumps(dict(value), allow_nan=False) if name == "parameters" else value


def _job(row: sqlite3.Row) -> Job:
    values = dict(row)
    values["parameters"] = json.loads(values["parameters"])
    values.update({name: bool(values[name]) for name in _FLAGS})
    return Job(**values)
