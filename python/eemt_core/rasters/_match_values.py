"""Whether a raster holds possible values of its quantity where valid cells of the DEM use them.

The check is made on the raster's own cells: after resampling to the DEM's grid a fill value is
mixed with its neighbours and may look like a real value. Cells of the raster outside the DEM, or
where the DEM has no elevation, are not used and therefore not checked.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.warp import reproject

from ..errors import InputError
from ..grids.grid import Grid
from ..plausible import Quantity
from ._crs import transform_points
from ._files import Path_, grid_of, opened, read_from
from ._match import read_matched, require_crs, same_grid
from .odd_values import OddValues, listed, mend, stored

# Largest edge of a window in cells of the DEM, and largest number of the raster's cells in it.
_EDGE, _WINDOW_CELLS = 1024, 2**22
# Limits for a raster with much smaller cells than the DEM's. Beyond both (2^31 cells, 8 GB, and 100
# cells for each cell of the DEM) users should resample it to the DEM's grid once, beforehand.
_MOST_CELLS, _MOST_CELLS_EACH = 2**31, 100

# Files have fewer different flag values than this.
_MANY = 16

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class MatchedValues:
    """What was found in a raster over the valid cells of a DEM.

    Attributes
    ----------
    low
        Values below the quantity's lowest that `cut_from` allows.
    is_empty
        Whether the raster has no value anywhere over the DEM.
    cells, cells_without
        Number of valid cells of the DEM, and of those that get no value from at least one band.
    """

    low: OddValues
    is_empty: bool
    cells: int
    cells_without: int


def check_matched(
    path: Path_, grid: Grid, dem: Path_, quantity: Quantity, *, cut_from: float | None = None
) -> MatchedValues:
    """Check all values of a raster that valid cells of a DEM use.

    Parameters
    ----------
    path
        The raster, on any grid; each of its bands is checked.
    grid, dem
        The DEM's grid and file.
    quantity
        The quantity that the raster should hold.
    cut_from
        Values from `cut_from` up to the quantity's lowest value are allowed; the caller raises
        them to the lowest value.

    Raises
    ------
    InputError
        If values are impossible, or the raster has far more cells there than the DEM.
    """
    lowest = quantity.lowest if cut_from is None else cut_from
    odd = OddValues(_with_range(quantity, lowest, quantity.highest))
    low = OddValues(_with_range(quantity, quantity.lowest, math.inf))  # values that are allowed too
    found, impossible, cells, without = 0, 0, 0, 0
    with opened(path) as source, opened(dem) as ground:
        for valid, window, box, part in _parts(source, grid, ground):
            lacking = np.zeros_like(valid)
            for band in source.indexes:
                values = read_from(source, *box, band)
                usable = int(np.isfinite(values).sum())
                found += usable
                if usable:
                    impossible += int(np.count_nonzero(odd.mark(values)))
                    for kind in (odd, low) if cut_from is not None else (odd,):
                        _take(kind, values, valid, _influence(source, box, part))
                if usable < values.size:
                    if part is not None:
                        values = read_matched(path, grid, *window, band=band)
                    lacking |= np.isnan(values)
            cells += int(np.count_nonzero(valid))
            without += int(np.count_nonzero(valid & lacking))
        if odd:
            raise _error(source, odd, quantity, mostly=2 * impossible > found)
    return MatchedValues(low, found == 0, cells, without)


def _with_range(quantity: Quantity, lowest: float, highest: float) -> Quantity:
    return replace(quantity, lowest=lowest, highest=highest)


def _parts(
    source: Any, grid: Grid, ground: Any
) -> Iterator[tuple[NDArray[np.bool_], Box, Box, Grid | None]]:
    """Yield, window by window: valid cells of the DEM, the DEM's window, the raster's, and a grid.

    The grid is that of the DEM's window; None if both rasters have the same grid.
    """
    same = same_grid(source, grid)
    own = grid if same else grid_of(source)
    edge = _EDGE
    if not same:
        require_crs(source)
        whole = _box(grid, own, source)
        cells = _cells_within(whole, own)
        if cells > max(_MOST_CELLS, _MOST_CELLS_EACH * grid.rows * grid.cols):
            raise InputError(
                f"{source.name} has {cells:.2g} cells over the {grid.rows} x {grid.cols} of the "
                "DEM",
                remedy="bring it to about the DEM's cells first, for example with rio warp "
                "--like DEM --resampling average",
            )
        each = max(1.0, whole[2] * whole[3] / (grid.rows * grid.cols))
        edge = max(1, min(_EDGE, int(math.sqrt(_WINDOW_CELLS / each))))
    for row0 in range(0, grid.rows, edge):
        for col0 in range(0, grid.cols, edge):
            window = row0, col0, min(edge, grid.rows - row0), min(edge, grid.cols - col0)
            valid = np.isfinite(read_from(ground, *window))
            if not valid.any():
                continue
            part = None if same else grid.window(*window)
            yield valid, window, window if part is None else _box(part, own, source), part


def _box(part: Grid, own: Grid, source: Any) -> Box:
    """Return the window of a raster from which cells of the DEM are interpolated."""
    rows, cols = np.meshgrid(
        np.linspace(0, part.rows, 17), np.linspace(0, part.cols, 17), indexing="ij"
    )
    x, y = part.x0 + cols * part.dx, part.y0 - rows * part.dy
    x, y = transform_points(part.crs, own.crs, x, y)
    if source.crs.is_geographic:
        middle = own.x0 + own.cols * own.dx / 2
        x = x + 360.0 * np.round((middle - x) / 360.0)
    row, col = own.index_of(x, y)
    # averaging uses the raster's cells within a DEM cell's size of its centre, interpolation the
    # four cells around the centre
    margin = [2 + math.ceil(np.ptp(v) / n) for v, n in ((row, part.rows), (col, part.cols))]
    row0, col0 = int(row.min()) - margin[0], int(col.min()) - margin[1]
    row1, col1 = int(row.max()) + margin[0] + 1, int(col.max()) + margin[1] + 1
    return row0, col0, row1 - row0, col1 - col0


def _cells_within(box: Box, own: Grid) -> int:
    rows = min(box[0] + box[2], own.rows) - max(box[0], 0)
    cols = min(box[1] + box[3], own.cols) - max(box[1], 0)
    return max(rows, 0) * max(cols, 0)


def _influence(source: Any, box: Box, part: Grid | None) -> Any:
    """Return a function from marked cells of the raster to the cells of the DEM that use them."""
    if part is None:
        return lambda cells: cells
    own = grid_of(source).window(*box)

    def reached(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
        share = np.zeros(part.shape, np.float32)
        reproject(
            cells.astype(np.float32),
            share,
            src_transform=_transform(own),
            src_crs=source.crs,
            dst_transform=_transform(part),
            dst_crs=CRS.from_wkt(part.crs),
            resampling=Resampling.bilinear,
        )
        return share > 0

    return reached


def _transform(grid: Grid) -> Affine:
    return Affine(grid.dx, 0, grid.x0, 0, -grid.dy, grid.y0)


def _take(kind: OddValues, values: NDArray[Any], valid: NDArray[np.bool_], reached: Any) -> None:
    """Add the odd values that valid cells of the DEM use, counted in cells of the DEM."""
    odd = kind.mark(values)
    if not odd.any():
        return
    distinct = np.unique(values[odd])
    if len(distinct) > kind.most_named:
        kind.add_counted(distinct, int(np.count_nonzero(reached(odd) & valid)))
        return
    for value in distinct:
        count = int(np.count_nonzero(reached(values == value) & valid))
        kind.add_counted(np.array([value]), count)


def _error(source: Any, odd: OddValues, quantity: Quantity, *, mostly: bool) -> InputError:
    """Return the error that says what is wrong with a raster, and the command that corrects it."""
    scale, offset = source.scales[0], source.offsets[0]
    few = [stored(value, scale, offset, source.dtypes[0]) for value in odd.few]
    what = odd.text(" of the DEM")
    if (scale, offset) != (1.0, 0.0) and few:
        what += f" (stored as {listed(few)})"
    none = "which is no" if len(few) == 1 else "which are no"
    has = f"{source.name} holds {what}, {none} {quantity.text}"
    name = shlex.quote(source.name)
    if len(few) == 1 and source.nodata is None and not mostly:
        remedy = f"declare it as nodata with rio edit-info --nodata {few[0]} {name}"
        return InputError(has, remedy=remedy)
    # a few impossible values beside possible ones are flags; many mean another unit or scale
    divisor = odd.divisor() if mostly or len(odd.counts) > _MANY else 1
    times = f"if it is stored times {divisor}, " if divisor != 1 else ""
    command = mend(
        source.name, odd, scale=scale, offset=offset, divisor=divisor, nodata=source.nodata
    )
    return InputError(has, remedy=f"{times}make it anew {command}")
