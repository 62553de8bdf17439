"""PRISM monthly rasters under their old and new names, unpacked or in the zip files distributed.

Months are named ``PRISM_tmin_stable_4kmM3_201001_bil.bil`` or ``prism_tmin_us_30s_201001.tif``,
and 30-year normals ``PRISM_tmin_30yr_normal_800mM4_01_bil.bil`` or
``prism_tmin_us_30s_202001_avg_30y.tif``. They may be BIL, GeoTIFF, NetCDF or ASCII grids. ``M3``
is the version of the model that produced the values. One data set may mix versions, and names do
not identify grids reliably; that all files have the same grid is checked when they are opened
(`band_reader`).

References
----------
PRISM Climate Group, Oregon State University. https://prism.oregonstate.edu
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import InputError
from .._model import Period, civil_days
from .raster_set import Band, Entry, RasterSet

#: The geographic CRS (NAD83) of PRISM's grids, for ASCII grids, which cannot declare one.
CRS = "EPSG:4269"

_VAR = r"(?P<var>ppt|tmin|tmax|tdmean|vpdmin|vpdmax)"
_END = r"(?P<end>(?:_(?:bil|asc|nc|tif))?\.(?:bil|asc|nc|tiff?))"
# the part of old names with the resolution and the version of the model
_OLD_GRID = r"(?P<cells>\d+k?m)(?P<version>[A-Z]\d+)"
_OLD = re.compile(
    rf"PRISM_{_VAR}_(?P<state>stable|provisional|early)_{_OLD_GRID}_(?P<date>\d{{4,8}}){_END}",
    re.IGNORECASE,
)
_OLD_NORMAL = re.compile(
    rf"PRISM_{_VAR}_30yr_normal_{_OLD_GRID}_(?P<month>\d\d|annual){_END}", re.IGNORECASE
)
_NEW = re.compile(
    rf"prism_{_VAR}_(?P<cells>[a-z]{{2}}_\w+?)_(?P<date>\d{{4,8}})(?P<normal>_avg_30y)?{_END}",
    re.IGNORECASE,
)
_ELEVATION = re.compile(r"prism_(?:\w+_)?dem(?:_\w+)?\.(?:bil|asc|nc|tiff?)", re.IGNORECASE)

# resolution in old names -> grid in new names
_NEW_CELLS = {"4km": "us_25m", "800m": "us_30s", "400m": "us_15s"}


@dataclass(frozen=True)
class _Name:
    """The parts of a file's name; `pattern` is the name with placeholders, for the other files.

    Of several files of the same month and `cells` the one with the highest `rank` is used: final
    values before provisional ones, then later versions of the model before earlier ones.
    """

    quantity: str
    period: Period
    month: int
    cells: str
    pattern: str
    rank: tuple[int, int]
    label: str = ""
    step: str = "monthly"


def _parse(name: str) -> _Name | None:
    if match := _OLD_NORMAL.fullmatch(name):
        grid, end = match["cells"] + match["version"], match["end"]
        annual = match["month"].lower() == "annual"
        return _Name(
            quantity=_quantity(match["var"]),
            period=f"normals-{match['cells']}",
            month=0 if annual else int(match["month"]),
            cells=_NEW_CELLS.get(match["cells"].lower(), match["cells"]),
            pattern=f"PRISM_{{var}}_30yr_normal_{grid}_{{month}}{end}",
            rank=(1, int(match["version"][1:])),
            label=f"normals-{grid}",
            step="annual" if annual else "monthly",
        )
    old, new = _OLD.fullmatch(name), _NEW.fullmatch(name)
    found = old or new
    if found is None:
        return None
    date, cells, end = found["date"], found["cells"], found["end"]
    year = int(date[:4])
    normal = old is None and found["normal"] is not None
    if old:
        head = f"PRISM_{{var}}_{old['state']}_{cells}{old['version']}"
        cells = _NEW_CELLS.get(cells.lower(), cells)
        rank = int(old["state"].lower() == "stable"), int(old["version"][1:])
    else:
        # files with new names are later than all model versions in old names
        head, rank = f"prism_{{var}}_{cells}", (1, 1000)
    return _Name(
        quantity=_quantity(found["var"]),
        period=f"{year - 29}-{year}" if normal else year,
        month=int(date[4:6] or 0),
        cells=cells.lower(),
        pattern=f"{head}_{date[:4] if normal else '{year}'}{{month}}"
        f"{'_avg_30y' if normal else ''}{end}",
        rank=rank,
        step={4: "annual", 6: "monthly"}.get(len(date), "daily"),
    )


def _quantity(var: str) -> str:
    return {"ppt": "prcp"}.get(var.lower(), var.lower())


def is_elevation(name: str) -> bool:
    """Return whether a file's name is that of PRISM's own elevation model."""
    return _ELEVATION.fullmatch(name) is not None


def raster_set(folder: Path, entries: Sequence[Entry]) -> RasterSet | None:
    """Return the PRISM months in a folder, or None if there are none.

    Raises
    ------
    InputError
        If the folder has only daily or annual files, the same month on two grids, or both normals
        and years.
    """
    parsed = [(entry, name) for entry in entries if (name := _parse(entry.name))]
    monthly = [(e, n) for e, n in parsed if n.step == "monthly" and 1 <= n.month <= 12]
    if not parsed:
        return None
    if not monthly:
        entry, name = parsed[0]
        raise InputError(
            f"{entry.path} holds {name.step} values",
            remedy="fetch PRISM's monthly files, such as prism_tmin_us_30s_201001.tif",
        )
    _refuse_two_kinds(folder, monthly)
    monthly = _with_labels(monthly)
    bands: dict[tuple[str, Period], dict[int, Band]] = {}
    taken: dict[tuple[str, Period, int], tuple[Entry, _Name]] = {}
    for entry, name in sorted(monthly, key=lambda pair: pair[1].rank):
        key = name.quantity, name.period, name.month
        if key in taken and taken[key][1].cells != name.cells:
            raise _mixed(folder, "grids", taken[key][0], entry)
        taken[key] = entry, name
        months = bands.setdefault(key[:2], {})
        months[name.month] = Band(entry.name, entry.path, entry.file, 1, 1)
    patterns = {name.quantity: name.pattern for _, name in monthly}

    def expected(quantity: str, period: Period, month: int) -> str:
        var = "ppt" if quantity == "prcp" else quantity
        pattern = patterns.get(quantity, monthly[0][1].pattern)
        return pattern.format(var=var, year=period, month=f"{month:02d}")

    return RasterSet(
        kind="prism",
        dataset="PRISM monthly climate, PRISM Climate Group, Oregon State University",
        folder=folder,
        bands=bands,
        expected=expected,
        days=civil_days,
        calendar="civil: February has 29 days in leap years, normals have 28",
        crs=CRS,
    )


def _refuse_two_kinds(folder: Path, monthly: Sequence[tuple[Entry, _Name]]) -> None:
    kinds = {isinstance(name.period, int): entry for entry, name in monthly}
    if len(kinds) > 1:
        raise _mixed(folder, "kinds, normals and single years", kinds[True], kinds[False])


def _mixed(folder: Path, what: str, one: Entry, other: Entry) -> InputError:
    return InputError(
        f"{folder} mixes PRISM files of different {what}, {one.name} and {other.name}",
        remedy="keep one of the two sets",
    )


def _with_labels(monthly: Sequence[tuple[Entry, _Name]]) -> list[tuple[Entry, _Name]]:
    """Add the model version to the label of normals if all have the same version."""
    labels = {name.label for _, name in monthly if name.label}
    if len(labels) != 1:
        return list(monthly)
    (label,) = labels
    return [(e, replace(name, period=label) if name.label else name) for e, name in monthly]
