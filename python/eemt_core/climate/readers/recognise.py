"""Recognising the kind of climate at a path, by file names and content."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ..._numbers import brief, kept
from ...errors import ArgumentError, InputError
from ...files import other_kind
from . import daymet, local_months, prism
from .raster_set import Entry, RasterSet, list_rasters
from .source import ClimateSource
from .station import open_station

# Daymet's elevation as named in the first EEMT workflow, or a part cut from it
_NA_DEM = re.compile(r"na_dem(?:[_-]\w+)?\.tiff?", re.IGNORECASE)

ACCEPTED = (
    "a station's monthly table (.toml), or a folder with Daymet V4 monthly files "
    "(daymet_v4_tmin_monavg_na_2010.nc or .tif), files like tmin_2010_jan_local.tif, or PRISM "
    "monthly rasters (prism_tmin_us_30s_201001.tif or PRISM_tmin_stable_4kmM3_201001_bil.bil, also "
    ".nc and .asc)"
)


def open_climate(path: str | Path, *, elevation: str | Path | None = None) -> ClimateSource:
    """Open a climate of any accepted kind.

    Parameters
    ----------
    path
        A station's TOML file, a folder that contains only that file, or a folder of monthly rasters
        (or one file in it).
    elevation
        A raster of the climate grid's own elevation [m]. By default one found beside the files is
        used, ``na_dem.tif`` or PRISM's elevation model; of several, the one whose cell size is
        closest to the climate's. A station's elevation is in its file.

    Returns
    -------
    ClimateSource
        The recognised files, with all checks that need no DEM done.

    Raises
    ------
    InputError
        If the path does not exist, or holds no known files, climates of several kinds, or only
        daily or annual values; the message names the file and the remedy.
    ArgumentError
        If an elevation is given together with a station.

    References
    ----------
    Thornton, M. M., et al. (2022). Daymet: monthly climate summaries on a 1-km grid for North
    America, version 4 R1. ORNL DAAC. doi:10.3334/ORNLDAAC/2131

    PRISM Climate Group, Oregon State University, https://prism.oregonstate.edu

    Examples
    --------
    The station of the demonstration:

    >>> from importlib.resources import files
    >>> source = open_climate(str(files("eemt_core") / "data" / "allardt.toml"))
    >>> source.kind, source.periods
    ('station', ('1971-2000',))
    """
    from .gridded import GriddedSource  # imports rasterio, which a tile's task must not load

    if not isinstance(path, str | os.PathLike):
        raise ArgumentError(
            f"path must be text or a Path, got {brief(path)}", field="path", value=kept(path)
        )
    path = Path(path)
    if not path.exists():
        raise InputError(
            f"{path} does not exist", remedy=f"give {ACCEPTED}", field="climate", value=path
        )
    if kind := other_kind(path.stat().st_mode).replace("a folder", ""):
        raise InputError(
            f"{path} is {kind}", remedy=f"give {ACCEPTED}", field="climate", value=path
        )
    if path.is_file() and path.suffix.lower() == ".toml":
        return _station(path, elevation)
    folder = path if path.is_dir() else path.parent
    try:
        os.scandir(folder).close()  # raises without permission; the folder would seem empty
    except OSError as error:
        raise InputError(
            f"{folder} cannot be listed ({error.strerror})",
            remedy="check its permissions",
            field="climate",
            value=folder,
        ) from None
    entries = list_rasters(folder)
    found = [c for c in _raster_sets(folder, entries) if c is not None]
    tables = sorted(folder.glob("*.toml")) if path.is_dir() else []
    if not found and len(tables) == 1:
        return _station(tables[0], elevation)
    if not found:
        raise InputError(
            f"{path} is no climate that can be recognised",
            remedy=f"give {ACCEPTED}",
            field="climate",
            value=path,
        )
    if len(found) > 1:
        kinds = " and ".join(c.dataset for c in found)
        raise InputError(
            f"{path} holds {kinds}", remedy="keep one kind in a folder", field="climate", value=path
        )
    if elevation is not None:
        given = Path(elevation)
        if not given.exists():
            raise InputError(
                f"{given} does not exist",
                remedy="give the climate grid's elevation",
                field="climate_elevation",
                value=given,
            )
        return GriddedSource(found[0], Entry(given.name, str(given), given), is_given=True)
    return GriddedSource(found[0], _elevation_beside(found[0], entries))


def _station(path: Path, elevation: str | Path | None) -> ClimateSource:
    if elevation is not None:
        raise ArgumentError(
            f"{elevation} cannot be the elevation of {path}, a station with its own in elevation_m",
            remedy="leave out <<climate_elevation>>",
            field="climate_elevation",
            value=elevation,
        )
    return open_station(path)


def _raster_sets(folder: Path, entries: Sequence[Entry]) -> list[RasterSet | None]:
    # names of the first EEMT workflow also match Daymet files of a site called jan_local
    others = [entry for entry in entries if not local_months.matches(entry.name)]
    return [
        local_months.raster_set(folder, entries),
        prism.raster_set(folder, others),
        daymet.raster_set(folder, others),
    ]


def _elevation_beside(raster_set: RasterSet, entries: Sequence[Entry]) -> Entry | None:
    """Return the raster of the climate grid's elevation found beside the files, or None."""
    if raster_set.kind == "prism":
        named = [entry for entry in entries if prism.is_elevation(entry.name)]
    else:
        named = [entry for entry in entries if _NA_DEM.fullmatch(entry.name)]
        # the first EEMT workflow kept it in daymet/NA_DEM, beside the folder of each variable
        beside = raster_set.folder.parent / "NA_DEM" / "na_dem.tif"
        if not named and beside.is_file():
            return Entry(beside.name, str(beside), beside)
    return min(named, key=_unlike(raster_set)) if len(named) > 1 else next(iter(named), None)


def _unlike(raster_set: RasterSet) -> Callable[[Entry], float]:
    """Return a function: how much a raster's cell size differs from the climate's, as |log(ratio)|.

    Cell sizes are read from the files: folders of PRISM may hold elevations of several grids, and
    file names do not identify grids reliably.
    """
    from ...rasters import raster_info

    def cell(path: str) -> float:
        grid = raster_info(path).grid
        return math.inf if grid is None else grid.dx

    first = next(iter(next(iter(raster_set.bands.values())).values()))
    here = cell(first.path)
    return lambda entry: abs(math.log(cell(entry.path) / here))
