"""The blocks of the overviews that no tile holds whole, from what each tile has of the first one.

Blocks are built depth first: each one as soon as the up to four below it are there, which are then
no longer needed. So one block of each level is in memory, however large the map.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from .cells import FULL_BITS, Cells, halve, round_mantissa
from .codec import Codec
from .pyramid import Pyramid

# A share may be larger than a block, which then comes from parts of up to four shares. Its
# neighbours need the same ones, since blocks are built in groups of four, of sixteen and so on.
_SHARES_KEPT = 4


class UpperBlock(NamedTuple):
    """An encoded block: its level, its place in blocks of that level, its bytes."""

    level: int
    row: int
    col: int
    content: bytes


@dataclass(frozen=True)
class Upper:
    """The levels of a map that tiles share.

    Attributes
    ----------
    pyramid
        Of the map.
    codec
        How blocks are encoded, and how many bits overviews keep.
    tile_cells
        Edge of a tile [cells of full resolution]; the last ones may be smaller or larger.
    tiles
        How many tiles the map has (down, across).
    share
        Function that returns the rounded cells that the tile in a row and column of tiles has of
        level `whole`, as a float32 array.
    circular
        Whether cells are directions, which have no mean (`cells.halve`).
    """

    pyramid: Pyramid
    codec: Codec
    tile_cells: int
    tiles: tuple[int, int]
    share: Callable[[int, int], Cells]
    circular: bool = False

    @property
    def whole(self) -> int:
        """How many levels tiles hold whole; the others are built here."""
        return self.pyramid.whole_levels(self.tile_cells)

    def blocks(self) -> Iterator[UpperBlock]:
        """Yield all blocks of these levels, each after those below it; none if tiles hold all."""
        top = self.pyramid.levels - 1
        if top < self.whole:
            return
        share = lru_cache(_SHARES_KEPT)(self.share)
        for row, col in np.ndindex(self.pyramid.blocks(top)):
            yield from self._built(share, top, row, col)

    def _built(
        self, share: Callable[[int, int], Cells], level: int, row: int, col: int
    ) -> Generator[UpperBlock, None, Cells]:
        """Yield a block and before it all below it; return the block's cells."""
        if level == self.whole:
            cells = self._from_shares(share, row, col)
        else:
            cells, half = self._empty(), self.pyramid.overview_edge // 2
            down, across = self.pyramid.blocks(level - 1)
            for i, j in product((0, 1), (0, 1)):
                if 2 * row + i < down and 2 * col + j < across:
                    below = yield from self._built(share, level - 1, 2 * row + i, 2 * col + j)
                    here = slice(i * half, (i + 1) * half), slice(j * half, (j + 1) * half)
                    cells[here] = halve(below, circular=self.circular)
            cells = round_mantissa(cells, self.codec.at(level).bits)
        yield UpperBlock(level, row, col, self.codec.encode(cells))
        return cells

    def _from_shares(self, share: Callable[[int, int], Cells], row: int, col: int) -> Cells:
        """Return a block of the first level, put together from the shares that it touches."""
        edge, side = self.pyramid.overview_edge, self.tile_cells >> self.whole
        rows, cols = self.pyramid.shape(self.whole)
        row0, col0 = row * edge, col * edge
        row1, col1 = min(row0 + edge, rows), min(col0 + edge, cols)
        cells = self._empty()
        down_to, across_to = self.tiles
        for down in _touched(row0, row1, side, down_to):
            for across in _touched(col0, col1, side, across_to):
                top, left = down * side - row0, across * side - col0
                part = share(down, across)[max(0, -top) : edge - top, max(0, -left) : edge - left]
                top, left = max(0, top), max(0, left)
                cells[top : top + part.shape[0], left : left + part.shape[1]] = part
        return cells

    def _empty(self) -> Cells:
        return round_mantissa(
            np.full((self.pyramid.overview_edge,) * 2, np.nan, np.float32), FULL_BITS
        )


def _touched(begin: int, end: int, side: int, count: int) -> range:
    """Return which of `count` shares, `side` cells long but the last, have some of these cells."""
    return range(min(begin // side, count - 1), min(-(-end // side), count))
