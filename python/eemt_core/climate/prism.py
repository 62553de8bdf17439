"""PRISM monthly rasters under their old and new names, plain or in the zip they come in.

``PRISM_tmin_stable_4kmM3_201001_bil.bil`` and ``prism_tmin_us_30s_201001.tif``, and the
30-year normals ``PRISM_tmin_30yr_normal_800mM4_01_bil.bil`` and
``prism_tmin_us_30s_202001_avg_30y.tif``.

References
----------
PRISM Climate Group, Oregon State University. https://prism.oregonstate.edu
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .files import Band, Catalogue, Entry
from .model import Period, civil_days

_VAR = r"(?P<var>ppt|tmin|tmax|tdmean|vpdmin|vpdmax)"
_OLD = re.compile(
    rf"PRISM_{_VAR}_(?P<state>stable|provisional|early)_(?P<grid>\w+?)_(?P<date>\d{{4,8}})"
    r"(?P<end>_bil\.bil|_bil\.tif|\.tif)",
    re.IGNORECASE,
)
_OLD_NORMAL = re.compile(
    rf"PRISM_{_VAR}_30yr_normal_(?P<grid>\w+?)_(?P<month>\d\d|annual)"
    r"(?P<end>_bil\.bil|_bil\.tif|\.tif)",
    re.IGNORECASE,
)
_NEW = re.compile(
    rf"prism_{_VAR}_(?P<grid>[a-z]{{2}}_\w+?)_(?P<date>\d{{4,8}})(?P<normal>_avg_30y)?"
    r"(?P<end>\.tif|\.bil)",
    re.IGNORECASE,
)
_ELEVATION = re.compile(r"prism_(?:\w+_)?dem(?:_\w+)?\.(?:bil|tif)", re.IGNORECASE)


@dataclass(frozen=True)
class _Name:
    """What one file name says; `pattern` is the name with blanks for the rest of the set."""

    quantity: str
    period: Period
    month: int
    series: str
    pattern: str
    step: str = "monthly"
    final: bool = True


def _parse(name: str) -> _Name | None:
    if match := _OLD_NORMAL.fullmatch(name):
        month = match["month"]
        grid, end = match["grid"], match["end"]
        return _Name(
            quantity=_quantity(match["var"]),
            period=f"normals-{grid}",
            month=0 if month == "annual" else int(month),
            series=grid,
            pattern=f"PRISM_{{var}}_30yr_normal_{grid}_{{month}}{end}",
            step="annual" if month == "annual" else "monthly",
        )
    match = _OLD.fullmatch(name)
    new = None if match else _NEW.fullmatch(name)
    if match is None and new is None:
        return None
    found = match or new
    assert found is not None
    date, grid, end = found["date"], found["grid"], found["end"]
    normal = new is not None and new["normal"] is not None
    year, tail = int(date[:4]), (new["normal"] or "") if new else ""
    head = f"PRISM_{{var}}_{match['state']}_{grid}" if match else f"prism_{{var}}_{grid}"
    return _Name(
        quantity=_quantity(found["var"]),
        period=f"{year - 29}-{year}" if normal else year,
        month=int(date[4:6] or 0),
        series=grid,
        pattern=f"{head}_{date[:4] if normal else '{year}'}{{month}}{tail}{end}",
        step={4: "annual", 6: "monthly"}.get(len(date), "daily"),
        final=match is None or match["state"].lower() == "stable",
    )


def _quantity(var: str) -> str:
    return {"ppt": "prcp"}.get(var.lower(), var.lower())


def is_elevation(name: str) -> bool:
    """Return whether a file is PRISM's own elevation model by its name."""
    return _ELEVATION.fullmatch(name) is not None


def catalogue(folder: Path, entries: Sequence[Entry]) -> Catalogue | None:
    """Return the PRISM months in a folder, None if there are none.

    Raises
    ------
    InputError
        If there are only daily or annual files, several grids, or normals beside years.
    """
    parsed = [(entry, name) for entry in entries if (name := _parse(entry.name))]
    monthly = [(e, n) for e, n in parsed if n.step == "monthly" and 1 <= n.month <= 12]
    if not parsed:
        return None
    if not monthly:
        entry, name = parsed[0]
        raise InputError(
            f"{entry.path} holds {name.step} values: fetch PRISM's monthly files, such as "
            "prism_tmin_us_30s_201001.tif"
        )
    for aspect, what in (("series", "grids"), ("is_year", "kinds, normals and single years")):
        seen: dict[object, str] = {}
        for entry, name in monthly:
            key = isinstance(name.period, int) if aspect == "is_year" else name.series
            seen.setdefault(key, entry.name)
        if len(seen) > 1:
            one, other = [*seen.values()][:2]
            raise InputError(
                f"{folder} mixes PRISM files of different {what}, {one} and {other}: keep one of "
                "the two sets"
            )
    bands: dict[tuple[str, Period], dict[int, Band]] = {}
    # values that are final come last and so replace early and provisional ones
    for entry, name in sorted(monthly, key=lambda pair: pair[1].final):
        months = bands.setdefault((name.quantity, name.period), {})
        months[name.month] = Band(entry.name, entry.path, entry.file, 1, 1)
    pattern = monthly[0][1].pattern

    def expected(quantity: str, period: Period, month: int) -> str:
        var = "ppt" if quantity == "prcp" else quantity
        return pattern.format(var=var, year=period, month=f"{month:02d}")

    return Catalogue(
        kind="prism",
        dataset="PRISM monthly climate, PRISM Climate Group, Oregon State University",
        folder=folder,
        bands=bands,
        expected=expected,
        days=civil_days,
        calendar="civil: February has 29 days in leap years, normals have 28",
    )
