"""Where tiles, halos and far fields lie: integer arithmetic on cell indices, nothing else.

A DEM is cut into core windows that cover every cell exactly once. Each core is surrounded by a
halo of full resolution, clipped at the edge of the DEM, and by a far field: levels of square
blocks, each level with cells twice as large and a reach twice as long as the one before. The
arithmetic knows the DEM's size and nothing of processors, so a run gives the same bytes on any
number of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..errors import ArgumentError

BLOCK_CELLS = 64
"""Tiles start on multiples of this.

The kernels work in blocks that are counted from the raster's first cell: 64 cells of radiation, and
8 samples, one in eight cells, of a tile's surroundings. So a tile has the blocks of the raster.
"""

DEFAULT_TILE_CELLS = 1024
DEFAULT_HALO_CELLS = 256

NARROWEST = 8
"""What is left at the lower or right edge of a DEM is a tile of its own from this part of a tile's
edge on, an eighth. Narrower, it would cost as much for its halo and its process as for its cells,
and the maps would wait for it."""

LOWEST_HORIZON_DEG = 0.1
"""Terrain that cannot rise above this angle is left out of the far field [degrees]."""

EARTH_RADIUS_M, TERRESTRIAL_REFRACTION_K = 6_371_000.0, 0.13
"""Those of the kernels (``cpp/include/eemt/constants.hpp``), which a test compares."""

_EFFECTIVE_EARTH_RADIUS_M = EARTH_RADIUS_M / (1.0 - TERRESTRIAL_REFRACTION_K)


@dataclass(frozen=True)
class Window:
    """A rectangle of cells: first row and column, and how many of each."""

    row0: int
    col0: int
    rows: int
    cols: int

    @property
    def row1(self) -> int:
        """Row after the last."""
        return self.row0 + self.rows

    @property
    def col1(self) -> int:
        """Column after the last."""
        return self.col0 + self.cols

    @property
    def cells(self) -> int:
        """How many cells it holds."""
        return self.rows * self.cols

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self.rows, self.cols

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """(row0, col0, rows, cols), as functions of windows take them."""
        return self.row0, self.col0, self.rows, self.cols

    def grown(self, rows: int, cols: int, limits: tuple[int, int]) -> Window:
        """Return the window with `rows` and `cols` more on each side, within (0, 0, *limits)."""
        row0, col0 = max(0, self.row0 - rows), max(0, self.col0 - cols)
        row1, col1 = min(limits[0], self.row1 + rows), min(limits[1], self.col1 + cols)
        return Window(row0, col0, row1 - row0, col1 - col0)

    def relative_to(self, outer: Window) -> Window:
        """Return the same cells counted from the first cell of `outer`."""
        return Window(self.row0 - outer.row0, self.col0 - outer.col0, self.rows, self.cols)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of the window's cells in an array of the whole."""
        return slice(self.row0, self.row1), slice(self.col0, self.col1)


@dataclass(frozen=True)
class Tile:
    """A core window, its halo window (which contains the core), and the tile's number.

    A part of a tile has letters that say which.
    """

    index: int
    core: Window
    halo: Window
    part: str = ""

    @property
    def name(self) -> str:
        """Name of the tile's folder."""
        return f"tile-{self.index:06d}{self.part}"

    def split(self) -> tuple[Tile, Tile] | None:
        """Return two parts, cut between blocks across the longer side; None of a single block.

        They keep the tile's halo, so that their cells come out as those of the whole tile.
        """
        core = self.core
        along_rows = core.rows >= core.cols
        blocks = -(-max(core.shape) // BLOCK_CELLS)
        if blocks < 2:
            return None
        at = blocks // 2 * BLOCK_CELLS
        if along_rows:
            first = replace(core, rows=at)
            second = replace(core, row0=core.row0 + at, rows=core.rows - at)
        else:
            first = replace(core, cols=at)
            second = replace(core, col0=core.col0 + at, cols=core.cols - at)
        return (
            replace(self, core=first, part=f"{self.part}a"),
            replace(self, core=second, part=f"{self.part}b"),
        )


@dataclass(frozen=True)
class FarWindow:
    """Part of one level of the far field: `window` counts blocks of 2**level cells."""

    level: int
    window: Window

    @property
    def block(self) -> int:
        """Edge of the level's cells in cells of the DEM."""
        return 1 << self.level

    @property
    def cells(self) -> Window:
        """The cells of the DEM, counted whether it has them or not, that the blocks hold."""
        window, block = self.window, self.block
        return Window(
            window.row0 * block, window.col0 * block, window.rows * block, window.cols * block
        )


@dataclass(frozen=True)
class Tiling:
    """The cut of a DEM of (rows, cols) cells into tiles.

    Cores start on multiples of `tile_cells`, so that the blocks of a map, counted from its first
    cell, lie each in one tile; those at the lower and right edge of the DEM may be smaller, or by
    less than an eighth (`NARROWEST`) larger.
    """

    rows: int
    cols: int
    tile_cells: int = DEFAULT_TILE_CELLS
    halo_cells: int = DEFAULT_HALO_CELLS

    def __post_init__(self) -> None:
        if self.tile_cells < BLOCK_CELLS or self.tile_cells % BLOCK_CELLS:
            raise ArgumentError(
                f"tile_cells must be a positive multiple of {BLOCK_CELLS}, got {self.tile_cells}",
                field="tile_cells",
                value=self.tile_cells,
            )
        if self.halo_cells < 1:
            raise ArgumentError(
                f"halo_cells must be at least 1, got {self.halo_cells}",
                field="halo_cells",
                value=self.halo_cells,
            )

    @property
    def edge(self) -> tuple[int, int]:
        """(rows, cols) of the largest core."""
        rows, cols = (
            max(self._part(length, place)[1] for place in (0, count - 1))
            for length, count in ((self.rows, self.tiles_down), (self.cols, self.tiles_across))
        )
        return rows, cols

    @property
    def tiles_down(self) -> int:
        """How many tiles lie below each other."""
        return tiles_along(self.rows, self.tile_cells)

    @property
    def tiles_across(self) -> int:
        """How many tiles lie beside each other."""
        return tiles_along(self.cols, self.tile_cells)

    def __len__(self) -> int:
        return self.tiles_down * self.tiles_across

    def __iter__(self) -> Iterator[Tile]:
        return (self.tile(index) for index in range(len(self)))

    def tile(self, index: int) -> Tile:
        """Return the tile of this number; numbers run along rows of tiles from the north-west."""
        if not 0 <= index < len(self):
            raise ArgumentError(
                f"index must lie in [0, {len(self) - 1}], got {index}", field="index", value=index
            )
        down, across = divmod(index, self.tiles_across)
        (row0, rows), (col0, cols) = self._part(self.rows, down), self._part(self.cols, across)
        core = Window(row0, col0, rows, cols)
        halo = core.grown(self.halo_cells, self.halo_cells, (self.rows, self.cols))
        return Tile(index, core, halo)

    def _part(self, length: int, place: int) -> tuple[int, int]:
        """Return first cell and length of the tile at a place along an axis of so many cells."""
        begin = place * self.tile_cells
        is_last = place == tiles_along(length, self.tile_cells) - 1
        return begin, length - begin if is_last else self.tile_cells


def tiles_along(length: int, tile_cells: int) -> int:
    """Return how many tiles cover an axis of `length` cells.

    Examples
    --------
    >>> [tiles_along(length, 1024) for length in (4, 1024, 1028, 1151, 1152, 2048)]
    [1, 1, 1, 1, 2, 2]
    """
    whole, rest = divmod(length, tile_cells)
    return max(1, whole + (NARROWEST * rest >= tile_cells))


def whole_blocks(tile_cells: int) -> int:
    """Return the tile edge rounded up to whole blocks of `BLOCK_CELLS`."""
    return max(1, math.ceil(tile_cells / BLOCK_CELLS)) * BLOCK_CELLS


def far_reach_m(relief_m: float) -> float:
    """Return the distance [m] beyond which terrain stays below `LOWEST_HORIZON_DEG`.

    Parameters
    ----------
    relief_m
        Highest point of the DEM above the lowest point of the observer's tile [m].

    Notes
    -----
    Over a sphere of effective radius R (refraction straightens the ray by 13 %) a point `relief`
    higher at distance d appears at relief/d - d/(2R); the reach is where that falls to
    tan(`LOWEST_HORIZON_DEG`).
    """
    if not relief_m > 0:
        return 0.0
    t = math.tan(math.radians(LOWEST_HORIZON_DEG)) * _EFFECTIVE_EARTH_RADIUS_M
    return math.sqrt(t * t + 2.0 * _EFFECTIVE_EARTH_RADIUS_M * relief_m) - t


def far_windows(
    tiling: Tiling, tile: Tile, *, reach_m: float, cell_size_m: tuple[float, float]
) -> tuple[FarWindow, ...]:
    """Return the levels of a tile's far field, fine to coarse.

    Level k starts where level k - 1 ends and reaches `halo_cells` * 2**(k + 1) cells from the
    core, so that a block, seen from the core, is never wider than 2/`halo_cells` of its distance,
    and beyond the first level half of that. The levels end with `reach_m` or with the DEM; none
    is needed where the halo holds the whole DEM.
    """
    limits = (tiling.rows, tiling.cols)
    needed = tile.core.grown(
        math.ceil(reach_m / cell_size_m[1]), math.ceil(reach_m / cell_size_m[0]), limits
    )
    levels: list[FarWindow] = []
    covered, level = tile.halo, 0
    while not _contains(covered, needed):
        level += 1
        margin = tiling.halo_cells * 2 ** (level + 1)
        covered = intersection(tile.core.grown(margin, margin, limits), _union(needed, tile.halo))
        levels.append(FarWindow(level, blocks_over(covered, 2**level)))
    return tuple(levels)


def blocks_over(window: Window, block: int) -> Window:
    """Return the blocks, of edge `block` and counted from cell (0, 0), that a window touches."""
    row0, col0 = window.row0 // block, window.col0 // block
    row1, col1 = math.ceil(window.row1 / block), math.ceil(window.col1 / block)
    return Window(row0, col0, row1 - row0, col1 - col0)


def _contains(outer: Window, inner: Window) -> bool:
    return (
        outer.row0 <= inner.row0
        and outer.col0 <= inner.col0
        and outer.row1 >= inner.row1
        and outer.col1 >= inner.col1
    )


def intersection(a: Window, b: Window) -> Window:
    """Return the cells that two windows, which touch, have in common."""
    row0, col0 = max(a.row0, b.row0), max(a.col0, b.col0)
    return Window(row0, col0, min(a.row1, b.row1) - row0, min(a.col1, b.col1) - col0)


def _union(a: Window, b: Window) -> Window:
    row0, col0 = min(a.row0, b.row0), min(a.col0, b.col0)
    return Window(row0, col0, max(a.row1, b.row1) - row0, max(a.col1, b.col1) - col0)
