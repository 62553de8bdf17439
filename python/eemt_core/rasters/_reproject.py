"""Choosing a grid whose cells have the size on the ground that the computation assumes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from affine import Affine
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from ..errors import InputError
from ..grids.grid import Grid
from ._crs import (
    around_date_line,
    describe,
    fitted_crs,
    geographic_crs,
    horizontal_crs,
    transform_points,
    wkt_of,
)
from ._files import grid_of, read_from
from ._maps import TILE, Block
from ._scale import LARGEST_SPREAD, GroundScale, ground_scale

# Largest error of a position in reprojection, in cells: on a slope of 45 degrees a hundredth of a
# 10 m cell changes the elevation by 0.1 m.
_TOLERANCE_CELLS = 0.01

# A DEM is resampled to a fitted CRS only if that reduces the distortion to less than this share.
_WORTH_IT = 0.7


def on_the_ground(name: str, crs: CRS, grid: Grid) -> tuple[CRS | None, Grid, str | None]:
    """Decide on which grid a DEM is computed.

    A projected grid is kept if its cells have the same size on the ground all over it, its axes are
    at right angles there, and it is not a mirror image of the ground; the cells' size on the ground
    is noted in the grid. Any other grid is to be reprojected to a fitted CRS, unless no CRS is much
    better.

    Parameters
    ----------
    name
        The DEM's name, for messages.
    crs, grid
        The DEM's CRS and grid.

    Returns
    -------
    crs, grid, note
        The CRS to reproject to, None if the grid is kept; the grid to compute on, with the size of
        its cells on the ground; a sentence for the user, or None.

    Raises
    ------
    InputError
        If the grid extends beyond the region where its CRS is defined, contains a pole, or no
        projection fits its extent.
    """
    if grid.is_geographic:
        target, fitted = projected_grid(crs, grid)
        note = f"{name} is in geographic coordinates; it is"
        return target, *_settled(note, target, fitted, ground_scale(fitted))
    scale = ground_scale(grid)
    if scale.is_even:
        return None, scale.sized(grid), _of_size(name, grid, scale)
    what = f"{name} is in {describe(crs)}, {_fault(scale)};"
    try:
        target, fitted = _refitted_grid(crs, grid, scale)
        better = ground_scale(fitted)
    except InputError:
        if scale.mirrored:
            raise
        return None, *_kept(what, grid, scale)
    if not scale.mirrored and better.error > _WORTH_IT * scale.error:
        return None, *_kept(what, grid, scale)
    return target, *_settled(f"{what} it is", target, fitted, better)


def _fault(scale: GroundScale) -> str:
    """Return, as part of a sentence, why one size cannot be assumed for all cells."""
    if scale.mirrored:
        return "whose axes mirror the ground"
    if scale.spread > LARGEST_SPREAD:
        low, high = max((scale.x, scale.y), key=lambda ends: ends[1] / ends[0])
        return f"where lengths on the ground are {low:.3g} to {high:.3g} times those of the map"
    return f"whose axes are up to {math.degrees(scale.skew_rad):.2g} degrees off right angles"


def _size(grid: Grid) -> str:
    x, y = grid.cell_size_m
    return f"{x:.4g} x {y:.4g} m"


def _settled(beginning: str, crs: CRS, grid: Grid, scale: GroundScale) -> tuple[Grid, str]:
    """Return a fitted grid with its cells' size on the ground, and a sentence for the user."""
    sized = scale.sized(grid)
    note = f"{beginning} reprojected to {describe(crs)} with cells of {_size(sized)}"
    if scale.spread > LARGEST_SPREAD:
        note += f", in the middle: over so wide a DEM their size varies by {scale.spread:.1%}"
    return sized, f"{note}."


def _kept(what: str, grid: Grid, scale: GroundScale) -> tuple[Grid, str]:
    """Return a grid that is kept since no CRS is much better, and a sentence for the user."""
    sized = scale.sized(grid)
    return sized, (
        f"{what} no projection fits so wide a DEM much better, so cells of their size in the"
        f" middle are taken, {_size(sized)}: slopes are off by up to {scale.error:.1%}."
    )


def _of_size(name: str, grid: Grid, scale: GroundScale) -> str | None:
    """Return a sentence if cells have another size on the ground than in the map, else None."""
    sized = scale.sized(grid)
    if max(abs(sized.scale_x - 1), abs(sized.scale_y - 1)) <= LARGEST_SPREAD:
        return None
    return (
        f"Cells of {name} are {_size(sized)} on the ground, not {_size(grid)} as in its map: the"
        " size on the ground is used."
    )


def tiles(
    rows: int, cols: int, step_rows: int, step_cols: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield windows (row0, col0, rows, cols) of a limited number of cells that cover a grid."""
    for row0 in range(0, rows, step_rows):
        for col0 in range(0, cols, step_cols):
            yield row0, col0, min(step_rows, rows - row0), min(step_cols, cols - col0)


def projected_grid(crs: CRS, grid: Grid) -> tuple[CRS, Grid]:
    """Return a fitted CRS, and in it a grid that covers a geographic grid with cells of its size.

    Width and height are those of the cell at the centre of the geographic grid. So cells of one
    second of arc, which are taller than wide, stay so.
    """
    west, south, east, north = grid.bounds
    target = fitted_crs(crs, west, south, east, north)
    wkt = wkt_of(target)
    lon, lat = (west + east) / 2, (south + north) / 2
    half_x, half_y = grid.dx / 2, grid.dy / 2
    x, y = transform_points(
        grid.crs,
        wkt,
        [lon - half_x, lon + half_x, lon, lon],
        [lat, lat, lat - half_y, lat + half_y],
    )
    # rounded to a millimetre: easy to read, and over the whole grid no cell shifts by a tenth of
    # its size
    dx = round(math.hypot(x[1] - x[0], y[1] - y[0]), 3)
    dy = round(math.hypot(x[3] - x[2], y[3] - y[2]), 3)
    return target, _grid_over(grid, wkt, dx, dy)


def _refitted_grid(crs: CRS, grid: Grid, scale: GroundScale) -> tuple[CRS, Grid]:
    """Return a fitted CRS, and in it a grid that covers a projected grid with cells of its area.

    The ratio of height to width is that of the source's cells if these are not rotated in the new
    grid; the more they are rotated, the closer it is to 1.
    """
    target = fitted_crs(geographic_crs(crs), *scale.bounds_deg)
    wkt = wkt_of(target)
    x0, y0 = grid.x0 + grid.cols / 2 * grid.dx, grid.y0 - grid.rows / 2 * grid.dy
    x, y = transform_points(grid.crs, wkt, [x0, x0 + grid.dx, x0], [y0, y0, y0 + grid.dy])
    right, up = complex(x[1] - x[0], y[1] - y[0]), complex(x[2] - x[0], y[2] - y[0])
    width, height = math.hypot(right.real, up.real), math.hypot(right.imag, up.imag)
    area = abs((right.conjugate() * up).imag)
    shrink = math.sqrt(area / (width * height))
    return target, _grid_over(grid, wkt, round(width * shrink, 3), round(height * shrink, 3))


def _grid_over(grid: Grid, wkt: str, dx: float, dy: float) -> Grid:
    """Return a grid with cells of dx by dy metres in another CRS that covers a given grid."""
    west, south, east, north = grid.bounds
    # a mesh of points, not only corners: the largest and smallest coordinates may lie on an edge
    # or, around a pole, inside the extent
    x, y = np.meshgrid(np.linspace(west, east, 65), np.linspace(south, north, 65))
    x, y = transform_points(grid.crs, wkt, x, y)
    left, top = math.floor(x.min() / dx), math.ceil(y.max() / dy)
    cols, rows = math.ceil(x.max() / dx) - left, top - math.floor(y.min() / dy)
    return Grid(rows, cols, left * dx, top * dy, dx, dy, 1.0, wkt)


def warped(source: Any, crs: CRS, grid: Grid) -> Iterator[Block]:
    """Yield the blocks of a raster reprojected to another grid."""
    own = grid_of(source)
    west, _, east, _ = own.bounds
    crosses = own.is_geographic and (west < -180 or east > 180)
    with WarpedVRT(
        source,
        # only the horizontal part of the CRS, so that elevations are not shifted to another geoid
        src_crs=around_date_line(source.crs, (west + east) / 2)
        if crosses
        else horizontal_crs(source.crs),
        crs=crs,
        transform=Affine(grid.dx, 0, grid.x0, 0, -grid.dy, grid.y0),
        width=grid.cols,
        height=grid.rows,
        resampling=Resampling.cubic,
        nodata=float("nan"),
        dtype="float32",
        tolerance=_TOLERANCE_CELLS,
        warp_mem_limit=64,
    ) as warped:
        for window in tiles(grid.rows, grid.cols, 2 * TILE, 2 * TILE):
            yield window[0], window[1], read_from(warped, *window)
