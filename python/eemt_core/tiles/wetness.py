"""The wetness index of a whole DEM: the one map that no tile can compute alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..water import WETNESS_RESERVED_BYTES_PER_CELL, topographic_wetness_index
from .whole_dem import read_whole_dem, whole_dem_shape

if TYPE_CHECKING:
    from .recorder import Recorder
    from .task import WetnessWork


def reserved_mb(folder: Path) -> int:
    """Return what the task in `folder` reserves of its address space beyond the memory it takes."""
    rows, cols = whole_dem_shape(folder)
    return 1 + rows * cols * WETNESS_RESERVED_BYTES_PER_CELL // 2**20


def run(folder: Path, work: WetnessWork, recorder: Recorder, threads: int) -> None:
    """Compute the index of the DEM in the folder; record it, its mean, lowest and highest value."""
    with recorder.stage("wetness"):
        elevation_m = read_whole_dem(folder)
        wetness = topographic_wetness_index(
            elevation_m, cell_size_m=work.cell_size_m, threads=threads
        )
        del elevation_m
    recorder.save("twi", wetness)
    recorder.put("twi", None, wetness)
    valid = wetness[~np.isnan(wetness)]
    recorder.statistics["mean"] = float(valid.sum(dtype=np.float64)) / valid.size
    recorder.statistics["minimum"] = float(valid.min())
    recorder.statistics["maximum"] = float(valid.max())
