"""The wetness index of a whole DEM: the one map that no tile can compute alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..water import topographic_wetness_index
from .whole_dem import read_whole_dem

if TYPE_CHECKING:
    from .recorder import Recorder
    from .task import WetnessWork


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
