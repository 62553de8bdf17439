"""One layer of a tile's result as the blocks of its map."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .cells import Cells, Statistics, joined
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
        step, edge = 2**level, self.pyramid.edge_at(level)
        rows, cols = self.shape(level)
        down, across = -(-rows // edge), -(-cols // edge)
        return self.row0 // step // edge, self.col0 // step // edge, down, across

    def shape(self, level: int) -> tuple[int, int]:
        """Return how many (rows, cols) of cells it has of a level."""
        return halved(self.rows, level), halved(self.cols, level)

    @cached_property
    def begins(self) -> tuple[int, ...]:
        """Number of each whole level's first block, in the order in which they are written.

        After these the number of all blocks.
        """
        windows = [self.block_window(level) for level in range(self.whole)]
        return tuple(accumulate((rows * cols for _, _, rows, cols in windows), initial=0))

    @property
    def blocks(self) -> int:
        """How many blocks it has in all."""
        return self.begins[-1]

    @property
    def block_cells(self) -> list[int]:
        """Cells of each block, in the order in which they are written."""
        cells = []
        for level in range(self.whole):
            _, _, rows, cols = self.block_window(level)
            cells += [self.pyramid.edge_at(level) ** 2] * (rows * cols)
        return cells

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
    cells: NDArray[np.floating[Any]],
    piece: Piece,
    codec: Codec,
    *,
    factor: float = 1.0,
    circular: bool = False,
    threads: int = 1,
) -> EncodedLayer:
    """Return the blocks of a piece of a map, as `write_layer` writes them."""
    contents: list[bytes] = []
    statistics = write_layer(
        cells,
        piece,
        codec,
        contents.append,
        factor=factor,
        circular=circular,
        threads=threads,
    )
    left = iter(contents)
    blocks = []
    for level in range(piece.whole):
        _, _, down, across = piece.block_window(level)
        blocks.append(tuple(islice(left, down * across)))
    return EncodedLayer(tuple(blocks), b"".join(left), statistics)


def write_layer(
    cells: NDArray[np.floating[Any]],
    piece: Piece,
    codec: Codec,
    write: Callable[[bytes], object],
    *,
    factor: float = 1.0,
    circular: bool = False,
    threads: int = 1,
) -> Statistics:
    """Encode a piece of a map and hand over its blocks one by one.

    Parameters
    ----------
    cells
        (rows, cols) float array of the piece's shape; NaN where there is no value.
    write
        Called with each block's bytes, level by level and row by row, and with the share at the
        end, if there is one. So no more than some blocks, and a quarter of the cells for the
        next level, are in memory besides `cells`.
    factor
        By which cells are multiplied, in double precision, before they are rounded.
    circular
        Whether they are directions, which have no mean (`cells.halve`).
    threads
        How many blocks are encoded at a time; the bytes do not depend on it.

    Returns
    -------
    statistics
        Of the rounded cells of full resolution.

    Raises
    ------
    ResourceError
        If a block, decoded again, is another one.
    """
    assert cells.shape == (piece.rows, piece.cols), (cells.shape, piece)
    level_cells: NDArray[Any] = np.ascontiguousarray(cells)
    statistics = joined([])
    with _in_order(threads) as in_order:
        for level in range(piece.whole):
            is_last = level + 1 == piece.pyramid.levels
            above = None if is_last else np.empty(piece.shape(level + 1), np.float32)
            encoder = _BlockEncoder(level_cells, level, piece, codec, factor, circular, above)
            found = []
            for content, part in in_order(encoder.block, encoder.places()):
                write(content)
                found.append(part)
            if level == 0:
                statistics, factor = joined(found), 1.0
            if above is not None:
                level_cells = above
    if piece.has_share:
        write(encode_share(level_cells, codec))
    return statistics


@dataclass(frozen=True)
class _BlockEncoder:
    """Encodes the blocks of one level and fills the level above it.

    Attributes
    ----------
    above
        The cells of the next level, which each block fills in its own place; None of the last one.
    """

    cells: NDArray[np.floating[Any]]
    level: int
    piece: Piece
    codec: Codec
    factor: float
    circular: bool
    above: Cells | None

    def places(self) -> Iterator[tuple[int, int]]:
        """Yield the first row and column of each block."""
        rows, cols = self.cells.shape
        return product(range(0, rows, self._edge), range(0, cols, self._edge))

    def block(self, place: tuple[int, int]) -> tuple[bytes, Statistics]:
        """Return the bytes of a block and the statistics of its rounded cells."""
        row0, col0 = place
        planes, halved, statistics = _core.blocks.block_planes(
            self.cells,
            row0=row0,
            col0=col0,
            edge=self._edge,
            factor=self.factor,
            bits=self._bits,
            above_bits=self._above_bits,
            circular=self.circular,
        )
        if self.above is not None:
            rows, cols = halved.shape
            row, col = row0 // 2, col0 // 2
            self.above[row : row + rows, col : col + cols] = halved
        return self.codec.pack(planes), Statistics(*statistics)

    @cached_property
    def _edge(self) -> int:
        return self.piece.pyramid.edge_at(self.level)

    @cached_property
    def _bits(self) -> int:
        return self.codec.at(self.level).bits

    @cached_property
    def _above_bits(self) -> int:
        return self.codec.at(1).bits


@contextmanager
def _in_order(threads: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Give a function like `map` that works on some items at a time and keeps their order."""
    if threads == 1:
        yield map
        return
    with ThreadPoolExecutor(threads) as pool:

        def in_order(work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
            begun: deque[Future[Any]] = deque()
            for item in items:
                begun.append(pool.submit(work, item))
                if len(begun) > 2 * threads:  # as many as threads would wait for the writing
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()

        yield in_order


def encode_share(cells: Cells, codec: Codec) -> bytes:
    """Return the packed bytes of cells of any shape, for `decode_share`."""
    return codec.pack(predict(cells))


def decode_share(content: bytes, shape: tuple[int, int], codec: Codec) -> Cells:
    """Return the (rows, cols) float32 cells of `encode_share`; raise `InputError` if damaged."""
    rows, cols = shape
    plain = codec.unpack(content, 4 * rows * cols)
    return unpredict(np.frombuffer(plain, np.uint8).reshape(rows, 4 * cols))
