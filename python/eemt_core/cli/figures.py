"""A run for Prometheus: what its journal says, and how the jobs stand that were noted for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from ..exposition import Family, Sample, exposition
from ..journal import Status, run_figures

if TYPE_CHECKING:
    from .jobs_text import NotedJobs


def figures(status: Status | None, noted: NotedJobs) -> str:
    """Return the text of a run's figures; without a status those of its jobs alone."""
    families = [] if status is None else run_figures([(status.out, status)])
    return exposition([*families, *_of_jobs(noted)])


def _of_jobs(noted: NotedJobs) -> list[Family]:
    if not noted.found:
        return []
    from ..submit.schedulers.scheduler import State

    counts = Counter(job.state for standing in noted.found for job in standing.jobs or ())
    return [
        Family(
            "eemt_run_jobs",
            "Jobs of batch systems that were submitted for it, by state.",
            tuple(
                Sample(counts[state], {"run": str(noted.out), "state": state})
                for state in get_args(State)
            ),
        )
    ]
