"""Running a task: from the files of its folder to its results, on any machine.

Arrays and plain files alone: no raster library, no network.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from .. import instruction_set
from .contract import ARRAYS_FILE, BLOCKS_FILE, RESULT_FILE, check_inputs, read_task, write_result
from .recorder import Recorder
from .result import TaskResult
from .task import Task, WetnessWork


def run(folder: Path) -> None:
    """Run the task in `folder` and leave its results there; ``result.json`` comes last.

    Raises
    ------
    VersionError
        If another version wrote the task, or this processor lacks its instruction set.
    InputError
        If an input is missing or damaged.
    ResourceError
        If the task needs shared storage that this machine does not see.
    ArgumentError
        If the task's description is not one.
    """
    task = read_task(folder)
    for name in (RESULT_FILE, BLOCKS_FILE, ARRAYS_FILE):
        (folder / name).unlink(missing_ok=True)
    if task.shared is None:
        check_inputs(folder, task)
        result = carry_out(folder, task)
    else:
        from . import shared

        shared.fetch(task.shared, task, folder)
        check_inputs(folder, task)
        with shared.results_folder(task.shared) as place:
            result = carry_out(folder, task, place)
    write_result(folder, result)


def carry_out(folder: Path, task: Task, results: Path | None = None) -> TaskResult:
    """Do the work of a task with inputs in `folder`; write its results there, or into `results`."""
    instruction_set.use(task.instruction_set)
    place = results or folder
    with closing(Recorder(place, task.outputs, task.encoding, threads=task.cores)) as recorder:
        if isinstance(task.work, WetnessWork):
            from .wetness import run as run_wetness

            run_wetness(folder, task.work, recorder, task.cores)
        else:
            from .tile import run as run_tile

            run_tile(folder, task.work, recorder, task.cores)
        arrays, encoded = recorder.finish()
        return TaskResult(task.name, task.fingerprint, arrays, recorder.account(), encoded)
