"""What the kinds of task compute, from the files of their folder to result arrays.

Everything here runs on any machine: arrays and plain files, no raster library, no network.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..task import Task
    from .recorder import Recorder


def run(folder: Path, task: Task) -> Recorder:
    """Carry out a task of either kind in its folder."""
    if task.kind == "wetness":
        from .wetness import run as run_wetness

        return run_wetness(folder, task)
    from .tile import run as run_tile

    return run_tile(folder, task)
