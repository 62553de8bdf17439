"""Reading a journal from any process, at any time, in one short transaction."""

from __future__ import annotations

import fcntl
import json
import platform
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from . import rate, schema
from .status import (
    AttemptCounts,
    LoggedEvent,
    RefusedWorkers,
    RunStatus,
    StageStatus,
    Status,
    TileCounts,
    TileStatus,
    WorkerCounts,
    WorkerStatus,
)

LOCK_FILE = ".eemt/lock"
"""Held by a run's manager, within the output folder."""

NOTEWORTHY = ("running", "aside")
"""States of tiles that are worth a row; the others are counted."""

_ROWS = 1000
_LAST_LEFT = 100
_LAST_EVENTS = 100
_SILENT_AFTER_S = 120.0


def read_status(out: Path) -> Status:
    """Return what the last run in an output folder does or did.

    Raises
    ------
    InputError
        If the folder has no journal, a damaged one, or one that cannot be read from here.
    VersionError
        If another version wrote it.
    """
    path = out / schema.JOURNAL_FILE
    with schema.reading(path) as journal:
        now = time.time()
        run, ran_until = _run(journal, path, out, now)
        status = Status(
            out=str(out.absolute()),
            at_utc=_utc(now),
            run=run,
            stage=_stage(journal, run),
            tile_counts=_tile_counts(journal),
            work=rate.work_progress(journal, run.number, ran_until, goes_on=run.state == "running"),
            attempts=_attempts(journal, run),
            worker_counts=_worker_counts(journal, run),
            workers=_workers(journal, run, _LAST_LEFT),
            tiles=_tiles(journal, run, NOTEWORTHY, _ROWS, ran_until),
            refused=_refused(journal, run),
            events=_events(journal, run),
        )
        json.dumps(asdict(status), allow_nan=False)  # raises where a value is of no kind of ours
        return status


def read_tiles(
    out: Path, states: Sequence[str] = NOTEWORTHY, limit: int = _ROWS
) -> tuple[TileStatus, ...]:
    """Return the first `limit` tiles in any of `states`; errors are those of `read_status`."""
    path = out / schema.JOURNAL_FILE
    with schema.reading(path) as journal:
        run, ran_until = _run(journal, path, out, time.time())
        return _tiles(journal, run, states, limit, ran_until)


def read_workers(out: Path, left: int = _ROWS) -> tuple[WorkerStatus, ...]:
    """Return the last run's workers, and the last `left` that left; errors as `read_status`."""
    path = out / schema.JOURNAL_FILE
    with schema.reading(path) as journal:
        run, _ = _run(journal, path, out, time.time())
        return _workers(journal, run, left)


def is_locked(out: Path) -> bool:
    """Say whether a manager holds the lock of an output folder."""
    try:
        with (out / LOCK_FILE).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _run(journal: sqlite3.Connection, path: Path, out: Path, now: float) -> tuple[RunStatus, float]:
    """Return the last run, and until when it has run [s since 1970].

    Times within it are in whole seconds, which is too coarse for the rate of a run of a second.
    """
    row = journal.execute(
        "SELECT run, state, message, command, program, engine, host, pid, fingerprint, "
        "instruction_set, started, updated, ended FROM runs ORDER BY run DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise schema.no_run_yet(path)
    number, state, message, command, program, engine, host, pid = row[:8]
    prints, instruction_set, started, updated, end = row[8:]
    if end is None:
        state = _state_without_end(out, host, now - updated)
        if state == "killed":
            end = updated
    until = max(now, updated) if end is None else end
    status = RunStatus(
        number=number,
        state=state,
        message=message,
        command=command,
        program=program,
        engine=engine,
        host=host,
        pid=pid,
        fingerprint=json.loads(prints),
        instruction_set=instruction_set,
        started_utc=_utc(started),
        updated_utc=_utc(updated),
        ended_utc=_utc(end),
        seconds=max(0.0, round(until - started, 3)),
    )
    return status, until


def _state_without_end(out: Path, host: str, silence_s: float) -> str:
    """Return the state of a run whose end is not recorded.

    Some network file systems keep locks on each host alone: there a free lock says something only
    on the manager's own host, and elsewhere its signs of life count.
    """
    if is_locked(out):
        return "running"
    if host == platform.node():
        return "killed"
    return "running" if silence_s < _SILENT_AFTER_S else "silent"


def _stage(journal: sqlite3.Connection, run: RunStatus) -> StageStatus | None:
    row = journal.execute(
        "SELECT stage, stage_done, stage_total, stage_unit FROM runs WHERE run = ?", (run.number,)
    ).fetchone()
    return StageStatus(*row) if row[0] else None


def _tile_counts(journal: sqlite3.Connection) -> TileCounts:
    states = dict(journal.execute("SELECT state, COUNT(*) FROM tiles GROUP BY state"))
    (earlier,) = journal.execute(
        "SELECT COUNT(*) FROM tiles WHERE state = 'done' AND from_earlier"
    ).fetchone()
    counts = {s: states.get(s, 0) for s in ("waiting", "running", "done", "aside")}
    return TileCounts(total=sum(states.values()), from_earlier=earlier, **counts)


def _attempts(journal: sqlite3.Connection, run: RunStatus) -> AttemptCounts:
    total = retried = copies = 0
    by_outcome: dict[str, int] = {}
    for outcome, again, copy, count in journal.execute(
        "SELECT outcome, number > 1, copy, COUNT(*) FROM attempts WHERE run = ? GROUP BY 1, 2, 3",
        (run.number,),
    ):
        total += count
        copies += count if copy else 0
        retried += count if again and not copy else 0
        by_outcome[outcome] = by_outcome.get(outcome, 0) + count
    kinds = ("running", "done", "failed", "lost", "damaged", "cancelled", "superseded")
    return AttemptCounts(
        total=total,
        retried=retried,
        copies=copies,
        no_memory=by_outcome.get("no-memory", 0),
        **{kind: by_outcome.get(kind, 0) for kind in kinds},
    )


def _worker_counts(journal: sqlite3.Connection, run: RunStatus) -> WorkerCounts:
    seen, connected, cores = journal.execute(
        "SELECT COUNT(*), COALESCE(SUM(gone IS NULL), 0), "
        "COALESCE(SUM(cores) FILTER (WHERE gone IS NULL), 0) FROM workers WHERE run = ?",
        (run.number,),
    ).fetchone()
    (busy,) = journal.execute(
        "SELECT COALESCE(SUM(cores), 0) FROM attempts WHERE ended IS NULL "
        "AND outcome = 'running' AND run = ?",
        (run.number,),
    ).fetchone()
    return WorkerCounts(connected=connected, seen=seen, cores=cores, cores_busy=busy)


def _workers(journal: sqlite3.Connection, run: RunStatus, left: int) -> tuple[WorkerStatus, ...]:
    did: dict[str, dict[str, int]] = {}
    last: dict[str, float] = {}
    for worker, outcome, count, at in journal.execute(
        "SELECT worker, outcome, COUNT(*), MAX(COALESCE(ended, began, 0)) FROM attempts "
        "WHERE run = ? AND worker IS NOT NULL GROUP BY worker, outcome",
        (run.number,),
    ):
        did.setdefault(worker, {})[outcome] = count
        last[worker] = max(at, last.get(worker, 0.0))
    runs: dict[str, list[str]] = {}
    busy: dict[str, int] = {}
    for worker, name, cores in journal.execute(
        "SELECT worker, name, cores FROM attempts JOIN tiles USING (tile) WHERE ended IS NULL "
        "AND outcome = 'running' AND worker IS NOT NULL ORDER BY tile"
    ):
        runs.setdefault(worker, []).append(name)
        busy[worker] = busy.get(worker, 0) + cores
    # a worker that came back has a row for each time: the last one stands for all
    rows = journal.execute(
        "SELECT worker, host, address, cores, memory_mb, disk_mb, joined, gone, why, MAX(id) "
        "FROM workers WHERE run = ? GROUP BY worker ORDER BY gone IS NOT NULL, gone DESC, MAX(id)",
        (run.number,),
    )
    workers = []
    for name, host, address, cores, memory_mb, disk_mb, joined, gone, why, _ in rows:
        if gone is not None:
            if left <= 0:
                break
            left -= 1
        outcomes = did.get(name, {})
        running, done, lost = (outcomes.pop(key, 0) for key in ("running", "done", "lost"))
        workers.append(
            WorkerStatus(
                worker=name,
                host=host,
                address=address,
                cores=cores,
                memory_mb=memory_mb,
                disk_mb=disk_mb,
                cores_busy=busy.get(name, 0),
                running=running,
                done=done,
                lost=lost,
                other=sum(outcomes.values()),
                tiles=tuple(runs.get(name, ())),
                joined_utc=_utc(joined),
                last_utc=_utc(max(joined, last.get(name, 0.0))),
                left_utc=_utc(gone),
                why_left=why,
            )
        )
    return tuple(workers)


def _tiles(
    journal: sqlite3.Connection, run: RunStatus, states: Sequence[str], limit: int, until: float
) -> tuple[TileStatus, ...]:
    marks = ", ".join("?" * len(states))
    rows = journal.execute(
        "SELECT name, state, cells, work_units, number, host, worker, "
        "COALESCE(seconds, COALESCE(ended, ?) - began), tiles.message, log FROM tiles "
        "LEFT JOIN attempts ON attempts.attempt = tiles.attempt "
        f"WHERE state IN ({marks}) ORDER BY tiles.tile LIMIT ?",
        (until, *states, limit),
    )
    return tuple(
        TileStatus(
            name=name,
            state=state,
            cells=cells,
            work_units=work_units,
            attempt=number or 0,
            host=host or "",
            worker=worker or "",
            seconds=None if seconds is None else max(0.0, round(seconds, 3)),
            message=message,
            log=log,
        )
        for name, state, cells, work_units, number, host, worker, seconds, message, log in rows
    )


def _refused(journal: sqlite3.Connection, run: RunStatus) -> tuple[RefusedWorkers, ...]:
    rows = journal.execute(
        "SELECT address, why, times, last FROM refused WHERE run = ? ORDER BY last DESC LIMIT ?",
        (run.number, _LAST_LEFT),
    )
    return tuple(
        RefusedWorkers(address, why, times, _utc(last)) for address, why, times, last in rows
    )


def _events(journal: sqlite3.Connection, run: RunStatus) -> tuple[LoggedEvent, ...]:
    rows = journal.execute(
        "SELECT at, kind, sentence FROM events WHERE run = ? ORDER BY event DESC LIMIT ?",
        (run.number, _LAST_EVENTS),
    ).fetchall()
    return tuple(LoggedEvent(_utc(at), kind, sentence) for at, kind, sentence in reversed(rows))


def _utc(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
