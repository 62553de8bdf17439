"""Torque: ``qsub``, ``qstat`` and ``qdel``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .full_status import LAST_WORDS, job_number, jobs_in, one_of_array
from .scheduler import Ending, Job, Scheduler

# JOB_EXEC_OVERLIMIT_MEM, _WT and _CPUT
_ENDINGS: dict[int, Ending] = {-10: "memory", -11: "time", -12: "time"}


def submit_command(script: Path) -> list[str]:
    """Return the arguments that hand over a script."""
    return ["qsub", str(script)]


def jobs_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that tell of jobs, each of an array, ended ones too for a while."""
    return ["qstat", "-f", "-t", *numbers]


def jobs(said: str) -> list[Job]:
    r"""Return the jobs that ``qstat -f`` prints.

    Examples
    --------
    >>> [job] = jobs("Job Id: 7[2].server\n    job_state = C\n    exit_status = -10\n")
    >>> job.id, job.state, job.ending
    ('7[]_2', 'ended', 'memory')
    """
    return jobs_in(said, _ENDINGS)


def cancel_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that cancel jobs."""
    return ["qdel", *numbers]


TORQUE = Scheduler(
    "Torque",
    submit_command,
    job_number,
    jobs_command,
    jobs,
    cancel_command,
    forgotten=("Unknown Job Id", "invalid state for job - COMPLETE"),
    one_of_array=one_of_array,
    last_words=LAST_WORDS,
)
