"""What every engine offers: submit, wait, cancel, close."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Submission:
    """A task folder to run, and how many cores to run it on."""

    name: str
    folder: Path
    cores: int


@dataclass(frozen=True)
class Completion:
    """How a task ended.

    Attributes
    ----------
    exit_code
        0 when its results are there; otherwise as in `eemt_core.errors`, or minus the signal that
        ended the process.
    message
        One sentence on what went wrong; empty if nothing did.
    """

    name: str
    exit_code: int
    message: str
    seconds: float


class Engine(Protocol):
    """Runs the tasks given to it, in any order, several at once."""

    @property
    def capacity(self) -> int:
        """How many tasks run at once."""
        ...

    def submit(self, task: Submission) -> None:
        """Take a task; it starts when there is room."""
        ...

    def wait(self, timeout_s: float) -> list[Completion]:
        """Return the tasks that have ended since, waiting up to `timeout_s` for the first."""
        ...

    def cancel(self, name: str) -> None:
        """Forget a task, ending it if it runs."""
        ...

    def close(self) -> None:
        """End everything that still runs."""
        ...
