"""The file of a task's encoded layers: their blocks one behind the other, and where each lies.

::

    blocks, share      of each layer, in the order in which the task has made them
    records            one of each layer, by name of the array and number, all of one length

A record is little-endian: where the layer's first block begins, how many bytes each block has
(level by level, row by row, then the share if there is one), and the statistics of its cells. How
many records there are, and how long they are, follows from what the task is asked for (`Layout`),
so the record of one layer is read without the others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..blocks.cells import Statistics
from ..blocks.codec import Codec
from ..blocks.layers import Piece, write_layer
from ..errors.system import cannot_write
from ..files import Xxh3
from .result import EncodedResult, InvalidResultError

Records = NDArray[np.void]
_NAMES = Statistics._fields
_DAMAGED = "its result is damaged"
# bytes that do not shrink become a few more; nothing that is told longer is a block
_MORE_BYTES, _MORE_SHARE = 1024, 8
# share by which a sum of doubles may miss what its terms allow
_SUM_ROUNDING = 1e-9


@dataclass(frozen=True)
class LayerRecord:
    """Where one layer lies, and the statistics of its cells.

    Attributes
    ----------
    offset
        Of its first block in the file.
    lengths
        Bytes of each block, level by level and row by row, then of the share if there is one.
    """

    piece: Piece
    offset: int
    lengths: NDArray[np.uint32]
    statistics: Statistics

    def level(self, level: int) -> tuple[int, NDArray[np.uint32]]:
        """Return the offset of a level's first block and the lengths of all its blocks.

        They follow each other row by row; `Piece.block_window` says which of the map's they are.
        """
        first, end = self.piece.begins[level : level + 2]
        offset = self.offset + int(self.lengths[:first].sum(dtype=np.int64))
        return offset, self.lengths[first:end]

    @property
    def share(self) -> tuple[int, int] | None:
        """Offset and bytes of the share; None if the piece has none."""
        if not self.piece.has_share:
            return None
        before = int(self.lengths[:-1].sum(dtype=np.int64))
        return self.offset + before, int(self.lengths[-1])


@dataclass(frozen=True)
class Layout:
    """Which layers a file holds, and how its records are made.

    Attributes
    ----------
    piece
        What each layer is of its map.
    layers
        How many layers each array has, by its name; None of a plain grid.
    """

    piece: Piece
    layers: Mapping[str, int | None]

    @cached_property
    def kind(self) -> np.dtype[np.void]:
        """Type of a record."""
        blocks = self.piece.blocks + self.piece.has_share
        counts = [(name, "<u8") for name in _NAMES[:2]]
        return np.dtype(
            [
                ("offset", "<u8"),
                ("lengths", "<u4", (blocks,)),
                *counts,
                *((name, "<f8") for name in _NAMES[2:]),
            ]
        )

    @cached_property
    def _first(self) -> dict[str, int]:
        """Number of the first record of each array."""
        first, number = {}, 0
        for name in sorted(self.layers):
            first[name] = number
            number += self.layers[name] or 1
        return first

    @cached_property
    def count(self) -> int:
        """How many records there are."""
        return sum(layers or 1 for layers in self.layers.values())

    def number(self, name: str, layer: int | None) -> int:
        """Return the number of a layer's record."""
        assert (layer is None) == (self.layers[name] is None), (name, layer)
        return self._first[name] + (layer or 0)

    def record(self, descriptor: int, file_bytes: int, name: str, layer: int | None) -> LayerRecord:
        """Return the record of a layer, read from an open file of so many bytes.

        What it says was checked when the whole index was read (`read_index`).
        """
        number, size = self.number(name, layer), self.kind.itemsize
        content = os.pread(descriptor, size, file_bytes - (self.count - number) * size)
        if len(content) != size:
            raise InvalidResultError(_DAMAGED)
        return self.made(np.frombuffer(content, self.kind)[0])

    def made(self, raw: Any) -> LayerRecord:
        """Return a record of what stands in the file."""
        statistics = Statistics(*(raw[name].item() for name in _NAMES))
        return LayerRecord(self.piece, int(raw["offset"]), raw["lengths"], statistics)


@dataclass(frozen=True)
class ResultIndex:
    """All records of a file, checked."""

    layout: Layout
    records: Records

    def record(self, name: str, layer: int | None) -> LayerRecord:
        """Return the record of a layer."""
        return self.layout.made(self.records[self.layout.number(name, layer)])

    def statistics(self, name: str) -> list[Statistics]:
        """Return the statistics of all layers of an array."""
        count, first = self.layout.layers[name] or 1, self.layout._first[name]
        rows = self.records[first : first + count]
        return [Statistics(*(row[key].item() for key in _NAMES)) for row in rows]


def read_index(descriptor: int, file_bytes: int, layout: Layout) -> ResultIndex:
    """Return the index of an open file of so many bytes.

    Raises
    ------
    InvalidResultError
        If it is not one: blocks that lie elsewhere than one behind the other, lengths that no block
        has, statistics that contradict each other. Whether the cells' values can be is for the
        caller to see.
    """
    size = layout.count * layout.kind.itemsize
    end = file_bytes - size
    if end < 0:
        raise InvalidResultError(_DAMAGED)
    content = os.pread(descriptor, size, end)
    if len(content) != size:
        raise InvalidResultError(_DAMAGED)
    records = np.frombuffer(content, layout.kind)
    lengths = records["lengths"]
    sums = lengths.sum(axis=1, dtype=np.int64)
    offsets = records["offset"]
    order = np.argsort(offsets)
    ends = np.concatenate([[0], np.cumsum(sums[order])])
    lies_well = ends[-1] == end and np.array_equal(offsets[order], ends[:-1].astype(np.uint64))
    if not lies_well or (lengths == 0).any() or (lengths > _longest(layout.piece)).any():
        raise InvalidResultError(_DAMAGED)
    if not _are_plausible(records, layout.piece.rows * layout.piece.cols):
        raise InvalidResultError("its result tells statistics that cannot be")
    return ResultIndex(layout, records)


def _longest(piece: Piece) -> NDArray[np.int64]:
    """Return how many bytes each block, and the share, may have."""
    cells = piece.block_cells
    if piece.has_share:
        rows, cols = piece.share_shape
        cells.append(rows * cols)
    plain = 4 * np.array(cells, np.int64)
    longest: NDArray[np.int64] = plain + plain // _MORE_SHARE + _MORE_BYTES
    return longest


def _are_plausible(records: Records, cells: int) -> bool:
    """Say whether statistics may be those of so many cells, whatever these hold."""
    valid, gaps, total, low, high = (records[name] for name in _NAMES)
    if (valid > cells).any() or (gaps > cells).any() or (valid + gaps != cells).any():
        return False
    none = valid == 0
    ends = np.stack([low, high])
    if not (np.isnan(ends[:, none]).all() and (total[none] == 0.0).all()):
        return False
    if not (np.isfinite(ends[:, ~none]).all() and np.isfinite(total).all()):
        return False
    low, high, total, count = low[~none], high[~none], total[~none], valid[~none].astype(float)
    with np.errstate(over="ignore"):
        slack = _SUM_ROUNDING * count * np.maximum(np.abs(low), np.abs(high))
        within = (count * low - slack <= total) & (total <= count * high + slack)
    return bool((low <= high).all() and within.all())


class LayerWriter:
    """Writes the file: layers in any order, each once, then the records.

    Parameters
    ----------
    path
        Of the file, which is made anew.
    piece
        What each layer is of its map.
    """

    def __init__(self, path: Path, piece: Piece) -> None:
        self._path, self._piece = path, piece
        self._digest, self._end = Xxh3(), 0
        self._written: dict[tuple[str, int | None], tuple[int, list[int], Statistics]] = {}
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise cannot_write(path, error) from None

    def put(
        self,
        name: str,
        layer: int | None,
        cells: NDArray[np.floating[Any]],
        codec: Codec,
        *,
        factor: float = 1.0,
        circular: bool = False,
        threads: int = 1,
    ) -> None:
        """Encode and write one layer; the parameters are those of `write_layer`.

        Raises
        ------
        ResourceError
            If the disk is full.
        """
        assert (name, layer) not in self._written, (name, layer)
        offset, lengths = self._end, list[int]()

        def write(content: bytes) -> None:
            lengths.append(len(content))
            self._write(content)

        choices: Any = {"factor": factor, "circular": circular, "threads": threads}
        statistics = write_layer(cells, self._piece, codec, write, **choices)
        self._written[name, layer] = offset, lengths, statistics

    def finish(self) -> EncodedResult:
        """Write the records, wait until all is on the disk, and say what the file is."""
        layers: dict[str, int | None] = {}
        for name, layer in self._written:
            layers[name] = None if layer is None else max(layers.get(name) or 0, layer + 1)
        layout = Layout(self._piece, layers)
        assert layout.count == len(self._written), "a layer is missing"
        records = np.empty(layout.count, layout.kind)
        for (name, layer), (offset, lengths, statistics) in self._written.items():
            records[layout.number(name, layer)] = (offset, lengths, *statistics)
        self._write(records.tobytes())
        try:
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise cannot_write(self._path, error) from None
        return EncodedResult(self._end, self._digest.hexdigest(), layers)

    def close(self) -> None:
        """Let go of the file, whole or not."""
        self._file.close()

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise cannot_write(self._path, error) from None
        self._digest.update(content)
        self._end += len(content)
