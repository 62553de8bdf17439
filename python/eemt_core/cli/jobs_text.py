"""Jobs of batch systems for people: how many of them wait, run and have ended, and how."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..submit.schedulers import Job
    from ..submit.standing import Standing

_EVERY_S = 30.0
"""How often a batch system is asked while a run is watched: it has more to do than to answer."""

_SHOWN = 10


class NotedJobs:
    """The jobs that were noted for a run, asked about no more often than is bearable.

    Attributes
    ----------
    out
        The run's folder; None for a run elsewhere, of whose jobs nothing is known.
    found
        How they stood at the last look.
    """

    def __init__(self, out: Path | None) -> None:
        self.out = None if out is None else out.absolute()
        self.found: list[Standing] = []
        self._asked_s = 0.0

    @property
    def go_on(self) -> bool:
        """Whether any of them waits or runs."""
        return any(job.state != "ended" for standing in self.found for job in standing.jobs or ())

    def look(self) -> None:
        """See how they stand."""
        if self.out is None:
            return
        from ..journal.job_notes import noted_jobs

        notes = noted_jobs(self.out)
        is_new = len(notes) != len(self.found)
        if notes and (is_new or time.monotonic() - self._asked_s >= _EVERY_S):
            from ..submit.standing import standings

            self.found, self._asked_s = standings(notes), time.monotonic()


def job_lines(standings: Sequence[Standing]) -> list[tuple[str, str]]:
    """Return labels and texts of lines: all jobs in one, and each that has ended badly."""
    lines = []
    known = [job for standing in standings for job in standing.jobs or ()]
    if known:
        lines.append(("jobs", _counted(known)))
    unknown: Counter[str] = Counter()
    for standing in standings:
        if standing.jobs is None:
            unknown[standing.why] += standing.note.count
    lines += [("jobs", f"{n} whose state is not known: {why}") for why, n in unknown.items()]
    bad = [
        f"{job.id} {job.how}{_log(standing, job)}"
        for standing in standings
        for job in standing.jobs or ()
        if job.ending not in ("", "done", "cancelled")
    ]
    if len(bad) > _SHOWN:
        lines.append(("", f"{len(bad)} ended badly, the last of them:"))
    return [*lines, *(("job", text) for text in bad[-_SHOWN:])]


def job_documents(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Return the same as plain data, with all jobs."""
    return [
        {
            **asdict(standing.note),
            "why_unknown": standing.why,
            "jobs": [
                {**asdict(job), "log": str(standing.logs.get(job.id, ""))}
                for job in standing.jobs or ()
            ],
        }
        for standing in standings
    ]


def _counted(jobs: Sequence[Job]) -> str:
    from ..submit.schedulers.scheduler import ENDED

    queued = [job for job in jobs if job.state == "queued"]
    reasons = Counter(job.reason for job in queued if job.reason)
    why = f" ({reasons.most_common(1)[0][0]})" if reasons else ""
    running = sum(job.state == "running" for job in jobs)
    parts = [f"{len(queued)} queued{why}"] if queued else []
    parts += [f"{running} running"] if running else []
    ended = Counter(ENDED[job.ending] for job in jobs if job.state == "ended")
    parts += [f"{number} {word}" for word, number in ended.items()]
    return f"{len(jobs)}: {', '.join(parts)}"


def _log(standing: Standing, job: Job) -> str:
    log = standing.logs.get(job.id)
    return "" if log is None else f"; its output: {log}"
