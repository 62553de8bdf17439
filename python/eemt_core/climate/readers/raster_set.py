"""The contents of a folder of climate rasters: months of quantities, found by file name.

The module of each source parses its own file names into a `RasterSet`. This module decides which
months a run needs, and whether all of them are there.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...calendar365 import MONTHS_IN_FULL
from ...errors import InputError
from ...files import require_file
from .._model import Period

#: Quantities that files must hold; `gridded` converts them to the model's variables.
REQUIRED_QUANTITIES = ("tmin", "tmax", "prcp")
#: Quantities from which humidity is computed, in order of preference; a group is used only whole.
HUMIDITY = (("vp",), ("tdmean",), ("vpdmin", "vpdmax"), ("vpdmax",), ("vpdmin",))

_SUFFIXES = (".nc", ".nc4", ".tif", ".tiff", ".bil", ".asc")


@dataclass(frozen=True)
class Entry:
    """A raster: its base name, the path that GDAL opens, and the file on disk (perhaps a zip)."""

    name: str
    path: str
    file: Path


@dataclass(frozen=True)
class Band:
    """One month of one quantity: band `index` (from 1) of `path`, which should have `of` bands."""

    name: str
    path: str
    file: Path
    index: int
    of: int


@dataclass(frozen=True)
class RasterSet:
    """The months that a folder holds, by its file names.

    Attributes
    ----------
    kind
        daymet, local or prism.
    dataset
        Name of the data set in the provenance.
    bands
        For each quantity and period the bands found, by month 1..12.
    expected
        Function that returns the file name for a quantity, period and month.
    days
        Function that returns the numbers of days of the twelve months of a period.
    calendar
        The source's calendar in words, for the provenance.
    crs
        CRS of the source's grids, for file formats that cannot declare one.
    """

    kind: str
    dataset: str
    folder: Path
    bands: Mapping[tuple[str, Period], Mapping[int, Band]]
    expected: Callable[[str, Period, int], str]
    days: Callable[[Period], tuple[int, ...]]
    calendar: str
    crs: str = ""

    @property
    def periods(self) -> tuple[Period, ...]:
        """Periods with at least one file, in ascending order."""
        return tuple(sorted({period for _, period in self.bands}, key=str))

    def has(self, quantity: str, periods: Sequence[Period] | None = None) -> bool:
        """Return whether there is at least one file of a quantity in the periods."""
        asked = self.periods if periods is None else periods
        return any((quantity, period) in self.bands for period in asked)

    def humidity(self, periods: Sequence[Period] | None = None) -> tuple[str, ...]:
        """Return the quantities from which vapour pressure is computed; empty without any."""
        for group in HUMIDITY:
            if all(self.has(quantity, periods) for quantity in group):
                return group
        return ()

    def months(self, quantity: str, period: Period) -> tuple[Band, ...]:
        """Return the twelve bands of a quantity and period, or raise, naming missing files."""
        found = self.bands.get((quantity, period), {})
        for month in range(1, 13):
            if month not in found:
                raise InputError(
                    f"{self.folder} lacks {self.expected(quantity, period, month)}, the file of "
                    f"{quantity} in {MONTHS_IN_FULL[month - 1]} {period}",
                    remedy="add it, or choose other years with <<start_year>> and <<end_year>>",
                )
        return tuple(found[month] for month in range(1, 13))

    def require(self, periods: Sequence[Period]) -> None:
        """Raise InputError unless every month of every quantity that is used is there."""
        for period in periods:
            for quantity in (*REQUIRED_QUANTITIES, *self.humidity(periods)):
                self.months(quantity, period)


def list_rasters(folder: Path) -> tuple[Entry, ...]:
    """Return the rasters in a folder, sorted by name, including those in PRISM's zip files."""
    return tuple(sorted(_walk(folder), key=lambda entry: (entry.name, entry.path)))


def _walk(folder: Path) -> Iterator[Entry]:
    for path in folder.rglob("*"):
        suffix = path.suffix.lower()
        if suffix in _SUFFIXES and path.is_file():
            yield Entry(path.name, str(path), path)
        elif suffix == ".zip" and path.name.lower().startswith("prism_"):
            yield from _members(path)


def _members(path: Path) -> Iterator[Entry]:
    try:
        require_file(path)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{path} is no readable zip file ({reason})",
            remedy="fetch it again",
            field="climate",
            value=path,
        ) from None
    for name in names:
        if name.lower().endswith(_SUFFIXES):
            yield Entry(Path(name).name, f"/vsizip/{path}/{name}", path)
