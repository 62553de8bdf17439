"""Slurm: ``sbatch``, ``squeue`` and ``scancel``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...numerals import whole
from .scheduler import Ending, Job, Scheduler, State

_QUEUED = {"PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"}
_RUNNING = {
    "RUNNING", "CONFIGURING", "COMPLETING", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED",
    "SUSPENDED",
}  # fmt: skip
_ENDINGS: dict[str, Ending] = {
    "COMPLETED": "done", "FAILED": "failed", "CANCELLED": "cancelled", "PREEMPTED": "cancelled",
    "TIMEOUT": "time", "DEADLINE": "time", "OUT_OF_MEMORY": "memory", "NODE_FAIL": "node",
    "BOOT_FAIL": "node",
}  # fmt: skip
# of its daemon and of srun, the most telling first: what ends with its memory is cancelled as well
_LAST_WORDS: dict[str, Ending] = {
    "oom_kill event": "memory", "oom-kill event": "memory", "Out Of Memory": "memory",
    "DUE TO TIME LIMIT": "time", "DUE TO NODE FAILURE": "node", "DUE TO PREEMPTION": "cancelled",
    "CANCELLED AT": "cancelled",
}  # fmt: skip
_COLUMNS = "JobArrayID:|,State:|,Reason:|,exit_code:|"


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
    how = ["--noheader", "--array", "--states=all", f"--Format={_COLUMNS}"]
    return ["squeue", *how, f"--jobs={_list(numbers)}"]


def jobs(said: str) -> list[Job]:
    """Return the jobs that ``squeue`` prints.

    Examples
    --------
    >>> [job] = jobs("7_1|FAILED|NonZeroExitCode|768|")
    >>> job.state, job.ending, job.exit_code
    ('ended', 'failed', 3)
    """
    found = []
    for line in said.splitlines():
        number, word, reason, status, _ = (part.strip() for part in line.split("|"))
        state, why = _state(word), "" if reason == "None" else reason
        if state == "ended":
            found.append(Job(number, state, word, why, _ENDINGS.get(word, ""), _exit_code(status)))
        else:
            found.append(Job(number, state, word, why))
    return found


def cancel_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that cancel jobs."""
    return ["scancel", *numbers]


def _state(word: str) -> State:
    if word in _QUEUED:
        return "queued"
    return "running" if word in _RUNNING else "ended"


def _exit_code(status: str) -> int | None:
    """Return the exit code in a status as the system call wait has it; None after a signal."""
    number = whole(status)
    return None if number is None or number & 0x7F else number >> 8


def _list(numbers: Sequence[str]) -> str:
    return ",".join(numbers)


SLURM = Scheduler(
    "Slurm",
    submit_command,
    job_number,
    jobs_command,
    jobs,
    cancel_command,
    forgotten=("Invalid job id specified",),
    last_words=_LAST_WORDS,
)
