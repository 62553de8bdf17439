"""Slurm: ``sbatch``, ``squeue`` and ``scancel``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .scheduler import Job, Scheduler, State

_QUEUED = {"PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"}
_RUNNING = {
    "RUNNING", "CONFIGURING", "COMPLETING", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED",
    "SUSPENDED",
}  # fmt: skip


def submit_command(script: Path) -> list[str]:
    """Return the arguments that hand over a script."""
    return ["sbatch", "--parsable", str(script)]


def job_number(said: str) -> str | None:
    """Return the number that ``sbatch --parsable`` prints, without the cluster's name.

    Examples
    --------
    >>> job_number("1234;theta")
    '1234'
    """
    match = re.fullmatch(r"(\d+)(;\S*)?", said.strip(), re.ASCII)
    return None if match is None else match[1]


def jobs_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that tell of jobs, ended ones too as long as Slurm remembers them."""
    columns = "--format=%i|%T|%r"
    return ["squeue", "--noheader", "--array", "--states=all", columns, f"--jobs={_list(numbers)}"]


def jobs(said: str) -> list[Job]:
    """Return the jobs that ``squeue`` prints.

    Examples
    --------
    >>> jobs("7_1|TIMEOUT|TimeLimit")
    [Job(id='7_1', state='ended', word='TIMEOUT', reason='TimeLimit')]
    """
    found = []
    for line in said.splitlines():
        number, word, reason = line.strip().split("|", 2)
        found.append(Job(number, _state(word), word, "" if reason == "None" else reason))
    return found


def cancel_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that cancel jobs."""
    return ["scancel", *numbers]


def _state(word: str) -> State:
    if word in _QUEUED:
        return "queued"
    return "running" if word in _RUNNING else "ended"


def _list(numbers: Sequence[str]) -> str:
    return ",".join(numbers)


SLURM = Scheduler(
    "Slurm",
    submit_command,
    job_number,
    jobs_command,
    jobs,
    cancel_command,
    forgotten="Invalid job id specified",
)
