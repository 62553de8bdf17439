"""The interface of runtimes, and what they share: files that are sent, commands, logs."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...files import sha256_file

PYTHON = '"${EEMT_PYTHON:-python3}"'
"""The Python of a worker, as the shell there finds it."""

_CANNOT_EXECUTE, _NOT_FOUND = 126, 127


@dataclass(frozen=True)
class Shipped:
    """A file that workers get once and keep.

    Attributes
    ----------
    path
        Where it is here.
    name
        What it is called on the worker. It contains the content's SHA-256, so that another
        content never has a name that a worker has a file of already.
    """

    path: Path
    name: str


def ship(program: Path, stem: str, work_folder: Path) -> Shipped:
    """Return a program of ours, copied into the run's folder.

    Work Queue takes a ``$`` in a file's path for a variable, and the place where we are installed
    may have one.
    """
    name = f"{stem}-{sha256_file(program)[:16]}{program.suffix}"
    work_folder.mkdir(parents=True, exist_ok=True)
    return Shipped(Path(shutil.copyfile(program, work_folder / name)), name)


class Runtime(Protocol):
    """A way for a task's command to find the code."""

    @property
    def name(self) -> str:
        """``installed``, ``wheel`` or ``container``."""
        ...

    @property
    def shipped(self) -> tuple[Shipped, ...]:
        """The files that must lie where the command runs."""
        ...

    def command(self, folder: str, shared: Path | None = None) -> str:
        """Return the shell command that runs the task in `folder`, a path where it is run.

        `shared` is a folder of shared storage that the task must see under the same path.
        """
        ...

    def diagnose(self, exit_code: int, log: str) -> str:
        """Return what is wrong with the worker's runtime, in one sentence with the remedy.

        Empty if exit code and log do not show that the runtime is at fault.
        """
        ...


def logged(program: str, folder: str) -> str:
    """Return the shell command that becomes `program`, with its output in `folder`'s log."""
    return f"exec {program} >{shlex.quote(folder)}/log.txt 2>&1"


def missing_package(log: str) -> str:
    """Return which package that a task needs its Python did not find; empty if none."""
    match = re.search(r"No module named '?(eemt_core|numpy|isal|xxhash|zstandard)", log)
    return match[1].replace("_", "-") if match else ""


def python_at_fault(exit_code: int, log: str) -> str:
    """Return why the worker's Python did not start, or nothing."""
    if exit_code in (_CANNOT_EXECUTE, _NOT_FOUND):
        return (
            f"the worker's Python cannot be started ({last_line(log)}): install Python 3.11 or "
            "newer there, or let EEMT_PYTHON name one"
        )
    if "nknown option: -" in log:
        return (
            "the worker's Python is older than 3.11: install a newer one there and let EEMT_PYTHON "
            "name it"
        )
    return ""


def last_line(log: str) -> str:
    """Return the last line that is not empty, without a full stop."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "it said nothing"
