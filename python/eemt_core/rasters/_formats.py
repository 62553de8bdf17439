"""Which file formats may be opened: all that GDAL knows, or a few where files come from strangers.

GDAL has a hundred drivers, and some follow what a file says: a VRT names other files, also on other
machines. A service that takes files from strangers sets the variable of the environment, so that
its runs, and all processes that these start, keep to the drivers that it names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import rasterio
from rasterio.io import DatasetReader

from ..errors import InputError
from ._average import VRT_ENDING, average_of

FORMATS_VARIABLE = "EEMT_RASTER_FORMATS"
"""Names of GDAL's drivers, such as ``GTiff,netCDF``; without it every driver may be used."""

# where GDAL itself looks for the name of another file with a raster's overviews
_FOLLOWED_DOMAIN, _FOLLOWED_ITEM = "OVERVIEWS", "OVERVIEW_FILE"


def allowed_formats(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the names of the drivers that may be used; empty for all.

    Examples
    --------
    >>> allowed_formats({"EEMT_RASTER_FORMATS": "GTiff, netCDF"})
    ('GTiff', 'netCDF')
    """
    named = (os.environ if environ is None else environ).get(FORMATS_VARIABLE, "")
    return tuple(word.strip() for word in named.split(",") if word.strip())


def follows_vrt() -> bool:
    """Whether a file may be read as a VRT, so that the files which it names matter."""
    allowed = allowed_formats()
    return not allowed or "VRT" in allowed


def open_raster(name: str) -> Any:
    """Open a raster for reading with the drivers that may be used, inside of a GDAL environment.

    A VRT of our own making (`write_average_vrt`) may be used wherever the map beside it may be.

    Raises
    ------
    InputError
        If only some drivers may be used and the file names another one for GDAL to read.
    """
    allowed = allowed_formats()
    if not allowed:
        return rasterio.open(name)
    if name.endswith(VRT_ENDING) and (named := _map_of(name)):
        open_raster(named).close()
        return rasterio.open(name, driver="VRT")
    source = DatasetReader(name, driver=list(allowed))
    if source.tags(ns=_FOLLOWED_DOMAIN).get(_FOLLOWED_ITEM):
        source.close()
        raise InputError(
            f"{name} names another file that holds its overviews",
            remedy="copy it with gdal_translate -co COPY_SRC_OVERVIEWS=NO, and give the copy",
        )
    return source


def _map_of(name: str) -> str:
    """Return the map that a VRT of our own making names; empty for any other file."""
    try:
        return str(average_of(name).source)
    except InputError:
        return ""
