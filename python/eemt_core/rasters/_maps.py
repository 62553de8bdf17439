"""Maps of plain arrays as cloud-optimised GeoTIFFs, which are complete whenever they exist.

A run's maps come from encoded blocks (`_cog`); here DEMs, hillshades and other single rasters are
written, which GDAL encodes.
"""

from __future__ import annotations

import errno
import itertools
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.windows import Window

from ..errors import ArgumentError, EemtError, ResourceError
from ..grids.grid import Grid
from ._average import VRT_ENDING, average_of
from ._files import Path_, gdal, opened
from ._template import describe, place_of
from ._whole import disk_errors, remove_leftovers, to_disk

# (row0, col0, cells): row and column of the block's north-west cell, and the block's cells
Block = tuple[int, int, NDArray[Any]]

TILE = 512


def write_map(
    path: Path_,
    grid: Grid,
    blocks: Iterable[Block],
    *,
    description: str,
    units: str,
    tags: Mapping[str, str] | None = None,
    nodata: float = float("nan"),
    dtype: str = "float32",
) -> None:
    """Write a map as a cloud-optimised GeoTIFF; on failure no file of that name is left.

    Parameters
    ----------
    path
        The map's file; its folder must exist. An existing file is replaced.
    grid
        Grid of the whole map.
    blocks
        (row0, col0, cells) with (rows, cols) arrays of cells, in any order, without overlap.
        Cells that no block covers are nodata. One block at a time is held in memory.
    description, units
        Metadata of the band.
    tags
        Metadata of the file: provenance and parameters as text.
    nodata, dtype
        Nodata value and data type of the band.

    Raises
    ------
    ResourceError
        If the disk is full, or reading the file back gives other values than were written.
    ArgumentError
        If a block extends beyond the grid.

    Notes
    -----
    The cells are first written to a plain temporary GeoTIFF in the same folder, with a name that
    begins with a dot. GDAL's COG driver then writes a second temporary file from it, which is read
    back, compared by a checksum and flushed to disk. Only then does it get its final name. On any
    failure both temporary files are removed.
    """
    path = Path(path)
    plain, cog = (path.with_name(f".{path.name}.{os.getpid()}.{n}.tif") for n in ("plain", "cog"))
    kind = np.dtype(dtype)
    factors = overview_factors(grid)
    resampling = Resampling.average if kind.kind == "f" else Resampling.nearest
    remove_leftovers(path)  # from an earlier run that was killed
    try:
        with disk_errors(path), gdal():
            with new_geotiff(plain, grid, nodata=nodata, dtype=kind.name) as target:
                describe(target, description, units, tags or {})
                written = sum(_checksum(block, nodata) for block in _placed(target, grid, blocks))
                # overviews are built here, from the uncompressed file: the COG driver would build
                # them in a compressed one, which adds half of the time of everything else
                if factors:
                    target.build_overviews(factors, resampling)
            _check_overviews(plain, factors)
            rasterio.shutil.copy(
                plain,
                cog,
                driver="COG",
                COMPRESS="DEFLATE",
                LEVEL="1",  # level 6 takes twice the time for 3 % of the size
                PREDICTOR="YES",  # the kind that fits the dtype: 3 for floats, 2 for integers
                BLOCKSIZE=str(TILE),
                BIGTIFF="IF_SAFER",
            )
            _verify(cog, written, nodata)
            to_disk(cog)
            os.replace(cog, path)
    finally:
        remove_leftovers(path)


def overview_factors(grid: Grid) -> list[int]:
    """Return the reduction factor of each overview: 2, 4, ... until one fits into a block."""
    factors: list[int] = []
    while math.ceil(max(grid.shape) / 2 ** len(factors)) > TILE:
        factors.append(2 ** (len(factors) + 1))
    return factors


@contextmanager
def new_geotiff(
    path: Path, grid: Grid, *, nodata: float = float("nan"), dtype: str = "float32"
) -> Iterator[Any]:
    """Create a plain tiled GeoTIFF for writing in blocks; cells never written are nodata.

    It is not compressed: in a compressed file each rewrite of a partly written tile would leave
    unused space.
    """
    profile = {
        "driver": "GTiff",
        "height": grid.rows,
        "width": grid.cols,
        "count": 1,
        "dtype": dtype,
        "nodata": nodata,
        **place_of(grid),
        "tiled": True,
        "blockxsize": TILE,
        "blockysize": TILE,
        "bigtiff": "IF_SAFER",
        "sparse_ok": True,
    }
    with rasterio.open(path, "w", **profile) as target:
        yield target


def _placed(target: Any, grid: Grid, blocks: Iterable[Block]) -> Iterator[NDArray[Any]]:
    """Write each block to the file, and yield its cells as they were written."""
    for row0, col0, block in blocks:
        rows, cols = block.shape
        if row0 < 0 or col0 < 0 or row0 + rows > grid.rows or col0 + cols > grid.cols:
            raise ArgumentError(
                f"a block of {rows} x {cols} cells at ({row0}, {col0}) reaches beyond the map's"
                f" {grid.rows} x {grid.cols} cells",
                field="row0",
                value=(row0, col0),
            )
        cells = np.ascontiguousarray(block, dtype=target.dtypes[0])
        target.write(cells, 1, window=Window(col0, row0, cols, rows))
        yield cells


def _checksum(cells: NDArray[Any], nodata: float) -> int:
    """Return the sum of the bit patterns of all valid cells, which does not depend on the order."""
    valid = ~np.isnan(cells) if cells.dtype.kind == "f" else np.ones(cells.shape, bool)
    if not np.isnan(nodata):
        valid &= cells != nodata
    bits = cells[valid].view(f"u{cells.dtype.itemsize}")
    return int(bits.sum(dtype=np.uint64)) + int(valid.sum())


def _verify(path: Path, written: int, nodata: float) -> None:
    """Read a map back and raise ResourceError unless it holds what was written."""
    with rasterio.open(path) as source:
        found = 0
        for _, window in source.block_windows(1):
            found += _checksum(source.read(1, window=window), nodata)
    # partial sums may overflow 64 bits at different points, so compare modulo 2^64
    if (found - written) % 2**64:
        raise ResourceError(
            f"{path.parent} did not keep what was written into it",
            remedy="check the disk and the space left on it",
        )


def _check_overviews(path: Path, factors: list[int]) -> None:
    """Raise OSError unless every block of every overview is in the file.

    GDAL does not report what it fails to write while it closes a file. The map's cells are compared
    later (`_verify`), but its overviews are checked only here.
    """
    size = path.stat().st_size
    with rasterio.open(path) as source:
        shape = source.shape
        whole = len(source.overviews(1)) == len(factors)
        for level, factor in enumerate(factors if whole else []):
            rows, cols = (math.ceil(math.ceil(n / factor) / TILE) for n in shape)
            for row, col in itertools.product(range(rows), range(cols)):
                place, length = (
                    source.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1, ovr=level)
                    for what in ("OFFSET", "SIZE")
                )
                whole &= bool(place and length) and int(place) + int(length) <= size
    for level, factor in enumerate(factors if whole else []):
        # compare sizes and not GDAL's factors, which are quotients of rounded sizes: for 25 cells
        # reduced 8 times GDAL gives a factor of 6
        with rasterio.open(path, overview_level=level) as overview:
            whole &= overview.shape == tuple(math.ceil(n / factor) for n in shape)
    if not whole:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def is_whole(path: Path_, shape: tuple[int, int]) -> bool:
    """Say whether a map of so many (rows, cols) is there with all the blocks that it names.

    `write_map` has compared its cells before the file got its name; this sees what became of the
    file since, from its directory alone. Of an average (`write_average_vrt`) it is the map that
    it names which counts.
    """
    try:
        if Path(path).suffix == VRT_ENDING:
            average = average_of(path)
            return average.shape == shape and is_whole(average.source, shape)
        size = Path(path).stat().st_size
        with opened(path) as source:
            if source.shape != shape or source.count != 1:
                return False
            for (row, col), _ in source.block_windows(1):
                place, length = (
                    source.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=1)
                    for what in ("OFFSET", "SIZE")
                )
                if place and length and int(place) + int(length) > size:
                    return False
    except (OSError, EemtError):
        return False
    return True
