"""A first look at a raster of any size, in bounded time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..grids.grid import Grid
from ._files import Path_, grid_of, opened, read_from, read_overview

_SPARSE_SIZE = 64
"""So many cells along the longer side are read where each may cost a block."""


def sample_raster(path: Path_, max_size: int) -> tuple[NDArray[np.float32], Grid]:
    """Return some cells of a raster's first band, and the grid of the cells that they stand for.

    From its overviews up to `max_size` cells along the longer side, without them fewer: no more
    than four thousand blocks are read, however many there are.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    with opened(path) as source:
        has_overviews, grid = bool(source.overviews(1)), grid_of(source)
        if not has_overviews:
            factor = max(1.0, max(grid.shape) / _SPARSE_SIZE)
            rows, cols = (max(1, int(n / factor)) for n in grid.shape)
            values = np.empty((rows, cols), np.float32)
            down = [(2 * row + 1) * grid.rows // (2 * rows) for row in range(rows)]
            along = [(2 * col + 1) * grid.cols // (2 * cols) for col in range(cols)]
            for i, row in enumerate(down):
                for j, col in enumerate(along):
                    values[i, j] = read_from(source, row, col, 1, 1)[0, 0]
    if has_overviews:
        return read_overview(path, max_size, resampling="nearest")
    dx, dy = grid.dx * grid.cols / cols, grid.dy * grid.rows / rows
    return values, Grid(rows, cols, grid.x0, grid.y0, dx, dy, grid.unit_m, grid.crs)
