"""Horizons and sunlight of a DEM, whole or tile by tile where it is a dask array.

The tiles are those of ``eemt-run``: a core, the terrain around it at full resolution, and a far
field of coarser and coarser blocks. So what lies beyond a block of the dask array casts its shadow,
and the values are those of the maps that the command writes with the same tile size.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._numbers import whole_number_in
from ..grids import pyramid
from ..grids.grid import Lattice
from ..grids.tiling import Tile, Tiling, Window, whole_blocks
from ..rasters import Geometry
from ..solar._landscape import DemWindow
from ..terrain import FarLevel
from ._place import Place
from ._values import contiguous

Result = NDArray[Any]


@dataclass(frozen=True, eq=False)
class TileGround:
    """What one tile's task takes beside the elevations of its halo."""

    tile: Tile
    cell_size_m: tuple[float, float]
    latitude_rad: Lattice | None
    convergence_rad: Lattice | None
    far_field: tuple[FarLevel, ...]
    dtype: np.dtype[Any]

    def window(self, elevation_m: Any) -> DemWindow:
        """Return the tile with the terrain around it; elevations of its halo come as they are."""
        halo = self.tile.halo.numbers

        def at_cells(lattice: Lattice | None) -> Any:
            return 0.0 if lattice is None else lattice.expand(*halo).astype(self.dtype)

        return DemWindow(
            contiguous(elevation_m),
            self.cell_size_m,
            latitude_rad=at_cells(self.latitude_rad),
            convergence_rad=at_cells(self.convergence_rad),
            window=self.tile.core.relative_to(self.tile.halo).numbers,
            anchor=(self.tile.halo.row0, self.tile.halo.col0),
            far_field=self.far_field,
        )


def whole_tile_cells(tile_cells: object) -> int:
    """Return a tile's edge as the tiling takes it, or raise."""
    return whole_blocks(whole_number_in("tile_cells", tile_cells, 1, 2**31 - 1))


def by_tiles(
    place: Place,
    work: Callable[[DemWindow], Result],
    layers: int,
    *,
    shadows: bool,
    is_placed: bool,
    tile_cells: int,
    dtype: type[np.float32] | None = None,
) -> Any:
    """Return (layers, rows, cols): what `work` makes of each tile's window.

    A NumPy array is one window. Of a dask array the far field and the extremes are read when this
    is called; the rest when the result is computed.

    Parameters
    ----------
    work
        Makes (layers, rows, cols) of a window.
    shadows
        Whether terrain beyond a tile is wanted.
    is_placed
        Whether latitude and north are wanted, which need a CRS.
    dtype
        Of what `work` makes; without it that of the DEM.
    """
    data = place.data
    geometry = place.geometry if is_placed else None
    rows, cols = data.shape
    if not place.is_dask:
        whole = Window(0, 0, rows, cols)
        return work(_ground(place, Tile(0, whole, whole), geometry, (), data.dtype).window(data))
    import dask.array
    from dask.delayed import delayed

    tiling = Tiling(rows, cols, tile_cells)
    cut = delayed(lambda ground, halo: work(ground.window(halo)), pure=False)
    with tempfile.TemporaryDirectory(prefix="eemt-") as folder:
        coarse = _pyramid(place, tiling, Path(folder)) if shadows else None
        blocks = []
        for tile in tiling:
            far = coarse.far_field(tiling, tile, place.cell_size_m) if coarse else ()
            ground = _ground(place, tile, geometry, tuple(far), data.dtype)
            block = cut(ground, data[tile.halo.slices])
            shape = (layers, *tile.core.shape)
            blocks.append(dask.array.from_delayed(block, shape, dtype or data.dtype))
    across = tiling.tiles_across
    return dask.array.block([blocks[i : i + across] for i in range(0, len(blocks), across)])


def by_chunks(data: Any, work: Callable[[NDArray[Any]], Result], layers: int, margin: int) -> Any:
    """Return (layers, rows, cols): what `work` makes of each block of a dask array.

    It gets the block with `margin` cells around it, as far as there are any, and answers for all
    of these.
    """
    import dask.array
    from dask.delayed import delayed

    ends = [np.cumsum((0, *sizes)) for sizes in data.chunks]

    def part(block: NDArray[Any], inner: tuple[slice, slice]) -> Result:
        return work(block)[(slice(None), *inner)]

    rows_of_blocks = []
    for row0, row1 in zip(ends[0][:-1], ends[0][1:], strict=True):
        blocks = []
        for col0, col1 in zip(ends[1][:-1], ends[1][1:], strict=True):
            core = Window(int(row0), int(col0), int(row1 - row0), int(col1 - col0))
            wide = core.grown(margin, margin, data.shape)
            made = delayed(part)(data[wide.slices], core.relative_to(wide).slices)
            blocks.append(dask.array.from_delayed(made, (layers, *core.shape), data.dtype))
        rows_of_blocks.append(blocks)
    return dask.array.block(rows_of_blocks)


def _ground(
    place: Place,
    tile: Tile,
    geometry: Geometry | None,
    far: tuple[FarLevel, ...],
    dtype: np.dtype[Any],
) -> TileGround:
    def cut(name: str) -> Lattice | None:
        if geometry is None:
            return None
        lattice: Lattice = getattr(geometry, name)
        return lattice.cut(*tile.halo.numbers)

    return TileGround(
        tile, place.cell_size_m, cut("latitude_rad"), cut("convergence_rad"), far, dtype
    )


def _pyramid(place: Place, tiling: Tiling, folder: Path) -> pyramid.Pyramid:
    """Read the DEM once, in the windows that the coarse levels are made from."""
    rows, cols = pyramid.WINDOW_ROWS, pyramid.WINDOW_COLS
    blocks = place.data.rechunk((rows, cols)).blocks

    def read(window: Window) -> NDArray[np.float32]:
        return np.asarray(blocks[window.row0 // rows, window.col0 // cols], dtype=np.float32)

    levels = pyramid.levels_needed(tiling.rows, tiling.cols, tiling.halo_cells)
    return pyramid.build(
        read,
        tiling.rows,
        tiling.cols,
        cell_size_m=place.cell_size_m,
        levels=levels,
        folder=folder,
    )
