"""Tiles handed to an engine, a window of them at a time; results verified; failures judged."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..engines.base import Completion, Engine, Submission
from ..errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from ..files import read_json, sha256_file
from ..task import RESULT_FILE, TASK_FILE, Resources
from ..tiling import Tile
from .folder import OutFolder
from .inputs import TileInputs
from .request import Reporter
from .resources import threads_for_last

_ATTEMPTS = 2
_POLL_S = 0.25
_AHEAD = 2

Result = dict[str, Any]


@dataclass
class Schedule:
    """Runs every tile of a plan once and keeps what their results say of themselves.

    Attributes
    ----------
    resources
        Of a tile's task; its cores where all processes have one to work on.
    cores
        All that the run may use.
    look_around
        Called now and then; what it raises ends the run.
    """

    inputs: TileInputs
    engine: Engine
    folder: OutFolder
    resources: Resources
    cores: int
    reporter: Reporter
    look_around: Callable[[], object] = lambda: None
    results: dict[int, Result] = field(default_factory=dict)
    _cells_done: int = 0
    _last: dict[int, int] = field(default_factory=dict)  # threads of the last tiles

    def run(self) -> dict[int, Result]:
        """Run all tiles that have no verified result yet; return the results by tile number.

        Raises
        ------
        EemtError
            If a tile cannot be computed; the class says whose fault it is.
        """
        waiting = [tile for tile in self.inputs.plan.tiling if not self._reuse(tile)]
        # the smallest last, and where fewer are left than processes, on all cores
        waiting.sort(key=lambda tile: (tile.core.cells, -tile.index))
        last = {tile.index for tile in waiting[: len(waiting) % self.engine.capacity]}
        self._last = dict.fromkeys(last, threads_for_last(self.cores, max(1, len(last))))
        running: dict[str, Tile] = {}
        attempts: dict[str, int] = {}
        self._progress()
        while waiting or running:
            while waiting and len(running) < self.engine.capacity + _AHEAD:
                tile = waiting.pop()
                self._submit(tile)
                running[tile.name] = tile
                attempts[tile.name] = 1
            self.look_around()
            for completion in self.engine.wait(_POLL_S):
                tile = running.pop(completion.name)
                if self._accept(tile, completion):
                    continue
                if attempts[tile.name] >= _ATTEMPTS:
                    raise _failure(tile, completion)
                self.reporter.say(f"{tile.name} failed ({completion.message}); trying it again.")
                self._submit(tile)
                running[tile.name] = tile
                attempts[tile.name] += 1
            self._progress()
        return self.results

    def _submit(self, tile: Tile) -> None:
        folder = self._folder(tile)
        threads = self._last.get(tile.index, self.resources.cores)
        self.inputs.write(tile, folder, replace(self.resources, cores=threads))
        self.engine.submit(Submission(tile.name, folder, threads))

    def _accept(self, tile: Tile, completion: Completion) -> bool:
        """Take a verified result; say whether there was one, or raise if trying again is vain."""
        if completion.exit_code == 0:
            result, why = verified_result(self._folder(tile), self.inputs.plan.fingerprint)
            if result is not None:
                self._keep(tile, result)
                _remove_inputs(self._folder(tile))
                self.reporter.detail(f"{tile.name} done in {completion.seconds:.1f} s.")
                return True
            self.reporter.detail(f"{tile.name}: {why}.")
            return False
        if completion.exit_code == 1:
            return False
        raise _failure(tile, completion)

    def _reuse(self, tile: Tile) -> bool:
        if not self._folder(tile).exists():
            return False
        result, why = verified_result(self._folder(tile), self.inputs.plan.fingerprint)
        if result is None:
            self.reporter.detail(f"{tile.name} is computed again: {why}.")
            return False
        self._keep(tile, result)
        return True

    def _keep(self, tile: Tile, result: Result) -> None:
        self.results[tile.index] = result
        self._cells_done += tile.core.cells

    def _progress(self) -> None:
        plan = self.inputs.plan
        days = len(plan.solar.days)
        total = plan.tiling.rows * plan.tiling.cols
        self.reporter.progress("tiles", self._cells_done * days, total * days, "cell-days")

    def _folder(self, tile: Tile) -> Path:
        return self.folder.tiles / tile.name


def verified_result(folder: Path, fingerprint: Mapping[str, str]) -> tuple[Result | None, str]:
    """Return the essence of a tile's result if it is whole and this run's, else None and why."""
    try:
        result = read_json(folder / RESULT_FILE)
        why = difference(result["fingerprint"], fingerprint)
        if why:
            return None, f"its result is of {why}"
        for name, output in result["outputs"].items():
            path = folder / output["file"]
            if not path.is_file() or sha256_file(path) != output["sha256"]:
                return None, f"its result {name} is damaged"
            if list(np.load(path, mmap_mode="r").shape) != output["shape"]:
                return None, f"its result {name} has another shape"
        return _essence(result), ""
    except InputError:
        return None, "it was not finished"
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, "its result is damaged"


def _essence(result: Result) -> Result:
    """Return what the maps and the run's record ask of a result: little, as every tile has one.

    The statistics of each output's layers become an array; their NaN is JSON's null.
    """
    outputs = {
        sys.intern(name): {
            "file": sys.intern(output["file"]),
            "statistics": np.array(output["statistics"], dtype=np.float64),
        }
        for name, output in result["outputs"].items()
    }
    seconds = {sys.intern(stage): taken for stage, taken in result["seconds"].items()}
    kept = {key: result[key] for key in ("statistics", "cell_steps", "peak_memory_mb")}
    words = {key: sys.intern(result[key]) for key in ("host", "instruction_set")}
    return {"outputs": outputs, "seconds": seconds, **kept, **words}


def difference(met: object, wanted: Mapping[str, str]) -> str:
    """Return what a fingerprint is of that makes it another one than `wanted`; empty if none."""
    if not isinstance(met, dict):
        return "unknown origin"
    for part, meaning in (
        ("parameters", "other parameters"),
        ("code", "other code"),
        ("inputs", "other input files"),
    ):
        if met.get(part) != wanted[part]:
            return meaning
    return ""


def _remove_inputs(folder: Path) -> None:
    """Leave the results alone in a tile's folder, so that disk use follows the results."""
    for path in folder.iterdir():
        if path.name in (TASK_FILE, RESULT_FILE, "out"):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _failure(tile: Tile, completion: Completion) -> EemtError:
    kinds: dict[int, type[EemtError]] = {
        2: ArgumentError,
        3: InputError,
        4: ResourceError,
        5: VersionError,
        -9: ResourceError,
    }
    kind = kinds.get(completion.exit_code, EemtError)
    core = tile.core
    place = f"rows {core.row0}-{core.row1 - 1}, columns {core.col0}-{core.col1 - 1}"
    message = completion.message or "its result did not arrive whole"
    return kind(f"{tile.name} ({place}) failed: {message}")
