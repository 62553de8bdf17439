"""One layer of a tile's result as the blocks of its map."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cells import FULL_BITS, Cells, Statistics, count, halve, joined, round_mantissa
from .codec import Codec, predict, unpredict
from .pyramid import Pyramid, halved


@dataclass(frozen=True)
class Piece:
    """The part of a map that one window gives.

    Attributes
    ----------
    row0, col0, rows, cols
        The window of full resolution; it begins on a block of each whole level, and ends on one or
        with the map.
    pyramid
        Of the whole map.
    whole
        How many levels, from full resolution on, the window holds whole.
    """

    row0: int
    col0: int
    rows: int
    cols: int
    pyramid: Pyramid
    whole: int

    def block_window(self, level: int) -> tuple[int, int, int, int]:
        """Return the window (row0, col0, rows, cols) of blocks of a whole level."""
        step, edge = 2**level, self.pyramid.edge
        rows, cols = self.shape(level)
        down, across = -(-rows // edge), -(-cols // edge)
        return self.row0 // step // edge, self.col0 // step // edge, down, across

    def shape(self, level: int) -> tuple[int, int]:
        """Return how many (rows, cols) of cells it has of a level."""
        return halved(self.rows, level), halved(self.cols, level)

    @property
    def blocks(self) -> int:
        """How many blocks it has in all."""
        windows = [self.block_window(level) for level in range(self.whole)]
        return sum(rows * cols for _, _, rows, cols in windows)

    @property
    def has_share(self) -> bool:
        """Whether the map has levels whose blocks span tiles, so that cells go to the manager."""
        return self.whole < self.pyramid.levels

    @property
    def share_shape(self) -> tuple[int, int]:
        """(rows, cols) of the cells of the first level that is not whole."""
        return self.shape(self.whole)


@dataclass(frozen=True)
class EncodedLayer:
    """A layer's blocks, level by level and row by row, its share, and its statistics.

    Attributes
    ----------
    share
        The cells of the first level that is not whole, packed (`decode_share`); empty if none.
    statistics
        Of the rounded cells of full resolution.
    """

    blocks: tuple[tuple[bytes, ...], ...]
    share: bytes
    statistics: Statistics


def encode_layer(
    cells: NDArray[np.floating],
    piece: Piece,
    codec: Codec,
    *,
    factor: float = 1.0,
    circular: bool = False,
    threads: int = 1,
) -> EncodedLayer:
    """Return the blocks of a piece of a map.

    Parameters
    ----------
    cells
        (rows, cols) float array of the piece's shape; NaN where there is no value.
    factor
        By which they are multiplied, in double precision, before they are rounded.
    circular
        Whether they are directions, which have no mean (`cells.halve`).
    threads
        How many blocks are packed at a time; the bytes do not depend on it.
    """
    assert cells.shape == (piece.rows, piece.cols), (cells.shape, piece)
    level_cells = round_mantissa(_multiplied(cells, factor), codec.bits)
    statistics: list[Statistics] = []
    levels: list[tuple[bytes, ...]] = []
    with ThreadPoolExecutor(threads) as pool:
        for level in range(piece.whole):
            if level:
                level_cells = _next(level_cells, codec, circular)
            else:
                statistics = [count(block) for block in _cut(level_cells, piece.pyramid.edge)]
            padded = (
                _padded(block, piece.pyramid.edge)
                for block in _cut(level_cells, piece.pyramid.edge)
            )
            levels.append(tuple(pool.map(codec.encode, padded)))
    share = b""
    if piece.has_share:
        share = encode_share(_next(level_cells, codec, circular), codec)
    return EncodedLayer(tuple(levels), share, joined(statistics))


def encode_share(cells: Cells, codec: Codec) -> bytes:
    """Return the packed bytes of cells of any shape, for `decode_share`."""
    return codec.pack(predict(cells))


def decode_share(content: bytes, shape: tuple[int, int], codec: Codec) -> Cells:
    """Return the (rows, cols) float32 cells of `encode_share`; raise `InputError` if damaged."""
    rows, cols = shape
    plain = codec.unpack(content, 4 * rows * cols)
    return unpredict(np.frombuffer(plain, np.uint8).reshape(rows, 4 * cols))


def _next(cells: Cells, codec: Codec, circular: bool) -> Cells:
    """Return the rounded cells of the next level."""
    return round_mantissa(halve(cells, circular=circular), codec.at(1).bits)


def _multiplied(cells: NDArray[np.floating], factor: float) -> Cells:
    if factor == 1.0:
        return cells.astype(np.float32, copy=False)
    return (cells.astype(np.float64) * factor).astype(np.float32)


def _cut(cells: Cells, edge: int) -> Iterator[Cells]:
    """Yield the cells of each block, row by row; the last ones may be smaller."""
    for row0 in range(0, cells.shape[0], edge):
        for col0 in range(0, cells.shape[1], edge):
            yield cells[row0 : row0 + edge, col0 : col0 + edge]


def _padded(block: Cells, edge: int) -> Cells:
    """Return a block of full size, NaN beyond the map."""
    if block.shape == (edge, edge):
        return block
    padded = round_mantissa(np.full((edge, edge), np.nan, np.float32), FULL_BITS)
    padded[: block.shape[0], : block.shape[1]] = block
    return padded
