"""The wetness index of a whole DEM: the one map that no tile can compute alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..water import topographic_wetness_index
from .recorder import Recorder

if TYPE_CHECKING:
    from .task import Task


def run(folder: Path, task: Task) -> Recorder:
    """Compute the index from ``dem.npy`` and record it and its mean."""
    recorder = Recorder(folder, task)
    x, y = task.parameters["cell_size_m"]
    with recorder.stage("wetness"):
        elevation_m = np.load(folder / "dem.npy")
        wetness = topographic_wetness_index(
            elevation_m, cell_size_m=(float(x), float(y)), threads=task.resources.cores
        )
        del elevation_m
    recorder.save("twi", wetness)
    return recorder
