"""What GDAL says of a map apart from its cells: CRS, place, names, units, tags.

GDAL writes a file of one cell in memory, from which the map's own files take these over. So the
keys of a CRS and the form of metadata are GDAL's, and those of all maps are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from affine import Affine
from rasterio.crs import CRS
from rasterio.io import MemoryFile

from .._version import __version__
from ..grids.grid import Grid
from ._files import gdal
from ._tiff import Field, read_first_directory

NODATA_TAG = 42113
# Tags that say how cells are stored: size, bits, compression, places of blocks, sample format.
_STORAGE = {
    *(254, 256, 257, 258, 259, 262, 273, 277, 278, 279, 284),
    *(317, 322, 323, 324, 325, 339),
}


def place_of(grid: Grid) -> dict[str, Any]:
    """Return CRS and transform of a grid as rasterio's parameters of a new file."""
    return {
        "crs": CRS.from_wkt(grid.crs) if grid.crs else None,
        "transform": Affine(grid.dx, 0, grid.x0, 0, -grid.dy, grid.y0),
    }


def describe(target: Any, description: str, units: str, tags: Mapping[str, str]) -> None:
    """Set the metadata of an open file of one band."""
    target.set_band_description(1, description)
    target.set_band_unit(1, units)
    target.update_tags(**{"TIFFTAG_SOFTWARE": f"eemt-core {__version__}", **tags})


@contextmanager
def template(
    grid: Grid, description: str, units: str, tags: Mapping[str, str], nodata: float
) -> Iterator[MemoryFile]:
    """Give a file in memory with one cell and the metadata of a map."""
    with gdal(), MemoryFile(ext=".tif") as memory:
        with memory.open(
            driver="GTiff",
            width=1,
            height=1,
            count=1,
            dtype="float32",
            nodata=nodata,
            endianness="LITTLE",
            **place_of(grid),
        ) as target:
            describe(target, description, units, tags)
        yield memory


def metadata_fields(
    grid: Grid, description: str, units: str, tags: Mapping[str, str], nodata: float
) -> list[Field]:
    """Return the fields of a TIFF directory that hold a map's metadata."""
    with template(grid, description, units, tags, nodata) as memory:
        fields = read_first_directory(bytes(memory.getbuffer()))
    return [field for field in fields if field.tag not in _STORAGE]
