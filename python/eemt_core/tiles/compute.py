"""Running a task: from the files of its folder to its results, on any machine.

Arrays and plain files alone: no raster library, no network.
"""

from __future__ import annotations

from pathlib import Path

from ..files import write_json
from .recorder import Recorder
from .task import ARRAYS_FILE, RESULT_FILE, Task, verify_inputs


def run(folder: Path) -> None:
    """Run the task in `folder` and leave its results there; ``result.json`` comes last.

    Raises
    ------
    VersionError
        If another version wrote the task.
    InputError
        If an input is missing or damaged.
    ArgumentError
        If the task's description is not one.
    """
    task = Task.read(folder)
    for name in (RESULT_FILE, ARRAYS_FILE):
        (folder / name).unlink(missing_ok=True)
    verify_inputs(folder, task)
    write_json(folder / RESULT_FILE, _carry_out(folder, task).result(task))


def _carry_out(folder: Path, task: Task) -> Recorder:
    if task.kind == "wetness":
        from .wetness import run as run_wetness

        return run_wetness(folder, task)
    from .tile import run as run_tile

    return run_tile(folder, task)
