"""Results of a task on their way to disk: arrays, checksums, times, memory."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .._arrays import FloatArray
from .array_file import FloatLayers, StoredArray, append_array
from .result import Account, ResultArray


class Recorder:
    """Writes the wanted result arrays of one task and keeps account of what it took."""

    def __init__(self, file: Path, wanted: Iterable[str]) -> None:
        self._file = file
        self._places: dict[str, StoredArray] = {}
        self._wanted = frozenset(wanted)
        self._seconds: dict[str, float] = {}
        self._arrays: dict[str, ResultArray] = {}
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
        self._arrays[name] = written_out(layers, self._places[name], self._file.parent)

    def arrays(self) -> Mapping[str, ResultArray]:
        """Return the arrays that were written: all that are wanted."""
        missing = self._wanted - self._arrays.keys()
        if missing:
            raise AssertionError(f"no result was written for {', '.join(sorted(missing))}")
        return self._arrays

    def account(self) -> Account:
        """Return what it took so far."""
        from .. import _core

        return Account(
            seconds=self._seconds,
            statistics=self.statistics,
            peak_memory_mb=peak_memory_mb(),
            host=platform.node(),
            instruction_set=_core.processor.instruction_set(),
        )


def written_out(layers: FloatLayers, place: StoredArray, folder: Path) -> ResultArray:
    """Write out what is left of an array on disk and take its checksum."""
    layers.flush()
    return ResultArray(place, place.sha256(folder))


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
