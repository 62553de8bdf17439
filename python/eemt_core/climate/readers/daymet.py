"""Daymet V4 monthly files as distributed: NetCDF or GeoTIFF, twelve steps a year.

Names are ``daymet_v4_prcp_monttl_na_2010.nc`` (total of the month) and
``daymet_v4_tmin_monavg_na_2010.nc`` (mean of the month); ``hi`` and ``pr`` are Hawaii and
Puerto Rico. A file cut to a region may be called ``tmin_2010_site.nc``.

References
----------
Thornton, M. M. et al. (2022). Daymet: Monthly Climate Summaries on a 1-km Grid for North
America, Version 4 R1. ORNL DAAC. doi:10.3334/ORNLDAAC/2131
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...errors import InputError
from .._model import Period, daymet_days
from .raster_set import Band, Entry, RasterSet

_MONTHLY = re.compile(
    r"daymet_v4\w*?_(?P<var>tmin|tmax|prcp|vp)_mon(?:avg|ttl)_(?P<region>na|hi|pr)_(?P<year>\d{4})"
    r"(?:[_-][\w.-]*)?\.(?P<ext>nc4?|tiff?)",
    re.IGNORECASE,
)
_REGIONAL = re.compile(
    r"(?P<var>tmin|tmax|prcp|vp)_(?:mon(?:avg|ttl)_)?(?P<year>\d{4})(?:[_-][\w.-]*)?"
    r"\.(?P<ext>nc4?|tiff?)",
    re.IGNORECASE,
)
_OTHER_STEP = re.compile(
    r"daymet_v4\w*?_(?:(?P<daily>daily)_(?:na|hi|pr)_\w+?|\w+?_ann(?:avg|ttl)_(?:na|hi|pr))"
    r"_(?P<year>\d{4}).*",
    re.IGNORECASE,
)
CALENDAR = (
    "Daymet: 365 days in every year; in leap years 29 February is kept and 31 December left "
    "out, so February has 29 days and December 30"
)


def file_name(quantity: str, year: Period, region: str = "na", ext: str = "nc") -> str:
    """Return the name under which Daymet distributes a year of a quantity.

    Examples
    --------
    >>> file_name("prcp", 2010)
    'daymet_v4_prcp_monttl_na_2010.nc'
    """
    step = "monttl" if quantity == "prcp" else "monavg"
    return f"daymet_v4_{quantity}_{step}_{region}_{year}.{ext}"


def raster_set(folder: Path, entries: Sequence[Entry]) -> RasterSet | None:
    """Return the Daymet years in a folder, or None if there are none.

    Raises
    ------
    InputError
        If the folder has only daily or annual files, or files of several regions.
    """
    bands: dict[tuple[str, Period], dict[int, Band]] = {}
    regions: dict[str, str] = {}
    ext = "nc"
    for entry in entries:
        match = _MONTHLY.fullmatch(entry.name) or _REGIONAL.fullmatch(entry.name)
        if not match:
            continue
        found = match.groupdict()
        quantity, ext = found["var"].lower(), found["ext"].lower()
        regions.setdefault((found.get("region") or "").lower(), entry.name)
        path = f'netcdf:"{entry.path}":{quantity}' if ext.startswith("nc") else entry.path
        bands[quantity, int(found["year"])] = {
            month: Band(entry.name, path, entry.file, month, 12) for month in range(1, 13)
        }
    if not bands:
        _refuse_other_steps(entries)
        return None
    if len(regions) > 1:
        one, other = sorted(regions.values())[:2]
        raise InputError(
            f"{folder} mixes Daymet files of different regions, {one} and {other}",
            remedy="keep those of the DEM's region",
        )
    region = next(iter(regions))
    sample = next(iter(bands.values()))[1].name

    def expected(quantity: str, period: Period, month: int) -> str:
        if region:
            return file_name(quantity, period, region, ext)
        return _REGIONAL.sub(
            lambda m: m[0].replace(m["var"], quantity, 1).replace(m["year"], str(period), 1), sample
        )

    return RasterSet(
        kind="daymet",
        dataset="Daymet V4 monthly climate summaries",
        folder=folder,
        bands=bands,
        expected=expected,
        days=daymet_days,
        calendar=CALENDAR,
    )


def _refuse_other_steps(entries: Sequence[Entry]) -> None:
    for entry in entries:
        if match := _OTHER_STEP.fullmatch(entry.name):
            step = "daily" if match["daily"] else "annual"
            raise InputError(
                f"{entry.path} holds {step} values",
                remedy=f"fetch Daymet's monthly files, such as {file_name('tmin', match['year'])}",
            )
