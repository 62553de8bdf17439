"""The wetness index over the whole DEM: computed by a task or taken from a raster."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...engines.base import Completion, Engine, Submission
from ...errors import InputError
from ...files import xxh3_file
from ...rasters import WindowReader
from ...tiles.contract import BLOCKS_FILE, read_result, write_task
from ...tiles.result import InvalidResultError, TaskResult
from ...tiles.task import Encoding, Resources, Task, WetnessWork
from ...tiles.whole_dem import WHOLE_DEM_FILE, write_whole_dem
from ..plan.layers import ArrayLayer, Layer, windows
from ..plan.wetness import WetnessPlan, wetness_mb
from ..reporter import Reporter
from ..schedule.failures import error_class

WETNESS_TASK, _OUTPUTS = "wetness", ("twi",)


@dataclass(frozen=True)
class WetnessUsed:
    """What the energy balance takes of the index.

    Attributes
    ----------
    mean
        Of the index after its negative values are cut to 0, as the balance cuts them, over the
        DEM's valid cells: with any other mean the water shared out would not be the water there is.
    cells
        Valid cells of the DEM that have the index.
    cells_below_0
        Cells whose index is cut.
    cells_without
        Valid cells of the DEM that have no index; EEMT that takes it has no value there.
    """

    mean: float
    cells: int
    cells_below_0: int
    cells_without: int


@dataclass(frozen=True)
class Wetness:
    """The index over the DEM, and what the balance takes of it.

    Attributes
    ----------
    layer
        Its cells; of one that no balance takes they may be missing on the disk.
    encoded
        Folder of the task that has computed and encoded it; None of one that a raster holds.
    """

    layer: Layer
    used: WetnessUsed | None
    encoded: Path | None = None

    def to_dict(self) -> dict[str, Any] | None:
        """Return what is used, for the record."""
        return None if self.used is None else asdict(self.used)


class WetnessTask:
    """The task that computes the index on this machine, in an engine of its own."""

    def __init__(
        self,
        plan: WetnessPlan,
        folder: Path,
        engine: Engine,
        cores: int,
        instruction_set: str,
        encoding: Encoding,
    ) -> None:
        need = wetness_need(plan, cores)
        write_wetness_task(plan, folder, need, instruction_set, encoding)
        engine.submit(Submission(WETNESS_TASK, folder, need))
        self._folder, self._engine, self._is_done = folder, engine, False
        self._plan = plan

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
                raise error_class(completion.exit_code)(
                    f"the wetness index failed: {completion.message}"
                )
            (self._folder / WHOLE_DEM_FILE).unlink()
            self._is_done = True
        return self._is_done

    def result(self) -> Wetness:
        """Wait for the index and return it; raises as `check` does."""
        while not self.check(0.25):
            pass
        return computed_wetness(self._plan, self._folder)

    def keep(self, place: Path) -> Wetness:
        """As `result`, and move what the task has left to `place`."""
        used = self.result().used
        keep_wetness(self._folder, place)
        self._folder = place
        return computed_wetness(self._plan, place, used)


def wetness_need(plan: WetnessPlan, cores: int) -> Resources:
    """Return what the task takes on so many cores."""
    cells = plan.dem.grid.rows * plan.dem.grid.cols
    return Resources(cores, wetness_mb(plan), 1 + cells * 14 // 2**20)


def write_wetness_task(
    plan: WetnessPlan, folder: Path, need: Resources, instruction_set: str, encoding: Encoding
) -> None:
    """Make the task's folder with the whole DEM in it."""
    folder.mkdir()
    cols = plan.dem.grid.cols
    with closing(WindowReader(plan.dem.path)) as reader:
        name = write_whole_dem(
            folder, plan.dem.grid.shape, lambda row, number: reader.read(row, 0, number, cols)
        )
    task = Task(
        name=WETNESS_TASK,
        work=WetnessWork(plan.dem.grid.cell_size_m),
        inputs={name: xxh3_file(folder / name)},
        outputs=_OUTPUTS,
        cores=need.cores,
        memory_mb=need.memory_mb,
        instruction_set=instruction_set,
        encoding=encoding,
    )
    write_task(folder, task)


def read_wetness_result(folder: Path) -> TaskResult:
    """Return what the task says that it has left; raise `InvalidResultError` if it is no result."""
    return read_result(folder, name=WETNESS_TASK, fingerprint={}, arrays=_OUTPUTS, encoded=_OUTPUTS)


def keep_wetness(folder: Path, place: Path) -> None:
    """Move what the task has left to where the next run finds it."""
    shutil.rmtree(place, ignore_errors=True)  # one that is damaged
    folder.rename(place)


def is_kept(plan: WetnessPlan, place: Path) -> bool:
    """Say whether `keep_wetness` has left an index there, each byte as its checksum says."""
    try:
        found = read_wetness_result(place)
        array, encoded = found.arrays["twi"], found.encoded
        return (
            encoded is not None
            and xxh3_file(place / BLOCKS_FILE) == encoded.xxh3
            # workers send it only where a tile needs it
            and (not plan.is_needed or array.place.sha256(place) == array.sha256)
        )
    except (InvalidResultError, InputError, OSError):
        return False


def computed_wetness(plan: WetnessPlan, folder: Path, used: WetnessUsed | None = None) -> Wetness:
    """Return the index that a task has left in its folder; `used` is of it, if that is known."""
    found = read_wetness_result(folder)
    layer = ArrayLayer(found.arrays["twi"].place, folder)
    if plan.is_needed and used is None:
        used = _used(layer, plan, "the wetness index of this DEM")
    return Wetness(layer, used, folder)


def given_wetness(plan: WetnessPlan, reporter: Reporter) -> Wetness | None:
    """Return the index that a raster holds, if the plan has one; report its gaps.

    Raises
    ------
    InputError
        If it is nowhere above 0, so that nothing can be shared out by it.
    """
    if plan.raster is None:
        return None
    used = _used(plan.raster, plan, str(plan.raster.path))
    if not plan.is_needed:
        return Wetness(plan.raster, None)
    if used.cells_without:
        share = used.cells_without / (used.cells + used.cells_without)
        reporter.say(
            f"{plan.raster.path} has no value in {used.cells_without} of the DEM's cells "
            f"({share:.1%}): EEMT_TOPO and EEMT_TOPO-VEG have none there either."
        )
    return Wetness(plan.raster, used)


def _used(layer: Layer, plan: WetnessPlan, name: str) -> WetnessUsed:
    """Return what is used of a layer over a DEM."""
    positive, cells, below, without = 0.0, 0, 0, 0
    with closing(WindowReader(plan.dem.path)) as reader:
        for window in windows(*plan.dem.grid.shape):
            ground = np.isfinite(reader.read(*window.numbers))
            values = layer.cut(window)
            there = ground & np.isfinite(values)
            without += int(ground.sum()) - int(there.sum())
            index = values[there].astype(np.float64)
            positive += float(np.maximum(index, 0.0).sum())
            cells += index.size
            below += int((index < 0.0).sum())
    if not cells:
        raise InputError(
            f"{name} has no value where the DEM has one",
            remedy="give another with <<twi>>",
            field="twi",
            value=name,
        )
    if not positive and plan.is_needed:
        raise InputError(
            f"{name} is nowhere above 0, so it cannot share out water",
            remedy="give another with <<twi>>, or ask for <<variants=trad>> alone",
            field="twi",
            value=name,
        )
    return WetnessUsed(positive / cells, cells, below, without)
