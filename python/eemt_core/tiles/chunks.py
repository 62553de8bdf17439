"""A window of a grid as the squares that it touches, each of them packed by itself.

Tiles see much of the same terrain: around a tile of 512 x 512 cells lies eighteen times as much
as within. A square, packed once, goes into every tile's inputs as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

import numpy as np

from ..grids.tiling import Window, intersection
from .packing import Cells, pack, unpack


@dataclass(frozen=True)
class ChunkGrid:
    """How a grid is cut: its rows and columns, and the edge of its squares [cells].

    The squares are counted from the grid's first cell; those at its lower and right edge may be
    smaller.
    """

    rows: int
    cols: int
    edge: int

    @property
    def down(self) -> int:
        """How many squares lie below each other."""
        return -(-self.rows // self.edge)

    @property
    def across(self) -> int:
        """How many squares lie beside each other."""
        return -(-self.cols // self.edge)

    def touched(self, window: Window) -> tuple[range, range]:
        """Return the rows and the columns of squares that a window of the grid touches."""
        edge = self.edge
        return (
            range(window.row0 // edge, -(-window.row1 // edge)),
            range(window.col0 // edge, -(-window.col1 // edge)),
        )

    def square(self, row: int, col: int) -> Window:
        """Return the cells of a square."""
        row0, col0 = row * self.edge, col * self.edge
        return Window(
            row0, col0, min(self.edge, self.rows - row0), min(self.edge, self.cols - col0)
        )


@dataclass(frozen=True)
class Chunks:
    """The cells of a window: what `pack` made of each square that it touches, row by row."""

    grid: ChunkGrid
    window: Window
    packed: bytes


@dataclass(frozen=True)
class PackedLevel:
    """What a `FarLevel` holds, packed."""

    elevation_m: Chunks
    cell_size_m: tuple[float, float]
    x_m: float
    y_m: float


@lru_cache
def nothing(rows: int, cols: int) -> bytes:
    """Return a packed square without values."""
    return pack(np.full((rows, cols), np.nan, np.float32))


def read_chunks(file: BinaryIO, grid: ChunkGrid, window: Window) -> Cells:
    """Return the cells of a window, (rows, cols), from where an open file stands.

    Raises
    ------
    ValueError
        If there are no such squares.
    """
    if min(window.shape) < 1 or min(window.row0, window.col0) < 0 or grid.edge < 1:
        raise ValueError(f"{window} is no window")
    if window.row1 > grid.rows or window.col1 > grid.cols:
        raise ValueError(f"{window} is not within {grid.rows} x {grid.cols} cells")
    cells = np.empty(window.shape, np.float32)
    for square in _squares(grid, window):
        values = unpack(file, square.shape)
        both = intersection(square, window)
        cells[both.relative_to(window).slices] = values[both.relative_to(square).slices]
    return cells


def _squares(grid: ChunkGrid, window: Window) -> Iterator[Window]:
    rows, cols = grid.touched(window)
    return (grid.square(row, col) for row in rows for col in cols)
