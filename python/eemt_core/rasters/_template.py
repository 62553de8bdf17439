"""What GDAL says of a map apart from its cells: CRS, place, names, units, tags.

GDAL writes a file of one cell in memory, from which the map's own files take these over. So the
keys of a CRS and the form of metadata are GDAL's, and those of all maps are the same. Writing such
a file takes longer than placing a small map's blocks, so that maps which differ in texts only share
one: it has a mark in each text's place.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from affine import Affine
from rasterio.crs import CRS
from rasterio.io import MemoryFile

from .._version import __version__
from ..grids.grid import Grid
from ._files import gdal
from ._tiff import Field, read_first_directory

NODATA_TAG = 42113
_METADATA_TAG = 42112
_ESCAPED = str.maketrans({"&": "&amp;amp;", "<": "&amp;lt;", ">": "&amp;gt;", '"': "&amp;quot;"})
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
    texts = [description, units, *tags.values()]
    names = ["", "", *tags]
    marked = [
        f"{_START}{number}" if _may_stand_later(name, text) else text
        for number, (name, text) in enumerate(zip(names, texts, strict=True))
    ]
    fields = _marked_fields(
        grid, repr(nodata), *marked[:2], tuple(zip(tags, marked[2:], strict=True))
    )
    return [field if isinstance(field, Field) else _filled(*field, texts) for field in fields]


# of a mark that no text holds
_START = f"eemt-{secrets.token_hex(12)}-"
_MARKS = re.compile(rb"%s(\d+)" % _START.encode())
# a field's tag and kind, and its content split at the numbers of texts
_Marked = tuple[int, int, tuple[bytes, ...]]


def _may_stand_later(name: str, text: str) -> bool:
    """Say whether GDAL takes a text over as it is, apart from `_ESCAPED`."""
    is_plain_tag = not name.startswith("TIFFTAG_") or name == "TIFFTAG_IMAGEDESCRIPTION"
    return is_plain_tag and name != "AREA_OR_POINT" and text.isprintable() and text[:1] > " "


@lru_cache(maxsize=64)
def _marked_fields(
    grid: Grid, nodata: str, description: str, units: str, tags: tuple[tuple[str, str], ...]
) -> tuple[Field | _Marked, ...]:
    """Return the fields as GDAL writes them; those with marks are split at them."""
    with template(grid, description, units, dict(tags), float(nodata)) as memory:
        fields = read_first_directory(bytes(memory.getbuffer()))
    return tuple(
        (field.tag, field.kind, tuple(_MARKS.split(field.content)))
        if _MARKS.search(field.content)
        else field
        for field in fields
        if field.tag not in _STORAGE
    )


def _filled(tag: int, kind: int, parts: tuple[bytes, ...], texts: list[str]) -> Field:
    """Return a field with the texts whose numbers stand between its parts."""
    written = _xml if tag == _METADATA_TAG else str.encode
    content = b"".join(
        written(texts[int(part)]) if number % 2 else part for number, part in enumerate(parts)
    )
    return Field(tag, kind, len(content), content)


@lru_cache(maxsize=256)
def _xml(text: str) -> bytes:
    """Return a text as it stands in GDAL's XML: escaped once as a value, once as XML."""
    return text.translate(_ESCAPED).encode()
