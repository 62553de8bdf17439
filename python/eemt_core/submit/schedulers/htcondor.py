"""HTCondor: ``condor_submit``, ``condor_q``, ``condor_history`` and ``condor_rm``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .scheduler import Ending, Job, Scheduler, State

# HTCondor's numbers for these, its words, and ours
_STATES: dict[int, tuple[str, State]] = {
    1: ("idle", "queued"),
    2: ("running", "running"),
    3: ("removed", "ended"),
    4: ("completed", "ended"),
    5: ("held", "queued"),
    6: ("transferring output", "running"),
    7: ("suspended", "running"),
}
_OF_QUEUE = "ClusterId,ProcId,JobStatus,HoldReason"
_OF_PAST = "ClusterId,ProcId,JobStatus,ExitBySignal,ExitCode,RemoveReason"


def submit_command(script: Path) -> list[str]:
    """Return the arguments that hand over a submit description."""
    return ["condor_submit", "-terse", str(script)]


def job_number(said: str) -> str | None:
    """Return the number of the cluster of jobs that ``condor_submit -terse`` prints.

    Examples
    --------
    >>> job_number("123.0 - 123.19")
    '123'
    """
    match = re.search(r"^(\d{1,18})\.\d+ - \1\.\d+$", said.strip(), re.MULTILINE | re.ASCII)
    return None if match is None else match[1]


def jobs_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that tell of jobs which have not left the queue."""
    return ["condor_q", "-json", "-attributes", _OF_QUEUE, *numbers]


def past_command(number: str) -> list[str]:
    """Return the arguments that tell of jobs which have left the queue."""
    return ["condor_history", "-json", "-attributes", _OF_PAST, number]


def jobs(said: str) -> list[Job]:
    """Return the jobs that ``condor_q`` and ``condor_history`` print, from place 1 on.

    Examples
    --------
    >>> jobs('[{"ClusterId": 7, "ProcId": 0, "JobStatus": 5, "HoldReason": "no file"}]')
    [Job(id='7_1', state='queued', word='held', reason='no file', ending='', exit_code=None)]
    """
    if not said.strip():
        return []
    return [_job(told) for told in json.loads(said) if "ProcId" in told]


def cancel_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that cancel jobs."""
    return ["condor_rm", *numbers]


def one_of_array(number: str, place: int) -> str:
    """Return what HTCondor calls one of a cluster of jobs, which it counts from 0 on."""
    return f"{number}.{place - 1}"


def _job(told: Mapping[str, Any]) -> Job:
    id_ = f"{told['ClusterId']}_{told['ProcId'] + 1}"
    word, state = _STATES.get(told["JobStatus"], (str(told["JobStatus"]), "queued"))
    if word == "completed" and not told.get("ExitBySignal", False):
        code = told.get("ExitCode")
        ending: Ending = "" if code is None else "failed" if code else "done"
        return Job(id_, state, word, "", ending, code)
    if word == "removed":
        return Job(id_, state, word, told.get("RemoveReason", ""), "cancelled")
    return Job(id_, state, word, told.get("HoldReason", ""))


HTCONDOR = Scheduler(
    "HTCondor",
    submit_command,
    job_number,
    jobs_command,
    jobs,
    cancel_command,
    forgotten=(
        "Couldn't find/remove all jobs in cluster",
        " not found",
        " already marked for removal",
    ),
    one_of_array=one_of_array,
    file_ending=".sub",
    files_travel=True,
    past_command=past_command,
    past=jobs,
)
