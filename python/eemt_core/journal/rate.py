"""How fast a run's tiles get done, and how long the rest will take."""

from __future__ import annotations

import sqlite3

from .status import WorkProgress

_WINDOW_S = 300.0
_FEWEST = 10


def work_progress(
    journal: sqlite3.Connection, run: int, until: float, *, goes_on: bool
) -> WorkProgress:
    """Return the work done and to do, and the rate up to the time `until`.

    The rate of a run that goes on is that of the last five minutes, or of the last ten tiles where
    these took longer; of one that has ended, that of all its tiles.
    """
    by_state = dict(journal.execute("SELECT state, SUM(work_units) FROM tiles GROUP BY state"))
    total, done = float(sum(by_state.values())), float(by_state.get("done", 0.0))
    (began,) = journal.execute(
        "SELECT MIN(submitted) FROM attempts WHERE run = ?", (run,)
    ).fetchone()
    if began is None:
        return WorkProgress(done, total, 0.0, None)
    since = began
    if goes_on:
        earlier = _before_last(journal, began)
        since = max(began, min(until - _WINDOW_S, began if earlier is None else earlier))
    (recent,) = journal.execute(
        "SELECT COALESCE(SUM(work_units), 0) FROM tiles WHERE done_at > ?", (since,)
    ).fetchone()
    per_s = recent / (until - since) if until > since else 0.0
    waiting = float(by_state.get("waiting", 0.0) + by_state.get("running", 0.0))
    left_s = waiting / per_s if goes_on and per_s > 0 else None
    return WorkProgress(done, total, per_s, left_s)


def _before_last(journal: sqlite3.Connection, began: float) -> float | None:
    """Return when the tile before the last ten was done, None if this run has done fewer."""
    row = journal.execute(
        "SELECT done_at FROM tiles WHERE done_at > ? ORDER BY done_at DESC LIMIT 1 OFFSET ?",
        (began, _FEWEST),
    ).fetchone()
    return None if row is None else float(row[0])
