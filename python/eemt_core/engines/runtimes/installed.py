"""The eemt-core that a worker has already."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from .runtime import PYTHON, Shipped, logged, missing_package, python_at_fault


@dataclass(frozen=True)
class Installed:
    """The eemt-core that is installed on the worker."""

    name: str = "installed"
    shipped: tuple[Shipped, ...] = ()

    def command(self, folder: str, shared: Path | None = None) -> str:
        """Return the shell command that runs the task in `folder`."""
        return logged(f"{PYTHON} -P -m eemt_core.tiles --guest {shlex.quote(folder)}", folder)

    def diagnose(self, exit_code: int, log: str) -> str:
        """Return what is wrong with the worker's Python, or nothing."""
        missing = missing_package(log)
        if missing:
            return (
                f"the worker's Python has no {missing}: install it there with `pip install "
                f"{missing}`, or use <<runtime=wheel>>, which sends it along"
            )
        return python_at_fault(exit_code, log)
