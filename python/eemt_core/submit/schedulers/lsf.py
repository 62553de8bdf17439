"""LSF: ``bsub``, ``bjobs`` and ``bkill``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...numerals import whole
from .scheduler import Ending, Job, Scheduler, State

_QUEUED, _ENDED = {"PEND", "PSUSP", "WAIT", "PROV"}, {"DONE", "EXIT", "ZOMBI"}
_ENDINGS: dict[str, Ending] = {
    "TERM_RUNLIMIT": "time", "TERM_DEADLINE": "time", "TERM_CPULIMIT": "time",
    "TERM_MEMLIMIT": "memory", "TERM_SWAP": "memory", "TERM_OWNER": "cancelled",
    "TERM_FORCE_OWNER": "cancelled", "TERM_ADMIN": "cancelled", "TERM_FORCE_ADMIN": "cancelled",
    "TERM_PREEMPT": "cancelled",
}  # fmt: skip
_COLUMNS = "jobid jobindex stat exit_code exit_reason pend_reason delimiter='|'"


def submit_command(_: Path) -> list[str]:
    """Return the arguments that take a script from the input."""
    return ["bsub"]


def job_number(said: str) -> str | None:
    """Return the number in what ``bsub`` prints, between notes of the site.

    Examples
    --------
    >>> job_number("Job <764254593> is submitted to queue <test>.")
    '764254593'
    """
    match = re.search(r"^Job <(\d{1,18})> is submitted to ", said, re.MULTILINE | re.ASCII)
    return None if match is None else match[1]


def jobs_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that tell of jobs, each of an array, ended ones too for a while."""
    return ["bjobs", "-a", "-noheader", "-o", _COLUMNS, *numbers]


def jobs(said: str) -> list[Job]:
    """Return the jobs that ``bjobs`` prints.

    Examples
    --------
    >>> jobs("7|2|EXIT|3|-|-")
    [Job(id='7_2', state='ended', word='EXIT', reason='', ending='failed', exit_code=3)]
    """
    lines = (line.strip().split("|", 5) for line in said.splitlines())
    return [_job(*parts) for parts in lines if len(parts) == 6]


def cancel_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that cancel jobs."""
    return ["bkill", *numbers]


def _job(number: str, place: str, word: str, code: str, ended_why: str, waits_why: str) -> Job:
    id_ = f"{number}_{place}" if whole(place) else number
    why = next((text for text in (ended_why, waits_why) if text not in ("-", "")), "")
    if word not in _ENDED:
        state: State = "queued" if word in _QUEUED else "running"
        return Job(id_, state, word, why)
    if word == "DONE":
        return Job(id_, "ended", word, why, "done", 0)
    ending = _ENDINGS.get(ended_why.partition(":")[0], "")
    status = whole(code)
    if not ending and status is not None:
        return Job(id_, "ended", word, why, "failed", status)
    return Job(id_, "ended", word, why, ending)


LSF = Scheduler(
    "LSF",
    submit_command,
    job_number,
    jobs_command,
    jobs,
    cancel_command,
    forgotten=("is not found", "No matching job found", "Job has already finished"),
    one_of_array="{}[{}]".format,
    last_words={f"{word}: ": ending for word, ending in _ENDINGS.items()},
    reads_input=True,
)
