"""What a journal says of runs, as figures for Prometheus.

Alerts and dashboards of others rely on them: a figure may be added, but neither renamed nor given
another meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from ..exposition import Family, Sample
from .status import Status

STATES = ("running", "silent", "finished", "failed", "interrupted", "killed")
"""In which a run may be."""

_TILES = ("waiting", "running", "done", "aside")
_ENDS = ("done", "failed", "lost", "damaged", "no_memory", "cancelled", "superseded")

_Labelled = list[tuple[dict[str, str], float]]


@dataclass(frozen=True)
class _Figure:
    name: str
    meaning: str
    read: Callable[[Status], _Labelled]
    kind: Literal["gauge", "counter"] = "gauge"


def run_figures(runs: Sequence[tuple[str, Status]]) -> list[Family]:
    """Return the figures of runs.

    Parameters
    ----------
    runs
        What each run is called, its label ``run``, and its status.
    """
    return [
        Family(
            figure.name,
            figure.meaning,
            tuple(
                Sample(value, {"run": name, **labels})
                for name, status in runs
                for labels, value in figure.read(status)
            ),
            figure.kind,
        )
        for figure in _FIGURES
    ]


def _info(status: Status) -> _Labelled:
    run = status.run
    return [({"host": run.host, "engine": run.engine, "version": run.program}, 1)]


def _states(status: Status) -> _Labelled:
    return [({"state": state}, status.run.state == state) for state in STATES]


def _stage(status: Status) -> _Labelled:
    stage = status.stage
    return (
        []
        if stage is None or not stage.total
        else [({"stage": stage.name}, stage.done / stage.total)]
    )


def _tiles(status: Status) -> _Labelled:
    counts = asdict(status.tile_counts)
    return [({"state": state}, counts[state]) for state in _TILES]


def _ends(status: Status) -> _Labelled:
    counts = asdict(status.attempts)
    return [({"outcome": end}, counts[end]) for end in _ENDS]


def _left(status: Status) -> _Labelled:
    return _one(status.work.left_s)


def _time(utc: str) -> _Labelled:
    try:
        return _one(datetime.fromisoformat(utc).timestamp())
    except ValueError:  # it has not come yet
        return []


def _one(value: float | None) -> _Labelled:
    return [] if value is None else [({}, value)]


_FIGURES = (
    _Figure("eemt_run_info", "Where a run's manager is, how tiles run, its version; 1.", _info),
    _Figure("eemt_run_state", "1 for the state in which a run is, 0 for others.", _states),
    _Figure(
        "eemt_run_starts_total",
        "Starts of a run: 1, and one more for each time it was resumed.",
        lambda s: _one(s.run.number),
        "counter",
    ),
    _Figure(
        "eemt_run_start_time_seconds",
        "When it was last started.",
        lambda s: _time(s.run.started_utc),
    ),
    _Figure(
        "eemt_run_sign_of_life_time_seconds",
        "When its manager last wrote into its journal.",
        lambda s: _time(s.run.updated_utc),
    ),
    _Figure("eemt_run_read_time_seconds", "When all this was read.", lambda s: _time(s.at_utc)),
    _Figure("eemt_run_end_time_seconds", "When it ended.", lambda s: _time(s.run.ended_utc)),
    _Figure(
        "eemt_run_stage_done_ratio", "Share of its present stage that is done, 0 to 1.", _stage
    ),
    _Figure("eemt_run_tiles", "Its tiles by state.", _tiles),
    _Figure("eemt_run_work", "Its work: cells times days.", lambda s: _one(s.work.total)),
    _Figure("eemt_run_work_done", "Work that is done.", lambda s: _one(s.work.done)),
    _Figure(
        "eemt_run_work_per_second",
        "Work done per second in the last minutes; of all its tiles when it has ended.",
        lambda s: _one(s.work.per_s),
    ),
    _Figure("eemt_run_left_seconds", "Time that the rest will take, where that is known.", _left),
    _Figure(
        "eemt_run_attempts_total",
        "Attempts at tiles since its last start, by how they ended.",
        _ends,
        "counter",
    ),
    _Figure(
        "eemt_run_retries_total",
        "Attempts at tiles that had been tried before.",
        lambda s: _one(s.attempts.retried),
        "counter",
    ),
    _Figure(
        "eemt_run_copies_total",
        "Second attempts at tiles of which the first took long.",
        lambda s: _one(s.attempts.copies),
        "counter",
    ),
    _Figure(
        "eemt_run_workers", "Workers that are connected.", lambda s: _one(s.worker_counts.connected)
    ),
    _Figure(
        "eemt_run_workers_seen_total",
        "Workers that have connected since its last start.",
        lambda s: _one(s.worker_counts.seen),
        "counter",
    ),
    _Figure(
        "eemt_run_workers_refused",
        "Times that workers were sent away, of the last hundred addresses.",
        lambda s: _one(sum(refused.times for refused in s.refused)),
    ),
    _Figure("eemt_run_cores", "Cores of its workers.", lambda s: _one(s.worker_counts.cores)),
    _Figure(
        "eemt_run_cores_busy", "Cores that compute.", lambda s: _one(s.worker_counts.cores_busy)
    ),
)
