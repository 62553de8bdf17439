"""An order's script becomes a file and the jobs of a batch system."""

from __future__ import annotations

import itertools
import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..errors import ArgumentError, InputError
from ..journal.job_notes import JOBS_FOLDER, JobNote, note_jobs, prepare_notes
from .order import Order
from .schedulers import SCHEDULERS, Scheduler

_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class HandedOver:
    """What a batch system has taken.

    Attributes
    ----------
    number
        Of the job or of the array.
    script
        The file that was submitted.
    """

    number: str
    script: Path


def hand_over(scheduler: Scheduler, order: Order, script: str) -> HandedOver:
    """Write a script into the order's folder of logs, or else into this one, and submit it.

    The folder is made if need be: batch systems write no output where there is none, and do not
    say so. Nothing is left of a script that is refused, nor of folders that were made for it.

    Raises
    ------
    ArgumentError
        If the file cannot be written.
    EemtError
        If the batch system is not there or refuses the script.
    """
    folder = order.log_folder or Path.cwd()
    with _new_folders_gone_on_failure(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = _new_file(folder, order.name, scheduler.file_ending, script)
        except OSError as error:
            raise ArgumentError(
                f"the script cannot be written to {folder} ({error.strerror})",
                remedy="name another folder with <<log_dir>>",
                field="log_dir",
                value=folder,
            ) from None
        try:
            return HandedOver(scheduler.submit(path), path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def hand_over_for(out: Path, target: str, order: Order, script: str) -> HandedOver:
    """Hand over a script as `hand_over` does, and note its jobs in the folder of their run.

    Parameters
    ----------
    target
        The batch system's name among `SCHEDULERS`.

    Raises
    ------
    ArgumentError
        As there, or if nothing can be noted in `out`; nothing is submitted then.
    EemtError
        As there, or if the disk was full in between: the jobs are there, and the sentence says so.
    """
    with uninterrupted():
        return _hand_over_and_note(out, target, order, script)


def _hand_over_and_note(out: Path, target: str, order: Order, script: str) -> HandedOver:
    scheduler = SCHEDULERS[target]
    with _new_folders_gone_on_failure(out / JOBS_FOLDER):
        prepare_notes(out)
        handed = hand_over(scheduler, order, script)
    note = JobNote(
        target,
        handed.number,
        order.work.kind,
        order.jobs,
        str(handed.script),
        order.name,
        "" if order.log_folder is None else str(order.log_folder),
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    try:
        note_jobs(out, note)
    except OSError as error:
        cancel = shlex.join(scheduler.cancel_command([handed.number]))
        raise InputError(
            f"{scheduler.name} has taken jobs {handed.number}, and they cannot be noted in {out} "
            f"({error.strerror})",
            remedy=f"write the number down, or cancel them: {cancel}",
        ) from None
    return handed


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and the like back until the block ends, from programs that it starts too.

    Who was interrupted between a batch system's yes and the note of it would leave jobs that nobody
    knows of.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _new_folders_gone_on_failure(folder: Path) -> Iterator[None]:
    """Remove folders that are made within, this one and those above it, if what follows fails."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for path in missing:
                path.rmdir()
        raise


def _new_file(folder: Path, name: str, ending: str, script: str) -> Path:
    """Write a script to the first file that there is not yet, which its owner may execute."""
    for number in itertools.count(1):
        path = folder / f"{name}-{number}{ending}"
        try:
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o700)
        except FileExistsError:
            continue
        with open(opened, "w", encoding="utf-8") as file:
            file.write(script)
        return path
    raise AssertionError("numbers do not end")
