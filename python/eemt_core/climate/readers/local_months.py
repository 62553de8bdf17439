"""Monthly files of the first EEMT workflow, such as ``tmin_2010_jan_local.tif``, of one band each.

These files were cut from Daymet, so their months have as many days as Daymet's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...calendar365 import MONTHS
from .._model import Period, daymet_days
from .daymet import CALENDAR
from .raster_set import Band, Entry, RasterSet

_NAME = re.compile(
    rf"(?P<var>tmin|tmax|prcp|vp)_(?P<year>\d{{4}})_(?P<month>{'|'.join(MONTHS)})_local\.tiff?",
    re.IGNORECASE,
)


def file_name(quantity: str, year: Period, month: int) -> str:
    """Return the name of a month's file.

    Examples
    --------
    >>> file_name("tmin", 2010, 1)
    'tmin_2010_jan_local.tif'
    """
    return f"{quantity}_{year}_{MONTHS[month - 1]}_local.tif"


def matches(name: str) -> bool:
    """Return whether a file's name has that form."""
    return _NAME.fullmatch(name) is not None


def raster_set(folder: Path, entries: Sequence[Entry]) -> RasterSet | None:
    """Return the monthly files in a folder, or None if there are none."""
    bands: dict[tuple[str, Period], dict[int, Band]] = {}
    for entry in entries:
        if match := _NAME.fullmatch(entry.name):
            key = match["var"].lower(), int(match["year"])
            month = MONTHS.index(match["month"].lower()) + 1
            bands.setdefault(key, {})[month] = Band(entry.name, entry.path, entry.file, 1, 1)
    if not bands:
        return None
    return RasterSet(
        kind="local",
        dataset="monthly files cut from Daymet",
        folder=folder,
        bands=bands,
        expected=file_name,
        days=daymet_days,
        calendar=CALENDAR,
    )
