"""The eemt-core of the manager and what it computes with, sent to the worker."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from . import bootstrap
from .runtime import PYTHON, Shipped, logged, python_at_fault, ship


def make_wheel(work_folder: Path) -> Wheel:
    """Return the runtime whose archive is made in `work_folder`.

    Raises
    ------
    VersionError
        If eemt-core or what it computes with is installed in a way that cannot be sent.
    """
    from .archive import write_archive

    archive = write_archive(work_folder)
    starter = ship(Path(bootstrap.__file__), "eemt-bootstrap", work_folder)
    return Wheel(shipped=(Shipped(archive, archive.name), starter))


@dataclass(frozen=True)
class Wheel:
    """The eemt-core of the manager and what it computes with, unpacked by the worker once."""

    shipped: tuple[Shipped, ...]
    name: str = "wheel"

    def command(self, folder: str, shared: Path | None = None) -> str:
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
                    "there and use <<runtime=installed>>"
                )
        return python_at_fault(exit_code, log)
