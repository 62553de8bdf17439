"""Coarse copies of a DEM, each with cells twice as large, for the far fields of its tiles.

A far ridge seen through blocks must be neither sunk nor raised. The mean of a block's cells sinks
it, their maximum raises it: along a line of sight the highest cell counts, across it the line
meets the cells of its own path only. The levels therefore hold a mix (`MAX_SHARE`), chosen by
`benchmarks/far_field_mix.py`, which compares tiled with whole runs.

Their elevations are whole tenths, hundredths ... of a metre, the largest of these that is at most a
hundredth of a level's cell: far below what a block says of its cells, and half the bytes where it
travels to tiles. Seen from a tile it is 2e-5 of the distance at most, 0.001 degrees.

The DEM is read once, by windows; levels lie on disk, so memory is bounded by one window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..files import new_array
from ..terrain import FarLevel
from .tiling import FarWindow, Tile, Tiling, Window, far_reach_m, far_windows

MAX_SHARE = 0.5
"""Weight of a block's maximum against its mean."""

_KEPT_CELLS = 4
"""How many cells of a level's inside edge are kept; a line of sight needs two."""

_WINDOW_LEVELS = 9
WINDOW_ROWS, WINDOW_COLS = 2**_WINDOW_LEVELS, 2 ** (_WINDOW_LEVELS + 2)
"""Of the windows by which the DEM is read; so many levels are made from one of them. A row of the
first level then fills a page of its file, which the system hands out anew for each window."""

ReadWindow = Callable[[Window], NDArray[np.float32]]


@dataclass(frozen=True)
class FarPart:
    """What a tile sees of one level.

    Attributes
    ----------
    far
        Which of its cells.
    hidden
        Those of the level that finer terrain covers: nobody looks there, and they need not travel.
    cell_size_m, x_m, y_m
        As those of a `FarLevel` around the tile's halo.
    """

    far: FarWindow
    hidden: Window
    cell_size_m: tuple[float, float]
    x_m: float
    y_m: float


@dataclass(frozen=True)
class Pyramid:
    """Files of levels 1, 2, ... of a DEM (level k: blocks of 2**k cells), and its extremes [m].

    `folder` is where they lie.
    """

    folder: Path
    levels: tuple[Path, ...]
    lowest_m: float
    highest_m: float

    def shape(self, level: int) -> tuple[int, int]:
        """Return rows and columns of a level."""
        rows, cols = self._layouts[level - 1][0]
        return rows, cols

    def cut(self, far: FarWindow) -> NDArray[np.float32]:
        """Return a copy of one level's window."""
        shape, offset = self._layouts[far.level - 1]
        # mapped for this one copy: pages that stay mapped would count as ours
        with (
            self.levels[far.level - 1].open("rb") as file,
            mmap(file.fileno(), 0, access=ACCESS_READ) as mapped,
        ):
            return np.ndarray(shape, np.float32, mapped, offset)[far.window.slices].copy()

    @cached_property
    def _layouts(self) -> list[tuple[tuple[int, ...], int]]:
        """Shape of each level and where its cells begin; to read it each time takes longest."""
        levels = [np.load(path, mmap_mode="r") for path in self.levels]
        return [(level.shape, level.offset) for level in levels]

    def far_field(
        self, tiling: Tiling, tile: Tile, cell_size_m: tuple[float, float]
    ) -> Iterator[FarLevel]:
        """Yield the terrain beyond a tile's halo; it holds NaN where nobody looks."""
        for part in self.far_parts(tiling, tile, cell_size_m):
            elevation_m = self.cut(part.far)
            elevation_m[part.hidden.relative_to(part.far.window).slices] = np.nan
            yield FarLevel(elevation_m, part.cell_size_m, part.x_m, part.y_m)

    def far_parts(
        self, tiling: Tiling, tile: Tile, cell_size_m: tuple[float, float]
    ) -> Iterator[FarPart]:
        """Yield which terrain lies beyond a tile's halo, as far as it can rise into view."""
        reach_m = far_reach_m(self.highest_m - self.lowest_m)
        x, y = cell_size_m
        covered = tile.halo
        for far in far_windows(tiling, tile, reach_m=reach_m, cell_size_m=cell_size_m):
            hidden = _hidden(covered, far)
            covered = far.cells
            east_m = (far.window.col0 * far.block - tile.halo.col0) * x
            south_m = (far.window.row0 * far.block - tile.halo.row0) * y
            yield FarPart(far, hidden, (far.block * x, far.block * y), east_m, south_m)


def _hidden(covered: Window, far: FarWindow) -> Window:
    """Return which cells of a level lie well within other cells of the DEM, that finer ones cover.

    A line of sight goes on through the level where it leaves them, and takes its height there
    from the four cells around, so those at the edge are kept.
    """
    kept, block, window = _KEPT_CELLS, far.block, far.window
    row0 = max(window.row0, -(-covered.row0 // block) + kept)
    col0 = max(window.col0, -(-covered.col0 // block) + kept)
    row1, col1 = covered.row1 // block - kept, covered.col1 // block - kept
    return Window(row0, col0, max(0, row1 - row0), max(0, col1 - col0))


def levels_needed(rows: int, cols: int, halo_cells: int) -> int:
    """Return the number of levels after which any halo covers the whole DEM."""
    return max(0, math.ceil(math.log2(max(rows, cols) / halo_cells)))


def build(
    read: ReadWindow,
    rows: int,
    cols: int,
    *,
    cell_size_m: tuple[float, float],
    levels: int,
    folder: Path,
) -> Pyramid:
    """Read the DEM once and write its levels into `folder` as .npy files.

    Parameters
    ----------
    read
        Function that returns a window of the DEM, elevation [m], NaN where there is none.
    rows, cols
        Size of the DEM.
    cell_size_m
        Edge lengths (x, y) of its cells [m].
    levels
        How many levels to make; 0 only takes the extremes.
    folder
        Where the levels are stored.
    """
    steps = {}
    for level in range(1, levels + 1):
        _create(folder, level, rows, cols)
        steps[level] = steps_in_a_metre(min(cell_size_m) * 2**level)
    direct = min(levels, _WINDOW_LEVELS)
    top = _Blocks.empty(rows, cols, 2**direct) if levels > direct else None
    lowest, highest = math.inf, -math.inf
    for row0 in range(0, rows, WINDOW_ROWS):
        for col0 in range(0, cols, WINDOW_COLS):
            shape = min(WINDOW_ROWS, rows - row0), min(WINDOW_COLS, cols - col0)
            window = Window(row0, col0, *shape)
            elevation_m = np.ascontiguousarray(read(window))
            low, high = _extremes(elevation_m)
            lowest, highest = min(lowest, low), max(highest, high)
            blocks = None
            for level in range(1, direct + 1):
                blocks = _Blocks.of(elevation_m) if blocks is None else blocks.merged()
                r, c = row0 >> level, col0 >> level
                here = (slice(r, r + blocks.shape[0]), slice(c, c + blocks.shape[1]))
                _stored(folder, level)[here] = blocks.mixed(steps[level])
                if top is not None and level == direct:
                    top.place(here, blocks)
    for level in range(direct + 1, levels + 1):
        assert top is not None
        top = top.merged()
        _stored(folder, level)[...] = top.mixed(steps[level])
    paths = tuple(_path(folder, level) for level in range(1, levels + 1))
    return Pyramid(folder, paths, lowest, highest)


def steps_in_a_metre(cell_m: float) -> float:
    """Return of which parts of a metre the elevations of a level's cells are: a power of 10.

    Examples
    --------
    >>> [steps_in_a_metre(cell_m) for cell_m in (0.5, 2.0, 20.0, 60.0, 240.0, 7680.0)]
    [1000.0, 100.0, 10.0, 10.0, 1.0, 1.0]
    """
    return float(10 ** max(0, math.ceil(2 - math.log10(cell_m))))


@dataclass(frozen=True)
class _Blocks:
    """Sum, number and highest of the valid cells in each block."""

    total_m: NDArray[np.float64]
    count: NDArray[np.int64]
    highest_m: NDArray[np.float32]

    @classmethod
    def of(cls, elevation_m: NDArray[np.float32]) -> _Blocks:
        """Return those of 2 x 2 cells."""
        return cls(*_core.terrain.block_sums(elevation_m))

    @classmethod
    def empty(cls, rows: int, cols: int, block: int) -> _Blocks:
        shape = -(-rows // block), -(-cols // block)
        return cls(np.zeros(shape), np.zeros(shape, np.int64), np.full(shape, np.nan, np.float32))

    @property
    def shape(self) -> tuple[int, int]:
        return self.count.shape[0], self.count.shape[1]

    def place(self, here: tuple[slice, slice], blocks: _Blocks) -> None:
        self.total_m[here], self.count[here] = blocks.total_m, blocks.count
        self.highest_m[here] = blocks.highest_m

    def merged(self) -> _Blocks:
        """Return those of 2 x 2 blocks."""
        return _Blocks(*_core.terrain.merged_block_sums(self.total_m, self.count, self.highest_m))

    def mixed(self, steps: float) -> NDArray[np.float32]:
        """Return the mix of mean and highest, in whole steps of so many to a metre."""
        with np.errstate(invalid="ignore"):
            mean = self.total_m / self.count
        mean *= 1.0 - MAX_SHARE  # in place: to be given new memory takes longer than to reckon
        mean += MAX_SHARE * self.highest_m
        mean *= steps
        np.rint(mean, out=mean)
        mean /= steps
        mix = mean.astype(np.float32)
        mix[self.count == 0] = np.nan  # of which the processor chose the sign
        return mix


def _extremes(elevation_m: NDArray[np.float32]) -> tuple[float, float]:
    """Return the lowest and highest valid elevation [m]; (inf, -inf) where there is none."""
    low, high = float(elevation_m.min()), float(elevation_m.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    valid = elevation_m[np.isfinite(elevation_m)]
    return (float(valid.min()), float(valid.max())) if valid.size else (math.inf, -math.inf)


def _create(folder: Path, level: int, rows: int, cols: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shape = -(-rows // 2**level), -(-cols // 2**level)
    new_array(_path(folder, level), shape)


def _stored(folder: Path, level: int) -> NDArray[np.float32]:
    """Return a level to be written to; mapped anew each time, since mapped pages count as ours."""
    array: NDArray[np.float32] = np.load(_path(folder, level), mmap_mode="r+")
    return array


def _path(folder: Path, level: int) -> Path:
    return folder / f"level-{level:02d}.npy"
