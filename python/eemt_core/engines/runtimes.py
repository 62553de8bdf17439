"""Three ways for a worker to have the code that runs a task.

``installed``
    The worker's own Python has eemt-core; only the task travels.
``wheel``
    The manager sends this eemt-core and numpy; the worker needs a Python of the same version.
``container``
    The worker starts an image that has eemt-core; it needs docker, podman or apptainer.

A runtime is a shell command and the files that it needs beside the task's folder. The command runs
where these lie, keeps all that it prints in the folder's ``log.txt``, and hands its process over to
the program, so that who ends the command ends the task.
"""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import ArgumentError
from ..files import sha256_file
from . import bootstrap

KINDS = ("installed", "wheel", "container")
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
        content never goes by a name that a worker knows already.
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
    """How a task's command finds the code."""

    @property
    def name(self) -> str:
        """``installed``, ``wheel`` or ``container``."""
        ...

    @property
    def shipped(self) -> tuple[Shipped, ...]:
        """The files that must lie where the command runs."""
        ...

    def command(self, folder: str) -> str:
        """Return the shell command that runs the task in `folder`, a path where it is run."""
        ...

    def diagnose(self, exit_code: int, log: str) -> str:
        """Return what is wrong with the worker's runtime, in one sentence with the remedy.

        Empty if exit code and log do not show that the runtime is at fault.
        """
        ...


def make_runtime(kind: str, *, image: str | None = None, work_folder: Path) -> Runtime:
    """Return the runtime of that name; what it ships is made in `work_folder`.

    Raises
    ------
    ArgumentError
        If there is none of that name, or the image's name is missing, not one, or of no use.
    """
    if kind not in KINDS:
        raise ArgumentError(f"runtime must be one of {', '.join(KINDS)}, got {kind!r}")
    if image is not None and kind != "container":
        raise ArgumentError(f"an image is used by runtime container alone, not by {kind}")
    if kind == "wheel":
        return make_wheel(work_folder)
    if kind == "container":
        from .container import make_container

        return make_container(image, work_folder)
    return Installed()


@dataclass(frozen=True)
class Installed:
    """The eemt-core that is installed on the worker."""

    name: str = "installed"
    shipped: tuple[Shipped, ...] = ()

    def command(self, folder: str) -> str:
        """Return the shell command that runs the task in `folder`."""
        return logged(f"{PYTHON} -P -m eemt_core.task --guest {shlex.quote(folder)}", folder)

    def diagnose(self, exit_code: int, log: str) -> str:
        """Return what is wrong with the worker's Python, or nothing."""
        missing = missing_package(log)
        if missing:
            return (
                f"the worker's Python has no {missing}: install it there with `pip install "
                f"{missing}`, or use --runtime wheel, which sends it along"
            )
        return python_at_fault(exit_code, log)


def make_wheel(work_folder: Path) -> Wheel:
    """Return the runtime whose archive is made in `work_folder`.

    Raises
    ------
    VersionError
        If eemt-core or numpy is installed in a way that cannot be sent.
    """
    from .runtime_archive import write_archive

    archive = write_archive(work_folder)
    starter = ship(Path(bootstrap.__file__), "eemt-bootstrap", work_folder)
    return Wheel(shipped=(Shipped(archive, archive.name), starter))


@dataclass(frozen=True)
class Wheel:
    """The eemt-core and numpy of the manager, sent to the worker and unpacked there once."""

    shipped: tuple[Shipped, ...]
    name: str = "wheel"

    def command(self, folder: str) -> str:
        """Return the shell command that runs the task in `folder`."""
        archive, starter = (file.name for file in self.shipped)
        return logged(f"{PYTHON} -I -S -u {starter} {archive} {shlex.quote(folder)}", folder)

    def diagnose(self, exit_code: int, log: str) -> str:
        """Return why what was sent does not run on the worker, or nothing."""
        for line in log.splitlines():
            if line.startswith(bootstrap.SPEAKER):
                return line.removeprefix(bootstrap.SPEAKER)
            if line.startswith(("ImportError: ", "ModuleNotFoundError: ")):
                return (
                    f"the worker cannot load the code that was sent ({line}): install eemt-core "
                    "there and use --runtime installed"
                )
        return python_at_fault(exit_code, log)


def logged(program: str, folder: str) -> str:
    """Return the shell command that becomes `program`, with its output in `folder`'s log."""
    return f"exec {program} >{shlex.quote(folder)}/log.txt 2>&1"


def missing_package(log: str) -> str:
    """Return which package of ours or numpy the task's Python did not find; empty if none."""
    match = re.search(r"No module named '?(eemt_core|numpy)", log)
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
