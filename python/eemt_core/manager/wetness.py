"""The wetness index of a run: computed over the whole DEM, read from a raster, or left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engines.base import Completion, Engine, Submission
from ..errors import EemtError, ResourceError
from ..files import new_array, read_json, sha256_file
from ..rasters import PreparedDem, read_window
from ..task import RESULT_FILE, Resources, Task
from .layers import ArrayLayer, Layer, RasterLayer, windows
from .request import Reporter
from .resources import available_memory_bytes
from .verify import place_of

BYTES_PER_CELL = 20
"""What the computation takes at most; `water.WETNESS_BYTES_PER_CELL` is held to it by a test."""

LARGEST_UNASKED_CELLS = 50_000_000
"""Beyond this a run that does not need the index leaves it out."""


@dataclass(frozen=True)
class WetnessPlan:
    """Where the wetness index comes from: ``computed``, ``raster`` or ``none``."""

    source: str
    dem: PreparedDem
    raster: RasterLayer | None = None

    @property
    def is_there(self) -> bool:
        """Whether the run has the index at all."""
        return self.source != "none"


@dataclass(frozen=True)
class Wetness:
    """The index over the DEM and its mean."""

    layer: Layer
    mean: float
    statistics: dict[str, float]


def plan_wetness(
    dem: PreparedDem, raster: Path | None, *, needed: bool, reporter: Reporter
) -> WetnessPlan:
    """Decide where the index comes from.

    Raises
    ------
    ResourceError
        If it is needed, is not given, and does not fit into memory.
    """
    if raster is not None:
        layer = RasterLayer.open(raster, dem.grid, "the wetness index", monthly=False)
        return WetnessPlan("raster", dem, layer)
    cells = dem.grid.rows * dem.grid.cols
    need, free = cells * BYTES_PER_CELL, available_memory_bytes()
    if need <= free and (needed or cells <= LARGEST_UNASKED_CELLS):
        return WetnessPlan("computed", dem)
    size = f"{dem.grid.rows} x {dem.grid.cols} cells"
    if needed:
        raise ResourceError(
            f"the wetness index of {size} needs {need / 1e9:.1f} GB of memory and "
            f"{free / 1e9:.1f} GB are free: compute it elsewhere and give it with --twi RASTER, or "
            "ask for --variant trad alone"
        )
    reporter.say(f"The wetness index is left out: {size} would take {need / 1e9:.1f} GB of memory.")
    return WetnessPlan("none", dem)


class WetnessTask:
    """The computation of the index, on its way in an engine that nothing else uses."""

    def __init__(self, plan: WetnessPlan, folder: Path, engine: Engine, cores: int) -> None:
        folder.mkdir(parents=True)
        _whole_dem(plan.dem, folder / "dem.npy")
        cells = plan.dem.grid.rows * plan.dem.grid.cols
        task = Task(
            kind="wetness",
            name="wetness",
            parameters={"cell_size_m": list(plan.dem.grid.cell_size_m)},
            inputs={"dem.npy": sha256_file(folder / "dem.npy")},
            outputs=("twi",),
            resources=Resources(cores, wetness_mb(plan), 1 + cells * 8 // 2**20),
        )
        task.write(folder)
        engine.submit(Submission(task.name, folder, task.resources))
        self._folder, self._engine, self._is_done = folder, engine, False

    def check(self, patience_s: float = 0.0) -> bool:
        """Say whether the index is there, waiting a while for it.

        Raises
        ------
        EemtError
            If the task has failed.
        """
        for completion in [] if self._is_done else self._engine.wait(patience_s):
            if not isinstance(completion, Completion):
                continue
            if completion.exit_code != 0:
                kind = ResourceError if completion.exit_code in (4, -9) else EemtError
                raise kind(f"the wetness index failed: {completion.message}")
            (self._folder / "dem.npy").unlink()
            self._is_done = True
        return self._is_done

    def result(self) -> Wetness:
        """Wait for the index and return it; raises as `check` does."""
        while not self.check(0.25):
            pass
        output = read_json(self._folder / RESULT_FILE)["outputs"]["twi"]
        count, total, low, high = output["statistics"][0]
        mean = total / count
        layer = ArrayLayer(place_of(output), self._folder)
        return Wetness(layer, mean, {"mean": mean, "minimum": low, "maximum": high})


def given_wetness(plan: WetnessPlan) -> Wetness | None:
    """Return the index that a raster holds, if the plan has one."""
    if plan.raster is None:
        return None
    mean = plan.raster.mean(plan.dem.path)
    return Wetness(plan.raster, mean, {"mean": mean})


def wetness_mb(plan: WetnessPlan) -> int:
    """Return what computing the index takes of memory; 0 where it is not computed."""
    if plan.source != "computed":
        return 0
    return 120 + plan.dem.grid.rows * plan.dem.grid.cols * BYTES_PER_CELL // 2**20


def wetness_blocks(
    plan: WetnessPlan, wetness: Wetness
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield the index window by window, for its map."""
    for window in windows(*plan.dem.grid.shape):
        yield window.row0, window.col0, wetness.layer.cut(window)


def _whole_dem(dem: PreparedDem, path: Path) -> None:
    whole = new_array(path, dem.grid.shape)
    for window in windows(*dem.grid.shape):
        whole[window.slices] = read_window(dem.path, *window.numbers)
