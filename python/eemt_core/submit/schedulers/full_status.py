"""The long form in which the ``qstat`` of PBS and of Torque tells of jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .scheduler import Ending, Job, State

_ID = re.compile(r"Job Id: *(\d+)(\[(\d*)\])?")
_QUEUED, _RUNNING = set("QHWT"), set("RESUB")
_CANCELLED, _BY_SIGNAL = 256 + 15, 256

LAST_WORDS: dict[str, Ending] = {
    "PBS: job killed: walltime": "time",
    "PBS: job killed: cput": "time",
    "PBS: job killed: mem": "memory",
    "PBS: job killed: vmem": "memory",
}
"""What the end of a job's output says where one of these has ended it."""


def job_number(said: str) -> str | None:
    """Return the number that ``qsub`` prints last, of an array with brackets.

    Examples
    --------
    >>> job_number("1234[].server.example"), job_number("1234.server.example")
    ('1234[]', '1234')
    """
    lines = said.split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    match = re.fullmatch(r"(\d+(?:\[\])?)(\.\S+)?", last, re.ASCII)
    return None if match is None else match[1]


def one_of_array(number: str, place: int) -> str:
    """Return what ``qdel`` calls one of an array.

    Examples
    --------
    >>> one_of_array("1234[]", 5)
    '1234[5]'
    """
    return f"{number.removesuffix('[]')}[{place}]"


def jobs_in(said: str, endings: Mapping[int, Ending]) -> list[Job]:
    """Return the jobs that ``qstat -f`` prints; of an array each, but not the array itself.

    Parameters
    ----------
    endings
        What exit statuses of the batch system's own mean.
    """
    return [_job(id_, values, endings) for id_, values in _blocks(said)]


def _blocks(said: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the jobs' ids, and what is told of each."""
    # a line that begins with a tab goes on with the one before
    for block in re.split(r"^(?=Job Id:)", said.replace("\n\t", ""), flags=re.MULTILINE):
        match = _ID.match(block)
        if match is not None and match[3] != "":
            pairs = (line.strip().partition(" = ") for line in block.splitlines())
            values = {name.lower(): text for name, _, text in pairs}
            yield f"{match[1]}[]_{match[3]}" if match[2] else match[1], values


def _job(id_: str, values: Mapping[str, str], endings: Mapping[int, Ending]) -> Job:
    word, why = values.get("job_state", ""), values.get("comment", "")
    state: State = "queued" if word in _QUEUED else "running" if word in _RUNNING else "ended"
    if state != "ended":
        return Job(id_, state, word, why)
    told = re.fullmatch(r"-?\d{1,9}", values.get("exit_status", ""), re.ASCII)
    if told is None:
        return Job(id_, state, word, why)
    status = int(told[0])
    code = status if 0 <= status < _BY_SIGNAL else None
    return Job(id_, state, word, why, _ending(status, values, endings), code)


def _ending(status: int, values: Mapping[str, str], endings: Mapping[int, Ending]) -> Ending:
    if status in endings:
        return endings[status]
    if status < _BY_SIGNAL:
        return "done" if status == 0 else "failed" if status > 0 else ""
    limit_s = _seconds(values.get("resource_list.walltime", ""))
    if limit_s and _seconds(values.get("resources_used.walltime", "")) >= limit_s:
        return "time"
    return "cancelled" if status == _CANCELLED else ""


def _seconds(clock: str) -> int:
    """Return the seconds of a duration such as ``26:03:04``, 0 where it is none."""
    match = re.fullmatch(r"(\d{1,6}):(\d\d):(\d\d)", clock, re.ASCII)
    return 0 if match is None else int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
