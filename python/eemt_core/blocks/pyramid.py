"""The blocks of a map: its levels, their sizes, and which of them a tile holds whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

LARGEST_EDGE = 512
"""Largest edge of a block [cells]; overviews end with the first that fits into one such block."""
OVERVIEW_EDGE = 128
"""Largest edge of an overview's block [cells], GDAL's own: the smaller it is, the more levels a
tile holds whole, and the fewer are left for the manager."""


def block_edge(tile_cells: int) -> int:
    """Return the edge of the blocks of a run's maps [cells].

    It is the largest power of two, at most `LARGEST_EDGE`, that divides the edge of a tile, so that
    every block comes from one tile.

    Examples
    --------
    >>> [block_edge(tile_cells) for tile_cells in (1024, 1536, 192, 64)]
    [512, 512, 64, 64]
    """
    return math.gcd(tile_cells, LARGEST_EDGE)


@dataclass(frozen=True)
class Pyramid:
    """A map of full resolution and its overviews, all cut into square blocks.

    Attributes
    ----------
    rows, cols
        Of the map.
    edge
        Of a block of full resolution [cells]: a power of two. `edge_at` has that of each level.
    has_overviews
        Whether there may be more than one level.
    """

    rows: int
    cols: int
    edge: int
    has_overviews: bool = True

    @cached_property
    def levels(self) -> int:
        """How many levels there are: each half of the last, until one fits into `LARGEST_EDGE`."""
        levels = 1
        while self.has_overviews and max(self.shape(levels - 1)) > LARGEST_EDGE:
            levels += 1
        return levels

    def shape(self, level: int) -> tuple[int, int]:
        """Return (rows, cols) of a level; 0 is full resolution."""
        return halved(self.rows, level), halved(self.cols, level)

    def edge_at(self, level: int) -> int:
        """Return the edge of a level's blocks [cells]."""
        return self.overview_edge if level else self.edge

    @property
    def overview_edge(self) -> int:
        """Edge of the blocks of all overviews [cells]."""
        return min(self.edge, OVERVIEW_EDGE)

    def blocks(self, level: int) -> tuple[int, int]:
        """Return how many blocks a level has (down, across)."""
        (rows, cols), edge = self.shape(level), self.edge_at(level)
        return -(-rows // edge), -(-cols // edge)

    def whole_levels(self, tile_cells: int) -> int:
        """Return how many levels tiles of that edge hold whole, since they begin on their blocks.

        Examples
        --------
        >>> Pyramid(9000, 9000, 512).whole_levels(2048)
        5
        """
        levels = 1
        while levels < self.levels and tile_cells % (self.overview_edge << levels) == 0:
            levels += 1
        return levels


def halved(length: int, times: int) -> int:
    """Return a number of cells halved so many times, each time rounded up."""
    return -(-length // (1 << times))
