"""Notes of jobs that batch systems were given for a run: a small file in OUT for each submission.

Not in the journal, which the manager alone writes: jobs are submitted by other processes, on other
machines, and before a manager has begun. A file for each needs no lock, so several add up.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..errors import ArgumentError, EemtError, InputError
from ..files import read_json, write_json

JOBS_FOLDER = "jobs"
"""In OUT: the notes, and the jobs' scripts and output where no other folder is named for these."""

_MARK = ".job.json"
_LONGEST_BYTES = 2**16


@dataclass(frozen=True)
class JobNote:
    """One submission: a job, or an array of `count` of them.

    Attributes
    ----------
    system
        The target that it was written for, such as ``slurm``.
    number
        What the batch system calls it.
    work
        What the jobs do: ``workers``, ``run`` or ``tiles``.
    script
        The file that was submitted.
    name, log_folder
        The jobs' name, and where their output goes, empty where nobody said.
    submitted_utc
        When; in ISO 8601.
    """

    system: str
    number: str
    work: str
    count: int
    script: str
    name: str
    log_folder: str
    submitted_utc: str


def prepare_notes(out: Path) -> Path:
    """Make the folder of the notes of a run, and return it.

    Raises
    ------
    ArgumentError
        If that cannot be.
    """
    folder = out / JOBS_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArgumentError(
            f"jobs cannot be noted in {folder} ({error.strerror})",
            remedy="give the folder of the run with <<out>>",
            field="out",
            value=out,
        ) from None
    return folder


def note_jobs(out: Path, note: JobNote) -> None:
    """Note a submission in the folder of a run, all of it or nothing.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    name = f"{note.system}-{note.number}{_MARK}".replace("/", "_")
    write_json(prepare_notes(out) / name, asdict(note))


def noted_jobs(out: Path) -> tuple[JobNote, ...]:
    """Return what was submitted for a run, the oldest first; none where nothing was noted.

    Raises
    ------
    InputError
        If a note is none of ours.
    """
    found = filter(None, map(_read, (out / JOBS_FOLDER).glob(f"*{_MARK}")))
    return tuple(sorted(found, key=lambda note: (note.submitted_utc, note.number)))


def _read(path: Path) -> JobNote | None:
    """Return a note, None if it was removed after the folder had been read."""
    remedy = "remove it, and look at your jobs in the batch system"
    try:
        found = read_json(path, _LONGEST_BYTES)
    except EemtError as error:
        if not path.exists():
            return None
        raise InputError(error.what, remedy=remedy) from None
    kinds = {field.name: int if field.name == "count" else str for field in fields(JobNote)}
    has_all = all(type(found.get(name)) is kind for name, kind in kinds.items())
    if not has_all or found["count"] < 1:
        raise InputError(f"{path} is no note of jobs", remedy=remedy)
    return JobNote(**{name: found[name] for name in kinds})
