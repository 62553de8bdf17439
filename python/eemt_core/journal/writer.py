"""The one writer of the journal: the manager, from one thread."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple

from .store import Results, Store, compact

Outcome = Literal["done", "failed", "lost", "damaged", "no-memory", "cancelled", "superseded"]
"""How an attempt at a tile ended; ``lost`` is a worker that went away with it."""

RunState = Literal["finished", "failed", "interrupted"]


class TilePlan(NamedTuple):
    """A tile as it is planned; `row0` to `cols` say which cells of the grid are its own."""

    number: int
    name: str
    cells: int
    work_units: float
    row0: int
    col0: int
    rows: int
    cols: int


_PLANNED = "tile, name, cells, work_units, row0, col0, rows, cols"
_CLOSE_TIMEOUT_S = 60.0
_SIGN_OF_LIFE_S = 10.0
MOST_REFUSED = 1000
"""Rows of workers that were sent away: their addresses and words are strangers', without end."""


class Journal:
    """The journal of a run, open for writing.

    Every method is quick; nothing is on disk, nor seen by others, before `commit`. What a kill
    between two commits loses is small: finished tiles stand as verified folders too.

    All methods raise `InputError` if the file turns out to be damaged, and `ResourceError` if the
    disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = Store(path)
        self._run = 0
        self._stage: tuple[str, float, float, str] | None = None
        self._alive_at = 0.0
        self._closed = False

    @classmethod
    def create(cls, path: Path) -> Journal:
        """Return a new journal in `path`, in place of one that may be there."""
        cls.remove(path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Return the journal in `path`, a new one if there is none.

        Raises
        ------
        InputError
            If the file is damaged, no journal, or cannot be written.
        VersionError
            If another version wrote it.
        """
        return cls(path)

    @staticmethod
    def remove(path: Path) -> None:
        """Remove a journal that is not open; the rollback journal last, it needs its database."""
        for name in (path.name, f"{path.name}-journal"):
            path.with_name(name).unlink(missing_ok=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # the run

    def begin_run(
        self,
        command: str,
        program: str,
        fingerprint: Mapping[str, str],
        instruction_set: str,
        engine: str,
        host: str,
        pid: int,
        tiles: Iterable[TilePlan],
        started: str,
    ) -> None:
        """Begin a run, at its start and at each resume.

        Tiles stay as they were if both the tiling and the fingerprint are those of the run before:
        finished ones finished, all others waiting. Otherwise all wait, without results.

        Parameters
        ----------
        fingerprint
            Hashes of the run's parameters, code and inputs.
        instruction_set
            What the kernels run on, in every tile.
        engine
            What runs the tiles, in a few words: ``local``, ``work_queue``.
        host, pid
            Of the manager's process, which holds the lock on the output folder.
        tiles
            Each tile, whatever its state.
        started
            Time in UTC, ISO 8601.
        """
        began, now = datetime.fromisoformat(started).timestamp(), time.time()
        prints, plan = compact(fingerprint), sorted(tiles)
        try:
            self._end_what_was_open(now)
            self._store.write(
                "UPDATE runs SET state = 'killed', ended = updated WHERE ended IS NULL"
            )
            before = self._store.one("SELECT fingerprint FROM runs ORDER BY run DESC LIMIT 1")
            if before != (prints,) or not self._has_tiles(plan):
                self._store.write("DELETE FROM attempts")
                self._store.write("DELETE FROM results")
                self._store.write("DELETE FROM tiles")
                self._store.write_many(
                    f"INSERT INTO tiles ({_PLANNED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", plan
                )
            self._store.write(
                "UPDATE tiles SET state = 'waiting', message = '', log = '' WHERE state != 'done'"
            )
            self._run = self._store.write(
                "INSERT INTO runs (command, program, fingerprint, instruction_set, engine, host, "
                "pid, started, updated, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running')",
                (command, program, prints, instruction_set, engine, host, pid, began, now),
            )
        except BaseException:
            self._store.rollback()  # half a beginning would look like a run without tiles
            raise
        self._stage = None

    def progress(self, stage: str, done: float, total: float, unit: str) -> None:
        """Note how far a stage is; only the latest call before a commit is written."""
        self._stage = (stage, done, total, unit)

    def event(self, kind: str, sentence: str) -> None:
        """Note a message to the user, and a word for what it is about."""
        self._store.write(
            "INSERT INTO events (run, at, kind, sentence) VALUES (?, ?, ?, ?)",
            (self._run, time.time(), kind, sentence),
        )

    def end_run(self, state: RunState, message: str = "") -> None:
        """Note how the run ended; attempts still open are cancelled."""
        now = time.time()
        self._end_what_was_open(now)
        self._store.write(
            "UPDATE runs SET state = ?, message = ?, ended = ?, updated = ? WHERE run = ?",
            (state, message, now, now, self._run),
        )

    # tiles

    def results(self) -> Mapping[int, dict[str, Any]]:
        """Return the results of finished tiles, by tile number; each is read when asked for."""
        return Results(self._store)

    def tile_done(
        self,
        index: int,
        result: Mapping[str, Any],
        attempt_id: int | None = None,
        from_earlier: bool = False,
    ) -> None:
        """Note a tile's verified result, or that one of an earlier run is good still."""
        self._store.write(
            "UPDATE tiles SET state = 'done', from_earlier = ?, attempt = COALESCE(?, attempt), "
            "done_at = CASE WHEN ? THEN done_at ELSE ? END, message = '', log = '' WHERE tile = ?",
            (from_earlier, attempt_id, from_earlier, time.time(), index),
        )
        # one that is there already, as on resume, is not written again
        self._store.write(
            "INSERT INTO results (tile, result) VALUES (?, ?) ON CONFLICT DO UPDATE "
            "SET result = excluded.result WHERE result != excluded.result",
            (index, compact(result)),
        )

    def tile_again(self, index: int, why: str) -> None:
        """Note that a tile is computed again though it was finished, and why."""
        self._store.write(
            "UPDATE tiles SET state = 'waiting', from_earlier = 0, done_at = NULL, "
            "attempt = NULL, message = ?, log = '' WHERE tile = ?",
            (why, index),
        )
        self._store.write("DELETE FROM results WHERE tile = ?", (index,))

    def tile_put_aside(self, index: int, message: str, log_path: str) -> None:
        """Note that a tile failed too often and the run goes on without it."""
        self._store.write(
            "UPDATE tiles SET state = 'aside', message = ?, log = ? WHERE tile = ?",
            (message, str(log_path), index),
        )

    # attempts

    def attempt_submitted(
        self, index: int, number: int, cores: int, memory_mb: int, disk_mb: int, copy: bool = False
    ) -> int:
        """Note that a tile was handed to the engine for the `number`-th time; return the attempt.

        A `copy` is a second one of a tile that runs already but does not come to its end.
        """
        attempt = self._store.write(
            "INSERT INTO attempts (run, tile, number, cores, memory_mb, disk_mb, copy, submitted) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self._run, index, number, cores, memory_mb, disk_mb, copy, time.time()),
        )
        if not copy:
            self._store.write("UPDATE tiles SET attempt = ? WHERE tile = ?", (attempt, index))
        return attempt

    def attempt_running(self, attempt_id: int, worker_id: str | None, host: str) -> None:
        """Note that an attempt has begun, and where."""
        self._store.write(
            "UPDATE attempts SET outcome = 'running', worker = ?, host = ?, began = ? "
            "WHERE attempt = ? AND ended IS NULL",
            (worker_id, host, time.time(), attempt_id),
        )
        self._store.write(
            "UPDATE tiles SET state = 'running', attempt = ? WHERE state IN ('waiting', 'running') "
            "AND tile = (SELECT tile FROM attempts WHERE attempt = ?)",
            (attempt_id, attempt_id),
        )

    def attempt_ended(
        self, attempt_id: int, outcome: Outcome, message: str = "", seconds: float | None = None
    ) -> None:
        """Note how an attempt ended; its tile waits again unless done or running elsewhere."""
        self._store.write(
            "UPDATE attempts SET outcome = ?, message = ?, seconds = ?, ended = ? "
            "WHERE attempt = ?",
            (outcome, message, seconds, time.time(), attempt_id),
        )
        if outcome != "done":
            self._store.write(
                "UPDATE tiles SET state = 'waiting', message = ? WHERE state = 'running' "
                "AND tile = (SELECT tile FROM attempts WHERE attempt = ?) AND NOT EXISTS ("
                " SELECT 1 FROM attempts AS other WHERE other.tile = tiles.tile "
                " AND other.ended IS NULL AND other.outcome = 'running')",
                (message, attempt_id),
            )

    # workers

    def worker_joined(
        self, worker_id: str, host: str, address: str, cores: int, memory_mb: int, disk_mb: int
    ) -> None:
        """Note a worker that has connected."""
        self._store.write(
            "INSERT INTO workers (run, worker, host, address, cores, memory_mb, disk_mb, joined) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self._run, worker_id, host, address, cores, memory_mb, disk_mb, time.time()),
        )

    def worker_left(self, worker_id: str, why: str) -> None:
        """Note that a worker is gone, and why."""
        self._store.write(
            "UPDATE workers SET gone = ?, why = ? WHERE run = ? AND worker = ? AND gone IS NULL",
            (time.time(), why, self._run, worker_id),
        )

    def worker_refused(self, address: str, why: str) -> None:
        """Note that a worker was sent away; counted for each address (without port) and reason.

        Only the latest are kept.
        """
        self._store.write(
            "INSERT INTO refused (run, address, why, times, last) VALUES (?, ?, ?, 1, ?) "
            "ON CONFLICT DO UPDATE SET times = times + 1, last = excluded.last",
            (self._run, address, why, time.time()),
        )
        self._store.write(
            "DELETE FROM refused WHERE run = ? AND last < (SELECT last FROM refused WHERE run = ? "
            "ORDER BY last DESC LIMIT 1 OFFSET ?)",
            (self._run, self._run, MOST_REFUSED - 1),
        )

    # the disk

    def commit(self) -> bool:
        """Put on disk what was noted since; a sign of life now and then if there was nothing.

        Returns
        -------
        Whether all is on disk. If a reader was in the way, what was noted is kept for the next
        commit.
        """
        now = time.time()
        quiet = not self._store.has_changes and self._stage is None
        if quiet and abs(now - self._alive_at) < _SIGN_OF_LIFE_S:
            return True
        if self._run and self._is_running():
            self._store.write("UPDATE runs SET updated = ? WHERE run = ?", (now, self._run))
        if self._run and self._stage is not None:
            self._store.write(
                "UPDATE runs SET stage = ?, stage_done = ?, stage_total = ?, stage_unit = ? "
                "WHERE run = ?",
                (*self._stage, self._run),
            )
        self._stage, self._alive_at = None, now
        return self._store.commit()

    def close(self) -> bool:
        """Commit and close; waits a minute for a reader that is in the way.

        Returns
        -------
        Whether all is on disk.
        """
        if self._closed:
            return True
        deadline = time.monotonic() + _CLOSE_TIMEOUT_S
        try:
            while not (committed := self.commit()) and time.monotonic() < deadline:
                pass  # a commit waits itself
            return committed
        finally:
            self._closed = True
            self._store.close()

    def _is_running(self) -> bool:
        ended = self._store.one("SELECT ended FROM runs WHERE run = ?", (self._run,))
        return bool(ended == (None,))

    def _end_what_was_open(self, now: float) -> None:
        """End the attempts and workers that are still open: the manager's end was theirs."""
        self._store.write(
            "UPDATE attempts SET outcome = 'cancelled', ended = ?, message = 'the run ended' "
            "WHERE ended IS NULL",
            (now,),
        )
        self._store.write(
            "UPDATE workers SET gone = ?, why = 'the run ended' WHERE gone IS NULL", (now,)
        )
        self._store.write("UPDATE tiles SET state = 'waiting' WHERE state = 'running'")

    def _has_tiles(self, plan: list[TilePlan]) -> bool:
        rows = self._store.rows(f"SELECT {_PLANNED} FROM tiles ORDER BY tile")
        return all(row == tile for row, tile in zip_longest(rows, plan))
