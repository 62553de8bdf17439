"""What every batch system offers, and how its programs are started."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from ...environment import environment_as_met
from ...errors import InputError, ResourceError
from ...numerals import whole

State = Literal["queued", "running", "ended"]
Ending = Literal["", "done", "failed", "cancelled", "time", "memory", "node"]
"""How a job has ended: in order, with an exit code, by somebody's wish, for its time limit, for its
memory, or with the node that it ran on; empty where nobody says."""

ENDED: dict[Ending, str] = {
    "": "ended",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "time": "ended at the time limit",
    "memory": "killed for memory",
    "node": "lost with the node",
}
"""The same in words."""

_UNREADABLE = (ValueError, LookupError, TypeError, SyntaxError)
"""What programs' output raises that is not as expected; the last is what XML is refused with."""

_PATIENCE_S = 120.0
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Job:
    """One job, or one of an array, as its batch system tells of it.

    Attributes
    ----------
    id
        Its number, for one of an array with its place there, as ``12_3``.
    state
        Whether it waits, runs or has ended.
    word
        The batch system's own word for that, such as ``TIMEOUT``.
    reason
        Why it is so, where the batch system says that.
    ending, exit_code
        How it has ended, and its script's exit code, where it has and the batch system says so.
    """

    id: str
    state: State
    word: str
    reason: str = ""
    ending: Ending = ""
    exit_code: int | None = None

    @property
    def number(self) -> str:
        """The number of the job, or of the array that it is one of."""
        return parted(self.id)[0]

    @property
    def place(self) -> int:
        """Its place in its array, from 1 on; 0 for one of no array."""
        return parted(self.id)[1]

    @property
    def how(self) -> str:
        """How it has ended, in words.

        Examples
        --------
        >>> Job("7_1", "ended", "FAILED", ending="failed", exit_code=3).how
        'failed with exit code 3'
        """
        is_told = self.ending == "failed" and self.exit_code
        return ENDED[self.ending] + (f" with exit code {self.exit_code}" if is_told else "")


def parted(id_: str) -> tuple[str, int]:
    """Return the number in a job's id, and its place in an array, 0 where it is none of one.

    Examples
    --------
    >>> parted("4711_3"), parted("4711[]_3"), parted("4711")
    (('4711', 3), ('4711[]', 3), ('4711', 0))
    """
    number, _, place = id_.partition("_")
    return number, whole(place) or 0


@dataclass(frozen=True)
class Scheduler:
    """A batch system's programs, and what their output means.

    Attributes
    ----------
    name
        What the batch system is called in sentences.
    submit_command
        Makes the arguments of the program that takes a script.
    job_number
        Reads the number of the job, or of the array, in what that program prints.
    jobs_command, cancel_command
        Make the arguments of the programs that tell of one's jobs and cancel them, by number.
    one_of_array
        Makes what its programs call one of an array, of the array's number and the place.
    jobs
        Reads the jobs in what the former prints; those of other numbers are left out.
    forgotten
        What these programs say where they know such jobs no more; they have ended.
    last_words
        What stands at the end of a job's output where the batch system has ended it, and how.
    file_ending
        How the names of its scripts end.
    files_travel
        Whether files are sent to jobs and back, so that no storage need be shared.
    reads_input
        Whether the first program takes the script as its input.
    past_command, past
        Make the arguments of the program that tells of ended jobs by their number, and read what it
        prints, where that is another one.
    """

    name: str
    submit_command: Callable[[Path], list[str]]
    job_number: Callable[[str], str | None]
    jobs_command: Callable[[Sequence[str]], list[str]]
    jobs: Callable[[str], list[Job]]
    cancel_command: Callable[[Sequence[str]], list[str]]
    forgotten: tuple[str, ...]
    one_of_array: Callable[[str, int], str] = "{}_{}".format
    last_words: Mapping[str, Ending] = field(default_factory=dict)
    file_ending: str = ".sh"
    files_travel: bool = False
    reads_input: bool = False
    past_command: Callable[[str], list[str]] | None = None
    past: Callable[[str], list[Job]] = lambda _: []

    def submit(self, script: Path) -> str:
        """Hand over a script; return the number of its job or array.

        Raises
        ------
        ResourceError
            If this machine has no such program.
        InputError
            If the batch system refuses the script.
        """
        command = self.submit_command(script)
        if self.reads_input:
            with script.open("rb") as file:
                said = self._run(command, file)
        else:
            said = self._run(command)
        number = self.job_number(said)
        if number is None:
            raise InputError(
                f"{self.name} told no number of the job, but {said.strip()!r:.200}",
                remedy="look at your jobs there, and submit the printed script by hand",
            )
        return number

    def look(self, numbers: Sequence[str]) -> list[Job]:
        """Return the jobs of these numbers that the batch system still knows, each of an array.

        Raises
        ------
        ResourceError
            If this machine has no such program.
        InputError
            If the batch system does not answer.
        """
        found = {job.id: job for job in self._told(numbers)}
        if self.past_command is not None:
            for number in numbers:
                # a number that lives may have been that of an older job
                past = {job.id: job for job in self._told_of_past(number)}
                living = {id_ for id_, job in found.items() if job.state != "ended"}
                found |= {id_: job for id_, job in past.items() if id_ not in living}
        return list(found.values())

    def cancel(self, ids: Sequence[str]) -> None:
        """Cancel jobs by their ids, and whole arrays by their numbers; ended ones are passed over.

        Raises
        ------
        ResourceError
            If this machine has no such program.
        InputError
            If the batch system does not answer, or they are somebody else's.
        """
        called = (
            self.one_of_array(number, place) if place else number
            for number, place in map(parted, ids)
        )
        self._run_for_known(self.cancel_command(list(called)))

    def _told(self, numbers: Sequence[str]) -> list[Job]:
        command = self.jobs_command(numbers)
        said = self._run_for_known(command)
        try:
            told = self.jobs(said)
        except _UNREADABLE:
            raise InputError(
                f"{self.name} told nothing of jobs with {command[0]}, but {said.strip()!r:.200}",
                remedy="look at your jobs there",
            ) from None
        return [job for job in told if job.number in numbers]

    def _told_of_past(self, number: str) -> list[Job]:
        """Return what is known of ended jobs, which many sites keep where users do not see it."""
        assert self.past_command is not None
        try:
            told = self.past(self._run_for_known(self.past_command(number)))
        except (InputError, *_UNREADABLE):
            return []
        return [job for job in told if job.number == number]

    def _run_for_known(self, command: Sequence[str]) -> str:
        """Return what a program prints of the jobs that it knows, though it complains of others."""
        done = self._start(command)
        words = _words(done)
        if done.returncode != 0 and not any(text in words for text in self.forgotten):
            raise self._refusal(command, words)
        return done.stdout

    def _run(self, command: Sequence[str], given: IO[bytes] | None = None) -> str:
        done = self._start(command, given)
        if done.returncode != 0:
            raise self._refusal(command, _words(done))
        return done.stdout

    def _start(
        self, command: Sequence[str], given: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, without a shell."""
        try:
            return subprocess.run(
                command,
                stdin=subprocess.DEVNULL if given is None else given,
                capture_output=True,
                text=True,
                errors="replace",
                env=environment_as_met(),
                timeout=_PATIENCE_S,
                check=False,
            )
        except FileNotFoundError:
            raise ResourceError(
                f"this machine has no {command[0]}, which {self.name} brings",
                remedy=f"go to one that has {self.name}, or leave <<submit>> out to see the script",
                field="submit",
            ) from None
        except subprocess.TimeoutExpired:
            raise InputError(
                f"{self.name} did not answer to {command[0]} within {_PATIENCE_S:.0f} s",
                remedy="try again later",
            ) from None

    def _refusal(self, command: Sequence[str], words: str) -> InputError:
        return InputError(
            f"{self.name} refuses {command[0]} ({words[-_LONGEST_REASON:] or 'no reason given'})",
            remedy="change what it says, or ask those who run it",
        )


def _words(done: subprocess.CompletedProcess[str]) -> str:
    """Return all that a program has said, in one line."""
    return " ".join(f"{done.stderr} {done.stdout}".split())
