"""PBS Professional and OpenPBS: ``qsub``, ``qstat`` and ``qdel``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .full_status import LAST_WORDS, job_number, jobs_in, one_of_array
from .scheduler import Ending, Job, Scheduler

# JOB_EXEC_KILL_VMEM, _MEM, _CPUT and _WALLTIME
_ENDINGS: dict[int, Ending] = {-26: "memory", -27: "memory", -28: "time", -29: "time"}


def submit_command(script: Path) -> list[str]:
    """Return the arguments that hand over a script."""
    return ["qsub", str(script)]


def jobs_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that tell of jobs, each of an array."""
    return ["qstat", "-f", "-t", *numbers]


def past_command(number: str) -> list[str]:
    """Return the arguments that tell of ended ones too, which not every site keeps."""
    return ["qstat", "-x", "-f", "-t", number]


def jobs(said: str) -> list[Job]:
    r"""Return the jobs that ``qstat -f`` prints.

    Examples
    --------
    >>> [job] = jobs("Job Id: 7[2].server\n    job_state = F\n    Exit_status = -29\n")
    >>> job.id, job.state, job.ending
    ('7[]_2', 'ended', 'time')
    """
    return jobs_in(said, _ENDINGS)


def cancel_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that cancel jobs."""
    return ["qdel", *numbers]


PBS = Scheduler(
    "PBS",
    submit_command,
    job_number,
    jobs_command,
    jobs,
    cancel_command,
    forgotten=("Unknown Job Id", "Job has finished", "invalid for finished array subjob"),
    one_of_array=one_of_array,
    last_words=LAST_WORDS,
    past_command=past_command,
    past=jobs,
)
