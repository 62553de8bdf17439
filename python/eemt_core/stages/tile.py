"""The maps of one tile: terrain, sun, energy, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..terrain import slope_aspect
from ..tiling import Window
from .recorder import Recorder

if TYPE_CHECKING:
    from ..task import Task


def run(folder: Path, task: Task) -> Recorder:
    """Compute what the task wants and leave it in the folder."""
    recorder = Recorder(folder, task)
    halo = Window(*task.parameters["halo"])
    core = Window(*task.parameters["core"])
    cell_size_m = tuple(task.parameters["cell_size_m"])
    inner = core.relative_to(halo).slices
    with recorder.stage("terrain"):
        elevation_m = np.load(folder / "dem.npy")
        slope, aspect = slope_aspect(
            elevation_m, cell_size_m=cell_size_m, threads=task.resources.cores
        )
        recorder.save("slope", slope[inner])
        recorder.save("aspect", aspect[inner])
    return recorder
