"""A tile that was cut in two for lack of memory: its parts, and their results made one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import numpy as np

from ...blocks.cells import Cells
from ...blocks.codec import Codec
from ...grids.tiling import Tile
from ...tiles.contract import BLOCKS_FILE, read_result, write_result
from ...tiles.encoded import LayerWriter, Layout
from ...tiles.result import Account, TaskResult
from .expected_result import ExpectedResult


@dataclass
class SplitTile:
    """A tile that was too large for its memory, with its finished and unfinished parts."""

    tile: Tile
    waiting: set[str]
    done: dict[str, Tile] = field(default_factory=dict)


def join_parts(
    parts: Sequence[tuple[Tile, Path]], tile: Tile, expected: ExpectedResult, folder: Path
) -> None:
    """Write a tile's result into `folder` from those of its parts, as if it had been whole.

    Parts keep all bits of their cells, which are decoded here and encoded once more.
    """
    results = [
        read_result(
            place, name=part.name, fingerprint=expected.fingerprint, encoded=expected.arrays
        )
        for part, place in parts
    ]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    encoding, whole = expected.encoding(tile), np.empty(tile.core.shape, np.float32)
    with ExitStack() as stack:
        files = [
            stack.enter_context(LayerFile.open(place, part, expected)) for part, place in parts
        ]
        writer = stack.enter_context(closing(LayerWriter(folder / BLOCKS_FILE, encoding.piece)))
        for name, array in expected.arrays.items():
            for layer in [None] if array.layers is None else range(array.layers):
                for (part, _), file in zip(parts, files, strict=True):
                    whole[part.core.relative_to(tile.core).slices] = file.cells(name, layer)
                # parts have multiplied the cells already
                is_circular = name in encoding.circular
                writer.put(name, layer, whole, encoding.codec, circular=is_circular)
        encoded = writer.finish()
    account = _joined([result.account for result in results])
    write_result(folder, TaskResult(tile.name, expected.fingerprint, {}, account, encoded))


@dataclass(frozen=True)
class LayerFile:
    """The open file of a part's encoded layers."""

    descriptor: int
    bytes: int
    layout: Layout
    codec: Codec

    @classmethod
    @contextmanager
    def open(cls, folder: Path, part: Tile, expected: ExpectedResult) -> Iterator[LayerFile]:
        """Open the file that the task of a part has left in its folder."""
        with (folder / BLOCKS_FILE).open("rb", buffering=0) as file:
            codec = expected.encoding(part).codec
            size = os.fstat(file.fileno()).st_size
            yield cls(file.fileno(), size, expected.layout(part), codec)

    def cells(self, name: str, layer: int | None) -> Cells:
        """Return a layer's cells of full resolution, (rows, cols) float32."""
        record = self.layout.record(self.descriptor, self.bytes, name, layer)
        piece, (offset, lengths) = record.piece, record.level(0)
        edge, cells = piece.pyramid.edge, np.empty((piece.rows, piece.cols), np.float32)
        places = product(range(0, piece.rows, edge), range(0, piece.cols, edge))
        for (row, col), length in zip(places, lengths.tolist(), strict=True):
            target = cells[row : row + edge, col : col + edge]
            block = self.codec.decode(os.pread(self.descriptor, length, offset), edge)
            target[...] = block[: target.shape[0], : target.shape[1]]
            offset += length
        return cells


def _joined(accounts: Sequence[Account]) -> Account:
    """Return what a tile took, from what its parts took."""

    def total(counts: Sequence[Mapping[str, float]]) -> dict[str, float]:
        names = sorted({name for count in counts for name in count})
        return {name: sum(count.get(name, 0) for count in counts) for name in names}

    return replace(
        accounts[0],
        statistics=total([account.statistics for account in accounts]),
        seconds=total([account.seconds for account in accounts]),
        peak_memory_mb=max(account.peak_memory_mb for account in accounts),
    )
