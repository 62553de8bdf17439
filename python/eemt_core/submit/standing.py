"""How jobs that were noted for a run stand: their batch systems are asked, by the jobs' numbers.

No accounting database is needed. Batch systems remember ended jobs for minutes; afterwards the end
of a job's output says how it ended, if anything does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from ..errors import EemtError
from ..files import read_end
from ..journal.job_notes import JobNote
from .schedulers import SCHEDULERS, Ending, Job, Scheduler

_END_BYTES = 4096


@dataclass(frozen=True)
class Standing:
    """One submission and its jobs.

    Attributes
    ----------
    note
        What was submitted.
    jobs
        All of it, in their order; None where the batch system cannot be asked.
    logs
        The files of output that there are, by the jobs' ids.
    why
        Why it cannot be asked, as a clause.
    """

    note: JobNote
    jobs: tuple[Job, ...] | None
    logs: dict[str, Path]
    why: str = ""


def standings(notes: Sequence[JobNote]) -> list[Standing]:
    """Return how each submission stands; each batch system is asked once for all of its own."""
    found = []
    for name, group in groupby(sorted(notes, key=lambda note: note.system), lambda n: n.system):
        found += _of_system(SCHEDULERS.get(name), list(group))
    return sorted(found, key=lambda standing: notes.index(standing.note))


def _of_system(scheduler: Scheduler | None, notes: list[JobNote]) -> list[Standing]:
    if scheduler is None:
        why = f"eemt-core cannot ask {notes[0].system}"
        return [Standing(note, None, {}, why) for note in notes]
    try:
        known = scheduler.look([note.number for note in notes])
    except EemtError as error:
        return [Standing(note, None, {}, error.what) for note in notes]
    return [standing_of(scheduler, note, known) for note in notes]


def standing_of(scheduler: Scheduler, note: JobNote, known: Sequence[Job]) -> Standing:
    """Return how a submission stands when the batch system still knows these jobs, of all."""
    ours = {job.place: job for job in known if job.number == note.number}
    written = logs_in(Path(note.log_folder), note.name, note.number) if note.log_folder else {}
    jobs, logs = [], {}
    for place in range(1, note.count + 1):
        # one that is no part of an array has no place
        job = ours.get(place) or (ours.get(0) if note.count == 1 else None)
        job = job or Job(f"{note.number}_{place}", "ended", "")
        if place in written:
            logs[job.id] = written[place]
            job = _with_last_words(scheduler, job, written[place])
        jobs.append(job)
    return Standing(note, tuple(jobs), logs)


def logs_in(folder: Path, name: str, number: str) -> dict[int, Path]:
    """Return the files of output of a job or an array by its name and number, by their places.

    The folder is read once, since looking for each of thousands of jobs would take minutes.
    """
    # PBS and Torque make names of their own, whose number is without the brackets of an array
    bare = number.removesuffix("[]")
    ours = re.compile(rf"{re.escape(f'{name}-{number}')}[._](\d+)\.log", re.ASCII)
    place = "" if bare == number else r"[.-](\d+)"
    theirs = re.compile(rf"{re.escape(f'{name}.o{bare}')}{place}", re.ASCII)
    found = {}
    try:
        for file in sorted(os.listdir(folder), reverse=True):
            if match := ours.fullmatch(file) or theirs.fullmatch(file):
                found[int(match[1]) if match.groups() else 1] = folder / file
    except OSError:  # nothing that could be read has been written yet
        return {}
    return found


def end_of(log: Path | None, lines: int = 10) -> str:
    """Return the last lines of a file of output, "" where nothing was written."""
    if log is None:
        return ""
    try:
        text = read_end(log, _END_BYTES).decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])


def _with_last_words(scheduler: Scheduler, job: Job, log: Path) -> Job:
    """Return a job that has ended with what its output says of that, where nobody else does."""
    if job.state != "ended" or job.ending not in ("", "failed"):
        return job
    said = _ending_of(scheduler, log)
    # of a job that failed only a part may have been killed
    return replace(job, ending=said) if said and (not job.ending or said == "memory") else job


def _ending_of(scheduler: Scheduler, log: Path) -> Ending:
    said = end_of(log)
    return next((ending for words, ending in scheduler.last_words.items() if words in said), "")
