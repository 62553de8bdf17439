"""Results of a task on their way to disk: layers, arrays, checksums, times, memory."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .._arrays import FloatArray
from .array_file import FloatLayers, StoredArray, append_array
from .contract import ARRAYS_FILE, BLOCKS_FILE
from .encoded import LayerWriter
from .result import Account, EncodedResult, ResultArray

if TYPE_CHECKING:
    from .task import Encoding


class Recorder:
    """Writes the wanted results of one task and keeps account of what it took.

    Parameters
    ----------
    folder
        Where the files of results go.
    wanted
        Names of the wanted arrays.
    encoding
        How layers become blocks of maps; None where there is no map of them.
    threads
        How many blocks are encoded at a time.
    """

    def __init__(
        self, folder: Path, wanted: Iterable[str], encoding: Encoding | None, *, threads: int
    ) -> None:
        self._folder, self._encoding, self._threads = folder, encoding, threads
        self._writer = LayerWriter(folder / BLOCKS_FILE, encoding.piece) if encoding else None
        self._wanted = frozenset(wanted)
        self._put: set[str] = set()
        self._seconds: dict[str, float] = {}
        self._inner_s = 0.0
        self._arrays: dict[str, ResultArray] = {}
        self.statistics: dict[str, float] = {}

    def wants(self, *names: str) -> bool:
        """Say whether any of these results is wanted."""
        return not self._wanted.isdisjoint(names)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Account the time of a `with` block under `name`, less that of stages within it."""
        start, inner = time.perf_counter(), self._inner_s
        self._inner_s = 0.0
        try:
            yield
        finally:
            elapsed = time.perf_counter() - start
            own = elapsed - self._inner_s
            self._seconds[name] = round(self._seconds.get(name, 0.0) + own, 6)
            self._inner_s = inner + elapsed

    def put(self, name: str, layer: int | None, cells: FloatArray, *, factor: float = 1.0) -> None:
        """Encode and write one layer of a result, if it is wanted and there are maps of it.

        Parameters
        ----------
        layer
            Its number; None of a result that is a plain grid. Layers come in any order, each once.
        cells
            (rows, cols) float array of the task's cells.
        factor
            By which they are multiplied, besides what the encoding says.
        """
        if name not in self._wanted or self._writer is None:
            return
        assert self._encoding is not None
        with self.stage("encoding"):
            self._writer.put(
                name,
                layer,
                cells,
                self._encoding.codec,
                factor=factor * self._encoding.factors.get(name, 1.0),
                circular=name in self._encoding.circular,
                threads=self._threads,
            )
        self._put.add(name)

    def save(self, name: str, array: FloatArray) -> None:
        """Write one result as a plain array of float32, which others take cells from."""
        place, layers = append_array(self._folder / ARRAYS_FILE, array.shape)
        layers[...] = array
        self._arrays[name] = written_out(layers, place, self._folder)

    def finish(self) -> tuple[Mapping[str, ResultArray], EncodedResult | None]:
        """Write out the rest; return the plain arrays and what is encoded."""
        missing = self._wanted - (self._put if self._writer else self._arrays.keys())
        if missing:
            raise AssertionError(f"no result was written for {', '.join(sorted(missing))}")
        return self._arrays, self._writer.finish() if self._writer else None

    def close(self) -> None:
        """Let go of the files, whole or not."""
        if self._writer is not None:
            self._writer.close()

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
