"""Grid Engine: ``qsub``, ``qstat``, ``qacct`` and ``qdel``."""

from __future__ import annotations

import getpass
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from ...numerals import real, whole
from .scheduler import Ending, Job, Scheduler, State

_LIMITS = re.compile(r"\b(h_rt|h_vmem)=(\S+?)(?:,|\s|$)")
_AMOUNT = re.compile(r"([0-9.]+)([KMGT]?)B?s?", re.IGNORECASE)
_KILLED = 128 + 9
"""The exit status of what Grid Engine has killed, in place of the job's own."""

_UNITS = {unit: 1024**power for power, unit in enumerate(["", "K", "M", "G", "T"])}


def submit_command(script: Path) -> list[str]:
    """Return the arguments that hand over a script."""
    return ["qsub", "-terse", str(script)]


def job_number(said: str) -> str | None:
    """Return the number that ``qsub -terse`` prints, without the places of an array.

    Examples
    --------
    >>> job_number("12.1-6:1")
    '12'
    """
    match = re.fullmatch(r"(\d+)(\.\S*)?", said.strip(), re.ASCII)
    return None if match is None else match[1]


def jobs_command(_: Sequence[str]) -> list[str]:
    """Return the arguments that tell of all of one's jobs, ended ones too for a while.

    Grid Engine refuses to tell of some when one of them has gone.
    """
    return ["qstat", "-xml", "-s", "prsz", "-u", getpass.getuser()]


def jobs(said: str) -> list[Job]:
    """Return the jobs that ``qstat -xml`` prints.

    Examples
    --------
    >>> jobs("<a><job_list><JB_job_number>7</JB_job_number><state>Eqw</state></job_list></a>")
    [Job(id='7', state='queued', word='Eqw', reason='', ending='', exit_code=None)]
    """
    found = []
    for job in ElementTree.fromstring(said).iter("job_list"):
        number, word = job.findtext("JB_job_number", ""), job.findtext("state", "")
        places = job.findtext("tasks")
        ids = [number] if places is None else [f"{number}_{place}" for place in _places(places)]
        found += [Job(id_, _state(word), word) for id_ in ids]
    return found


def past_command(number: str) -> list[str]:
    """Return the arguments that tell of an array's jobs which have ended."""
    return ["qacct", "-j", number]


def past(said: str) -> list[Job]:
    """Return the jobs that ``qacct`` prints.

    Its word for an ended job is its exit code, or the number of what went wrong.
    """
    return [_ended(record) for record in _records(said)]


def cancel_command(numbers: Sequence[str]) -> list[str]:
    """Return the arguments that cancel jobs."""
    return ["qdel", *numbers]


def _state(word: str) -> State:
    if word == "z":
        return "ended"
    return "queued" if "q" in word else "running"


def _places(text: str) -> Iterator[int]:
    """Return the places in an array that a text such as ``1,2,5-9:2`` tells of."""
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+):(\d+))?", part.strip(), re.ASCII)
        if match is not None:
            first = int(match[1])
            yield from range(first, int(match[2] or first) + 1, int(match[3] or 1) or 1)


def _records(said: str) -> Iterator[dict[str, str]]:
    """Return the lines for each job, by their first words."""
    for block in re.split(r"^=+$", said, flags=re.MULTILINE)[1:]:
        pairs = (line.split(maxsplit=1) for line in block.splitlines())
        yield {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def _ended(record: Mapping[str, str]) -> Job:
    number, place = record.get("jobnumber", ""), record.get("taskid", "undefined")
    failed, _, why = record.get("failed", "").partition(":")
    status = whole(record.get("exit_status", "").partition(" ")[0])
    is_failed = whole(failed) != 0
    return Job(
        number if whole(place) is None else f"{number}_{place}",
        "ended",
        f"failed {failed.strip()}" if is_failed else f"exit {status}",
        why.strip(),
        _ending(record, status, is_failed=is_failed),
        None if is_failed and status in (0, _KILLED) else status,
    )


def _ending(record: Mapping[str, str], status: int | None, *, is_failed: bool) -> Ending:
    """Return how a job has ended; for a limit that is told by what it was given and has used."""
    if status == 0 and not is_failed:
        return "done"
    limits = {name: _amount(text) for name, text in _LIMITS.findall(record.get("category", ""))}
    if _amount(record.get("ru_wallclock", "")) >= limits.get("h_rt", math.inf):
        return "time"
    slots = whole(record.get("slots", "")) or 1
    if is_failed and _amount(record.get("maxvmem", "")) >= limits.get("h_vmem", math.inf) * slots:
        return "memory"
    return "" if is_failed else "failed"


def _amount(text: str) -> float:
    """Return seconds or bytes, which Grid Engine writes with a unit or without."""
    match = _AMOUNT.fullmatch(text)
    return (real(match[1]) or 0.0) * _UNITS[match[2].upper()] if match else 0.0


SGE = Scheduler(
    "Grid Engine",
    submit_command,
    job_number,
    jobs_command,
    jobs,
    cancel_command,
    forgotten=("does not exist",),
    one_of_array="{}.{}".format,
    past_command=past_command,
    past=past,
)
