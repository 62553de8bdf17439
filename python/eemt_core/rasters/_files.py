"""Opening rasters, and reading their metadata and cells."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning
from rasterio.windows import Window

from ..errors import InputError
from ..grids.grid import Grid
from ._average import VRT_ENDING, overview_text
from ._crs import GDAL_ERRORS, check_database, horizontal_crs, metres_per_unit, wkt_of
from ._formats import open_raster
from ._gaps import gaps_of
from ._remote import is_remote, unreachable
from ._sources import gdal_name, source_files

# Size of GDAL's block cache [MB]. GDAL's default is 5 % of the machine's memory for each process.
# We read and write by windows, each cell about once, so a few rows of blocks are enough.
CACHE_MB = 16

# The largest block of one band that is read: a raster of 16,000 x 16,000 float32 in a single block.
_LARGEST_BLOCK_BYTES = 2**30
_BYTES = {"uint8": 1, "int8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "float32": 4}

Path_ = str | Path


def gdal() -> rasterio.Env:
    """Return the GDAL environment used for all rasters: a small cache, overviews of 512 x 512."""
    return rasterio.Env(GDAL_CACHEMAX=CACHE_MB, GDAL_TIFF_OVR_BLOCKSIZE=512)


@contextmanager
def opened(path: Path_) -> Iterator[Any]:
    """Open a raster for reading; raise InputError if it is missing or cannot be read."""
    name = gdal_name(path)
    source_files(name)
    check_database()
    with gdal():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                source = open_raster(name)
        except GDAL_ERRORS as error:
            if is_remote(name) and (told := unreachable(name, error)):
                raise told from error
            raise InputError(
                f"{name} is not a raster that GDAL can read",
                remedy="give a GeoTIFF or another GDAL format",
            ) from error
        with source:
            _check_blocks(source)
            yield source


def _check_blocks(source: Any) -> None:
    """Raise InputError if a single block of the raster, the least to be read, is too large."""
    for (rows, cols), dtype in set(zip(source.block_shapes, source.dtypes, strict=True)):
        if rows * cols * _BYTES.get(dtype, 8) > _LARGEST_BLOCK_BYTES:
            raise InputError(
                f"{source.name} is stored in blocks of {rows} x {cols} cells, too large to read "
                "one by one",
                remedy="store it in tiles, for example with rio convert --co tiled=yes",
            )


@dataclass(frozen=True, slots=True)
class RasterInfo:
    """Metadata of a raster file.

    Attributes
    ----------
    grid
        Its grid, or None if the file has no georeference (a container of subdatasets, or a
        plain picture).
    bands
        Number of bands.
    nodata, scales, offsets, descriptions, units, band_tags
        One entry for each band.
    tags
        Tags of the file itself.
    dtype
        Data type of the first band; empty if there is no band.
    subdatasets
        Names of datasets within the file, which `raster_info` and `read_window` accept as a path.
    """

    grid: Grid | None
    bands: int
    nodata: tuple[float | None, ...]
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    descriptions: tuple[str | None, ...]
    units: tuple[str | None, ...]
    band_tags: tuple[dict[str, str], ...]
    tags: dict[str, str]
    dtype: str
    subdatasets: tuple[str, ...]


def raster_info(path: Path_) -> RasterInfo:
    """Return the metadata of a raster file.

    Raises
    ------
    InputError
        If the file is missing, unreadable, or its grid is rotated or sheared.
    """
    with opened(path) as source:
        return _info_of(source)


def _info_of(source: Any) -> RasterInfo:
    return RasterInfo(
        grid=None if source.count == 0 or source.transform.is_identity else grid_of(source),
        bands=source.count,
        nodata=tuple(source.nodatavals),
        scales=tuple(source.scales),
        offsets=tuple(source.offsets),
        descriptions=tuple(source.descriptions),
        units=tuple(source.units),
        band_tags=tuple(source.tags(band) for band in source.indexes),
        tags=dict(source.tags()),
        dtype=str(source.dtypes[0]) if source.count else "",
        subdatasets=tuple(source.subdatasets),
    )


def grid_of(source: Any) -> Grid:
    """Return the grid of an open raster, with x increasing eastwards and rows from north to south.

    A raster stored in another orientation is flipped when it is read (`_turned`).
    """
    t = source.transform
    if t.b != 0 or t.d != 0:
        raise InputError(
            f"{source.name} has a rotated or sheared grid",
            remedy="bring it to a north-up grid first, for example with gdalwarp",
        )
    if t.a == 0 or t.e == 0:
        raise InputError(
            f"{source.name} has cells without width or height",
            remedy="bring it to a north-up grid first, for example with gdalwarp",
        )
    crs = horizontal_crs(source.crs) if source.crs else None
    return Grid(
        rows=source.height,
        cols=source.width,
        x0=t.c if t.a > 0 else t.c + t.a * source.width,
        y0=t.f if t.e < 0 else t.f + t.e * source.height,
        dx=abs(t.a),
        dy=abs(t.e),
        unit_m=metres_per_unit(crs) if crs else 0.0,
        crs=wkt_of(crs) if crs else "",
    )


def read_window(
    path: Path_, row0: int, col0: int, rows: int, cols: int, band: int = 1
) -> NDArray[np.float32]:
    """Read a window of one band.

    Parameters
    ----------
    path
        A file, or the name of a subdataset.
    row0, col0, rows, cols
        The window, counted from the north-west corner; it may extend beyond the raster.
    band
        Counted from 1.

    Returns
    -------
    values
        (rows, cols) float32 array with the band's scale and offset applied. NaN for nodata, for
        infinite values, and outside the raster.

    Raises
    ------
    InputError
        If the file is missing or damaged or has no such band.
    """
    with opened(path) as source:
        require_band(source, path, band)
        return read_from(source, row0, col0, rows, cols, band)


def open_map(path: Path, level: int = 0) -> Any:
    """Open one of our own maps as rasterio's dataset; whoever calls closes it with its `close`.

    Used by ``with``, rasterio would leave settings in the thread that opens it, and refuse to
    close it in another one. One thread at a time may use it.

    Parameters
    ----------
    level
        0 for the map itself, 1 for its first overview, which has half as many cells a side, ...
    """
    if path.suffix == VRT_ENDING:
        return rasterio.open(overview_text(path, level) if level else path, driver="VRT")
    which = {"overview_level": level - 1} if level else {}
    return rasterio.open(path, driver="GTiff", **which)


class WindowReader:
    """Reads windows of a raster as `read_window` does, but keeps the file open.

    This saves time: opening a file takes as long as reading half a million cells.
    """

    def __init__(self, path: Path_) -> None:
        self._path, self._stack = path, ExitStack()
        self._source = self._stack.enter_context(opened(path))

    def info(self) -> RasterInfo:
        """Return its metadata, as `raster_info` does."""
        return _info_of(self._source)

    def read(self, row0: int, col0: int, rows: int, cols: int) -> NDArray[np.float32]:
        """Return the first band's window as a (rows, cols) float32 array."""
        return read_from(self._source, row0, col0, rows, cols, 1)

    def read_bands(
        self, bands: Sequence[int], row0: int, col0: int, rows: int, cols: int
    ) -> NDArray[np.float32]:
        """Return the window of several bands, as `read_bands` does."""
        for band in bands:
            require_band(self._source, self._path, band)
        return np.stack([read_from(self._source, row0, col0, rows, cols, band) for band in bands])

    def close(self) -> None:
        """Close the file."""
        self._stack.close()


def read_bands(
    path: Path_, bands: Sequence[int], row0: int, col0: int, rows: int, cols: int
) -> NDArray[np.float32]:
    """Read the same window of several bands, as `read_window` does, opening the file once.

    Returns
    -------
    values
        (len(bands), rows, cols) float32 array.
    """
    with closing(WindowReader(path)) as reader:
        return reader.read_bands(bands, row0, col0, rows, cols)


def require_band(source: Any, path: Path_, band: int) -> None:
    """Raise `InputError` where an open raster has no such band."""
    if not 1 <= band <= source.count:
        raise InputError(
            f"{path} has {source.count} bands, so there is no band {band}",
            remedy="give a raster that has it",
            value=path,
        )


def read_from(
    source: Any,
    row0: int,
    col0: int,
    rows: int,
    cols: int,
    band: int = 1,
    nodata: Sequence[float] = (),
) -> NDArray[np.float32]:
    """Read a window of an open raster as `read_window` does; values in `nodata` become NaN."""
    top, bottom = max(row0, 0), min(row0 + rows, source.height)
    left, right = max(col0, 0), min(col0 + cols, source.width)
    if top >= bottom or left >= right:
        return np.full((rows, cols), np.nan, dtype=np.float32)
    first_row = source.height - bottom if source.transform.e > 0 else top
    first_col = source.width - right if source.transform.a < 0 else left
    place = Window(first_col, first_row, right - left, bottom - top)
    inner = _turned(source, _read(source, place, None, band, nodata=nodata))
    if inner.shape == (rows, cols):
        return np.ascontiguousarray(inner)
    values = np.full((rows, cols), np.nan, dtype=np.float32)
    values[top - row0 : bottom - row0, left - col0 : right - col0] = inner
    return values


def _turned(source: Any, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return cells in the orientation of the raster's `grid_of`, flipped if stored otherwise."""
    rows = values[::-1] if source.transform.e > 0 else values
    return rows[:, ::-1] if source.transform.a < 0 else rows


def _read(
    source: Any,
    window: Window | None,
    shape: tuple[int, int] | None,
    band: int,
    resampling: Resampling = Resampling.nearest,
    nodata: Sequence[float] = (),
) -> NDArray[np.float32]:
    """Read one band as float32, with NaN for masked cells."""
    part = {"window": window, "out_shape": shape, "resampling": resampling}
    try:
        gaps = gaps_of(source)
        scale, offset = gaps.scaling[band - 1]
        scaled = (scale, offset) != (1.0, 0.0)
        raw = source.read(band, out_dtype="float64" if scaled else "float32", **part)
        mask = None if gaps.in_cells[band - 1] else source.read_masks(band, **part)
    except GDAL_ERRORS as error:
        if is_remote(source.name) and (told := unreachable(source.name, error)):
            raise told from error
        raise InputError(
            f"{source.name} opens but its cells cannot be read",
            remedy="the file is damaged or cut short, copy it again",
        ) from error
    values: NDArray[np.float32] = (raw * scale + offset if scaled else raw).astype(
        np.float32, copy=False
    )
    for value in nodata:
        with np.errstate(over="ignore"):  # too large for float32: infinite, so NaN below
            values[raw == raw.dtype.type(value)] = np.nan
    if mask is not None:
        values[mask == 0] = np.nan
    if gaps.alpha not in (None, band):
        values[source.read(gaps.alpha, **part) == 0] = np.nan
    values[np.isinf(values)] = np.nan
    return values


def read_overview(
    path: Path_, max_size: int, *, band: int = 1, resampling: str = "average"
) -> tuple[NDArray[np.float32], Grid]:
    """Read a whole band at reduced size, for a picture.

    Parameters
    ----------
    path
        A file, or the name of a subdataset.
    max_size
        Largest number of cells along the longer side of the result.
    band
        Counted from 1.
    resampling
        "average", or "nearest" for angles and classes, which cannot be averaged.

    Returns
    -------
    values, grid
        (rows, cols) float32 array with NaN for nodata, and the grid of these larger cells,
        which covers the same extent as the raster.
    """
    with opened(path) as source:
        grid = grid_of(source)
        factor = max(1.0, max(grid.shape) / max_size)
        rows, cols = (max(1, int(n / factor)) for n in grid.shape)
        values = _read(source, None, (rows, cols), band, Resampling[resampling])
        values = np.ascontiguousarray(_turned(source, values))
    dx, dy = grid.dx * grid.cols / cols, grid.dy * grid.rows / rows
    small = Grid(rows, cols, grid.x0, grid.y0, dx, dy, grid.unit_m, grid.crs)
    return values, small
