"""A run whose manager is a job itself, where no machine lets a process last outside of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from .checks import check_number, check_password_file, check_path, check_text

MANAGER_FILE = "manager.json"
"""In the run's folder: where its manager listens."""


@dataclass(frozen=True)
class RunInJob:
    """A run: the first job has the manager and a worker beside it, each other one a worker.

    Attributes
    ----------
    out
        The run's folder, on storage that all machines see under this path.
    arguments
        What stands after ``eemt-run``, without what is said here.
    folder
        Where it was asked for, from which on relative paths are meant.
    count
        How many jobs.
    password_file
        File with the password that the manager and its workers share; None for none.
    has_port, has_workers
        Whether the arguments name a port for the manager, and workers to start beside it.

    Raises
    ------
    ArgumentError
        If something cannot be, or others can read the password.
    """

    kind: ClassVar[str] = "run"

    out: Path
    arguments: tuple[str, ...]
    folder: Path
    count: int = 1
    password_file: Path | None = None
    has_port: bool = False
    has_workers: bool = False

    def __post_init__(self) -> None:
        check_number("workers", self.count)
        check_path("out", self.out)
        check_path("run", self.folder)
        for argument in self.arguments:
            check_text("run", argument)
        if self.password_file is not None:
            check_password_file(self.password_file)

    @property
    def manager_file(self) -> Path:
        """Where the manager says that it listens."""
        return self.out / MANAGER_FILE
