"""Results of a task on their way to disk: arrays, checksums, times, memory."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._arrays import FloatArray
from .array_file import FloatLayers, StoredArray, append_array

if TYPE_CHECKING:
    from .task import Task


class Recorder:
    """Writes the wanted result arrays of one task and keeps account of what it took."""

    def __init__(self, folder: Path, task: Task) -> None:
        self._folder = folder
        self._file = folder / task.arrays_file
        self._places: dict[str, StoredArray] = {}
        self._wanted = frozenset(task.outputs)
        self._started = time.monotonic()
        self._seconds: dict[str, float] = {}
        self._outputs: dict[str, dict[str, Any]] = {}
        self.cell_steps = 0
        self.statistics: dict[str, float] = {}

    def wants(self, *names: str) -> bool:
        """Say whether any of these results is wanted."""
        return not self._wanted.isdisjoint(names)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Account the time of a `with` block under `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            elapsed = time.perf_counter() - start
            self._seconds[name] = round(self._seconds.get(name, 0.0) + elapsed, 6)

    def save(self, name: str, array: FloatArray) -> None:
        """Write one result as float32, if it is wanted."""
        if name not in self._wanted:
            return
        layers = self.layers(name, array.shape)
        layers[...] = array
        self.finish(name, layers)

    def layers(self, name: str, shape: tuple[int, ...]) -> FloatLayers:
        """Return a float32 array on disk to be filled piece by piece; end it with `finish`."""
        self._places[name], layers = append_array(self._file, shape)
        return layers

    def finish(self, name: str, layers: FloatLayers) -> None:
        """Write out the rest of an array of `layers` and take its checksum."""
        self._outputs[name] = describe(layers, self._places[name], self._folder)

    def result(self, task: Task) -> dict[str, Any]:
        """Return what ``result.json`` says."""
        from .. import _core

        missing = self._wanted - self._outputs.keys()
        if missing:
            raise AssertionError(f"no result was written for {', '.join(sorted(missing))}")
        return {
            "schema": task.schema,
            "program": task.program,
            "name": task.name,
            "fingerprint": dict(task.fingerprint),
            "outputs": self._outputs,
            "statistics": self.statistics,
            "seconds": self._seconds,
            "wall_seconds": round(time.monotonic() - self._started, 3),
            "cell_steps": self.cell_steps,
            "peak_memory_mb": peak_memory_mb(),
            "threads": task.resources.cores,
            "host": platform.node(),
            "machine": platform.machine(),
            "instruction_set": _core.solar.simd_level(),
        }


def describe(layers: FloatLayers, place: StoredArray, folder: Path) -> dict[str, Any]:
    """Write out what is left of an array on disk and return what ``result.json`` says of it."""
    layers.flush()
    return {
        **asdict(place),
        "sha256": place.sha256(folder),
        "statistics": [_statistics(layer) for layer in layers.reshape(-1, *layers.shape[-2:])],
    }


def _statistics(layer: FloatArray) -> list[float | int | None]:
    """Return [valid cells, their sum, lowest, highest] of a grid."""
    valid = layer[~np.isnan(layer)]
    if not valid.size:
        return [0, 0.0, None, None]
    total = float(valid.sum(dtype=np.float64))
    return [int(valid.size), total, float(valid.min()), float(valid.max())]


def peak_memory_mb() -> int:
    """Return the largest resident memory this process has had [MB]; 0 where unknown.

    Linux's own account is read: `getrusage` would count the parent's memory at the moment of the
    start as ours.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0
