"""Places the blocks that tasks have encoded in the maps' files, several maps at once.

Nothing is encoded here but the overviews that span tiles, and the raster of a wetness index that
the user has given. Threads are enough, since copying needs no interpreter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock

import numpy as np

from ... import __version__
from ...blocks.cells import Cells, Statistics, joined
from ...blocks.upper import Upper
from ...errors import EemtError
from ...errors.system import cannot_write
from ...rasters import (
    Run,
    is_whole,
    raster_info,
    remove_leftovers,
    write_average_vrt,
    write_cog,
)
from ...tiles.encoded import LayerRecord
from ..folder import OutFolder
from ..inputs.wetness import Wetness
from ..plan.plan import Plan
from ..reporter import Reporter
from .names import MapSpec, own_maps
from .sources import Source, TileFiles, TileSource, WholeSource, raster_source, run_of

SOFTWARE = f"eemt-core {__version__}"
_MOST_AT_ONCE = 4
"""So many maps at once; more would only wait for the disk."""

_PATIENCE_S = 0.25
_IDENTITY_TAG = "EEMT_RUN_SHA256"
"""Of a map: one checksum of all that its run depends on, by which a run knows its own."""

Statistic = dict[str, float]


def write_maps(
    plan: Plan,
    folder: OutFolder,
    wetness: Wetness | None,
    reporter: Reporter,
    *,
    threads: int,
) -> dict[str, Statistic]:
    """Write all maps of the plan; each gets its final name when it is complete.

    Those that are there already, written by this very run before it was interrupted, stay.

    Parameters
    ----------
    threads
        Number of maps written at once, at most.

    Returns
    -------
    statistics
        Minimum, maximum and mean of each map, by name.

    Raises
    ------
    EemtError
        The error of the first map that could not be written. Maps written before are complete; of
        all others no file is left.
    """
    statistics: dict[str, Statistic] = {}
    writer, count = _Writer(plan, folder, wetness), len(plan.maps)
    own = own_maps(plan.maps)
    for path in {Path(spec.path).parent: spec.path for spec in plan.maps}.values():
        folder.make_room(path)
    remove_leftovers(*(folder.path / spec.path for spec in plan.maps))
    reporter.progress("maps", 0, count, "maps")
    for path, found in _at_once(writer, own, max(1, min(threads, _MOST_AT_ONCE, len(own)))):
        if path:
            statistics[path] = found
        reporter.progress("maps", len(statistics), count, "maps")
    for spec in plan.maps:
        if spec.of:
            statistics[spec.path] = writer.write_multiple(spec, statistics[spec.of])
    reporter.progress("maps", count, count, "maps")
    return {spec.path: statistics[spec.path] for spec in plan.maps}


def _at_once(
    writer: _Writer, specs: Iterable[MapSpec], threads: int
) -> Iterator[tuple[str, Statistic]]:
    """Write maps several at a time; yield each one's name and statistics, and "" while waiting.

    Each thread takes the next map itself: to be handed one takes as long as to write its header.
    """
    left, taking, is_over = iter(specs), Lock(), Event()
    told: SimpleQueue[tuple[str, Statistic] | BaseException | None] = SimpleQueue()

    def write_some() -> None:
        try:
            while not is_over.is_set():
                with taking:
                    spec = next(left, None)
                if spec is None:
                    break
                told.put((spec.path, writer.write(spec)))
        except BaseException as error:
            told.put(error)
        else:
            told.put(None)

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(threads):
            pool.submit(write_some)
        try:
            while threads:
                try:
                    found = told.get(timeout=_PATIENCE_S)
                except Empty:
                    yield "", {}
                    continue
                if isinstance(found, BaseException):
                    raise found
                if found is None:
                    threads -= 1
                else:
                    yield found
        finally:
            is_over.set()


class _Writer:
    """Writes maps one by one, from any thread."""

    def __init__(self, plan: Plan, folder: OutFolder, wetness: Wetness | None) -> None:
        self._plan, self._folder, self._wetness = plan, folder, wetness
        self._files = TileFiles(plan, folder.tiles, plan.layers_of_arrays)
        # of all maps; to write them out takes longer than to place a small map's blocks
        self._common_tags = {
            "TIFFTAG_SOFTWARE": SOFTWARE,
            "EEMT_PARAMETERS": json.dumps(plan.parameters, sort_keys=True),
            "EEMT_INPUTS": json.dumps(plan.inputs.brief),
            "EEMT_PRECISION_BITS": str(plan.codec.bits),
            _IDENTITY_TAG: plan.identity,
        }

    def write(self, spec: MapSpec) -> Statistic:
        """Write a map unless it is there; return its statistics."""
        plan, path, source = self._plan, self._folder.path / spec.path, self._source(spec)
        records = list(source.records())
        statistics = _statistic(joined(record.statistics for _, record in records))
        if self._is_there(path):
            return statistics
        whole = records[0][1].piece.whole
        levels = [[run_of(*record, level) for record in records] for level in range(whole)]
        with self._upper(spec, source, [record for _, record in records]) as upper:
            levels += upper
            write_cog(
                path,
                plan.grid,
                pyramid=plan.pyramid,
                codec=plan.codec,
                levels=levels,
                description=spec.description,
                units=spec.unit,
                tags=self._tags(spec, statistics),
            )
        return statistics

    def write_multiple(self, spec: MapSpec, statistics: Statistic) -> Statistic:
        """Write a map that is a multiple of another one, whose statistics are given."""
        own = {name: value * spec.factor for name, value in statistics.items()}
        write_average_vrt(
            self._folder.path / spec.path,
            self._folder.path / spec.of,
            self._plan.grid,
            factor=spec.factor,
            block_cells=self._plan.pyramid.edge,
            description=spec.description,
            units=spec.unit,
            tags=self._tags(spec, own),
        )
        return own

    def _source(self, spec: MapSpec) -> Source:
        if spec.result != "twi":
            return TileSource(self._files, spec.result, spec.layer)
        assert self._wetness is not None
        if self._wetness.encoded is not None:
            return WholeSource(self._plan, self._wetness.encoded)
        return raster_source(self._plan, self._wetness, self._folder)

    def _is_there(self, path: Path) -> bool:
        """Say whether a map is there, whole, and of this very run."""
        if not path.is_file() or not is_whole(path, self._plan.grid.shape):
            return False
        try:
            return raster_info(path).tags.get(_IDENTITY_TAG) == self._plan.identity
        except EemtError:
            return False

    @contextmanager
    def _upper(
        self, spec: MapSpec, source: Source, records: Sequence[LayerRecord]
    ) -> Iterator[list[list[Run]]]:
        """Encode the levels that span tiles into a file that lasts for the block; give its runs."""
        plan, cut = self._plan, self._plan.tiling
        whole = records[0].piece.whole
        runs: list[list[Run]] = [[] for _ in range(whole, plan.pyramid.levels)]
        if not runs:
            yield runs
            return

        def share(row: int, col: int) -> Cells:
            number = row * cut.tiles_across + col
            return source.share(number, records[number])

        tiles = cut.tiles_down, cut.tiles_across
        upper = Upper(
            plan.pyramid, plan.codec, cut.tile_cells, tiles, share, circular=spec.circular
        )
        path = self._folder.work / f"upper-{spec.path.replace('/', '-')}"
        try:
            with path.open("xb") as file:
                for level, row, col, content in upper.blocks():
                    lengths = np.array([len(content)])
                    runs[level - whole].append(Run(path, file.tell(), row, col, 1, 1, lengths))
                    file.write(content)
        except OSError as error:
            raise cannot_write(path, error) from None
        try:
            yield runs
        finally:
            path.unlink(missing_ok=True)

    def _tags(self, spec: MapSpec, statistics: Statistic) -> dict[str, str]:
        tags = {
            **self._common_tags,
            "TIFFTAG_IMAGEDESCRIPTION": f"{spec.description} [{spec.unit}]",
            **{f"EEMT_{name}": value for name, value in spec.tags.items()},
        }
        for name, value in statistics.items():
            tags[f"STATISTICS_{name.upper()}"] = f"{value:.9g}"
        return tags


def _statistic(found: Statistics) -> Statistic:
    """Return minimum, maximum and mean; empty if no cell is valid."""
    if not found.cells:
        return {}
    return {"minimum": found.low, "maximum": found.high, "mean": found.total / found.cells}
