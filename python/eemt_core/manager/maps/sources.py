"""Where the encoded blocks of a map lie: the files of the tiles' results, and of the index."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from ...blocks.cells import Cells
from ...blocks.layers import decode_share
from ...errors import InputError
from ...errors.system import cannot_write
from ...rasters import Run
from ...tiles.contract import BLOCKS_FILE, RESULT_FILE
from ...tiles.encoded import LayerRecord, LayerWriter, Layout
from ...tiles.result import InvalidResultError
from ..folder import OutFolder
from ..inputs.wetness import Wetness
from ..plan.encoding import WETNESS_LAYERS, tile_piece, wetness_layout
from ..plan.plan import Plan

_AGAIN = "<<resume>> computes its tile again"
_LAYOUTS_KEPT = 4096


class Source(Protocol):
    """The encoded layers of one map, piece by piece."""

    def records(self) -> Iterator[tuple[Path, LayerRecord]]:
        """Yield the file and the record of each piece, in the same order every time."""
        ...

    def share(self, number: int, record: LayerRecord) -> Cells:
        """Return the cells that the piece of this number has of the first level that spans tiles.

        Raises
        ------
        InputError
            If they cannot be decoded.
        """
        ...


class TileFiles:
    """The files of the results of all tiles, which hold the layers of many maps.

    Where tiles are so few that it is worth it, how each file is laid out is worked out once.
    """

    def __init__(self, plan: Plan, folder: Path, layers: Mapping[str, int | None]) -> None:
        self.plan, self._folder, self._layers = plan, folder, layers
        self.place = lru_cache(_LAYOUTS_KEPT)(self._place)

    def _place(self, number: int) -> tuple[Path, Layout]:
        """Return the file of the tile of this number, and how it is laid out."""
        tile = self.plan.tiling.tile(number)
        layout = Layout(tile_piece(self.plan, tile), self._layers)
        return self._folder / tile.name / BLOCKS_FILE, layout


@dataclass(frozen=True)
class TileSource:
    """A layer of the results of all tiles, in the order of the tiles."""

    files: TileFiles
    name: str
    layer: int | None

    def records(self) -> Iterator[tuple[Path, LayerRecord]]:
        """Yield the file and the record of each tile."""
        for number in range(len(self.files.plan.tiling)):
            file, layout = self.files.place(number)
            yield file, read_record(file, layout, self.name, self.layer)

    def share(self, number: int, record: LayerRecord) -> Cells:
        """Return the share of the tile of this number."""
        (file, _), place = self.files.place(number), record.share
        assert place is not None
        offset, length = place
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
            try:
                content = os.pread(descriptor, length, offset)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise InputError(f"{file} cannot be read ({error.strerror})", remedy=_AGAIN) from None
        try:
            return decode_share(content, record.piece.share_shape, self.files.plan.codec)
        except InputError as error:
            # as it came, which only looking at each of them would have shown
            (file.parent / RESULT_FILE).unlink(missing_ok=True)
            raise InputError(f"{file}: {error.what}", remedy=_AGAIN) from None


@dataclass(frozen=True)
class WholeSource:
    """The wetness index of the whole DEM, which its task has encoded in one piece."""

    plan: Plan
    folder: Path

    def records(self) -> Iterator[tuple[Path, LayerRecord]]:
        """Yield the one file and its record."""
        file = self.folder / BLOCKS_FILE
        layout = wetness_layout(self.plan.pyramid, self.plan.codec)
        yield file, read_record(file, layout, "twi", None)

    def share(self, number: int, record: LayerRecord) -> Cells:
        """Raise, since the one piece holds all levels."""
        raise AssertionError(number)


def raster_source(plan: Plan, wetness: Wetness, folder: OutFolder) -> TileSource:
    """Encode a raster of the wetness index tile by tile, where that is not done; return its source.

    What is encoded is kept, so that a run that is gone on with finds it.
    """
    place = folder.kept / f"twi-{plan.identity}"
    for tile in plan.tiling:
        target = place / tile.name
        if (target / BLOCKS_FILE).exists():
            continue
        part = folder.work / f"twi-{tile.name}"
        try:
            part.mkdir()
            with closing(LayerWriter(part / BLOCKS_FILE, tile_piece(plan, tile))) as writer:
                writer.put("twi", None, wetness.layer.cut(tile.core), plan.codec)
                writer.finish()
            place.mkdir(exist_ok=True)
            part.rename(target)
        except OSError as error:
            raise cannot_write(target, error) from None
    return TileSource(TileFiles(plan, place, WETNESS_LAYERS), "twi", None)


def read_record(file: Path, layout: Layout, name: str, layer: int | None) -> LayerRecord:
    """Return the record of a layer of a file.

    Raises
    ------
    InputError
        If the file has gone or is damaged since it was verified.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            size = os.fstat(descriptor).st_size
            return layout.record(descriptor, size, name, layer)
        finally:
            os.close(descriptor)
    except (OSError, InvalidResultError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise InputError(f"{file} cannot be read ({why})", remedy=_AGAIN) from None


def run_of(file: Path, record: LayerRecord, level: int) -> Run:
    """Return the blocks of a whole level of a piece as a run."""
    row, col, rows, cols = record.piece.block_window(level)
    offset, lengths = record.level(level)
    return Run(file, offset, row, col, rows, cols, lengths)
