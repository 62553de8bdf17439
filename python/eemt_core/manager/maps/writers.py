"""Writes several maps at once, each in a helper process.

Processes are used and not threads, since two threads that both write through GDAL can deadlock
when the disk is full. A helper reads jobs from its standard input, one line of JSON each, and
answers each job with one line. It ends when its standard input is closed, so no helper continues
after the run has ended.

    python -m eemt_core.manager.maps.writers
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...environment import leave_others_aside
from ...errors import ArgumentError, EemtError, InputError, ResourceError
from ...errors.system import explain
from ...grids.grid import Grid
from ...machine.parent import watch_parent
from ...rasters import remove_leftovers, write_map
from ...tiles.array_file import StoredArray

_PATIENCE_S = 0.25
_KINDS = {kind.exit_code: kind for kind in (ArgumentError, InputError, ResourceError)}


@dataclass(frozen=True)
class MapBlock:
    """The source of a rectangle of a map: an array, one layer of it, or some of its rows."""

    row0: int
    col0: int
    array: StoredArray
    layer: int | None = None
    rows: tuple[int, int] | None = None

    def cells(self, factor: float) -> NDArray[np.float32]:
        """Return the cells multiplied by `factor` in double precision."""
        values: NDArray[np.float32] = self.array.load()
        if self.layer is not None:
            values = values[self.layer]
        if self.rows is not None:
            values = values[slice(*self.rows)]
        cells: NDArray[np.float32] = np.array(values, dtype=np.float32)
        return cells if factor == 1.0 else (cells.astype(np.float64) * factor).astype(np.float32)


@dataclass(frozen=True)
class MapJob:
    """One map to write: the arguments of `write_map` as plain data."""

    target: str
    grid: Grid
    blocks: tuple[MapBlock, ...]
    factor: float
    description: str
    units: str
    tags: dict[str, str]
    circular: bool = False

    def write(self) -> None:
        """Write the map to its folder, which must exist; each block is read when it is needed."""
        self.write_blocks((p.row0, p.col0, p.cells(self.factor)) for p in self.blocks)

    def write_blocks(
        self, blocks: Iterable[tuple[int, int, NDArray[np.float32]]], threads: int = 1
    ) -> None:
        """Write the map from blocks that are passed in, instead of those of the job."""
        write_map(
            Path(self.target),
            self.grid,
            blocks,
            description=self.description,
            units=self.units,
            tags=self.tags,
            circular=self.circular,
            threads=threads,
        )

    def to_json(self) -> str:
        """Return the job as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str | bytes) -> MapJob:
        """Return the job from one line of JSON."""
        raw: dict[str, Any] = json.loads(line)
        blocks = tuple(_block(**block) for block in raw.pop("blocks"))
        return cls(grid=Grid(**raw.pop("grid")), blocks=blocks, **raw)


def _block(array: dict[str, Any], rows: list[int] | None, **rest: Any) -> MapBlock:
    place = StoredArray(array["file"], array["offset"], tuple(array["shape"]))
    return MapBlock(array=place, rows=None if rows is None else (rows[0], rows[1]), **rest)


def write_all(
    jobs: Iterator[MapJob], count: int, processes: int, tell: Callable[[int], None]
) -> None:
    """Write all maps with several helper processes.

    Parameters
    ----------
    jobs
        The maps to write, as an iterator: jobs list every tile and are large, so they are created
        one by one. The bytes of a map do not depend on which process writes it.
    count
        Number of jobs.
    processes
        Number of helper processes, at least 1.
    tell
        Called from time to time with the number of maps written so far.

    Raises
    ------
    EemtError
        The error of the first map that could not be written. Maps written before are complete; of
        all others no file is left.
    """
    board = _Board(jobs)
    try:
        with _helpers(min(processes, count)) as helpers:
            crew = [threading.Thread(target=board.serve, args=(helper,)) for helper in helpers]
            for member in crew:
                member.daemon = True
                member.start()
            for member in crew:
                while member.is_alive():
                    member.join(_PATIENCE_S)
                    tell(board.done)
        if board.error is not None:
            raise board.error
    except BaseException:
        for target in board.begun:
            remove_leftovers(target)
        raise


class _Board:
    """Jobs shared by all helpers: those not yet taken, and the results of the others."""

    def __init__(self, jobs: Iterator[MapJob]) -> None:
        self._jobs, self._lock = jobs, threading.Lock()
        self.begun: list[Path] = []
        self.done = 0
        self.error: Exception | None = None

    def serve(self, helper: subprocess.Popen[str]) -> None:
        """Pass jobs to a helper, one at a time, until none is left or one has failed."""
        try:
            while (job := self._next()) is not None:
                _ask(helper, job)
                with self._lock:
                    self.done += 1
        except Exception as error:  # `write_all` raises it in the main thread
            self.error = self.error or error

    def _next(self) -> MapJob | None:
        with self._lock:
            job = None if self.error is not None else next(self._jobs, None)
            if job is not None:
                self.begun.append(Path(job.target))
            return job


def _ask(helper: subprocess.Popen[str], job: MapJob) -> None:
    """Let a helper write a map; if it reports an error, raise that."""
    assert helper.stdin is not None
    assert helper.stdout is not None
    try:
        helper.stdin.write(job.to_json() + "\n")
        helper.stdin.flush()
        line = helper.stdout.readline()
    except OSError:
        line = ""
    if not line:
        if helper.wait() == -signal.SIGKILL:
            raise ResourceError(
                f"the process that wrote {job.target} was killed, most likely because the machine "
                "ran out of memory",
                remedy="use fewer <<threads>>",
                field="threads",
            )
        raise EemtError(
            f"the process that wrote {job.target} has died", remedy="<<resume>> writes it again"
        )
    answer = json.loads(line)
    if answer["exit_code"] != 0:
        raise _KINDS.get(answer["exit_code"], EemtError)(answer["error"])


@contextmanager
def _helpers(count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start helpers for the block, and end them also after an error."""
    started: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        # reuse memory from one map to the next: mapping it again costs a tenth of the time
        "MALLOC_MMAP_THRESHOLD_": str(2**26),
        "MALLOC_TRIM_THRESHOLD_": str(2**28),
    }
    try:
        for _ in range(count):
            started.append(
                subprocess.Popen(
                    [sys.executable, "-P", "-m", "eemt_core.manager.maps.writers"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment,
                    text=True,
                    start_new_session=True,  # Ctrl-C must reach only the manager
                )
            )
        yield started
    finally:
        # idle helpers have nothing to lose; others, after an error, write maps no longer needed
        for helper in started:
            helper.kill()
        for helper in started:
            helper.communicate()


def main() -> None:
    """Write the maps of the jobs on standard input."""
    leave_others_aside()
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    watch_parent(lambda: os._exit(130), jobs.put)  # if the run has ended, end too
    while True:
        answer: dict[str, Any] = {"exit_code": 0}
        try:
            MapJob.from_json(jobs.get()).write()
        except EemtError as error:
            answer = {"exit_code": error.exit_code, "error": error.sentence}
        except Exception as error:
            sentence, exit_code = explain(error) or (f"{type(error).__name__}: {error}", 1)
            answer = {"exit_code": exit_code, "error": sentence}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
