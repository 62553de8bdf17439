"""What is in a folder of climate rasters: months of quantities, found by name.

Each source's module reads its own names into a `RasterSet`; which of its months a run needs,
and whether they are all there, is decided here.
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

#: Quantities as files hold them; `gridded` makes the model's variables of them.
REQUIRED_QUANTITIES = ("tmin", "tmax", "prcp")
#: What humidity may be given as, in order of preference; all of a group are needed.
HUMIDITY = (("vp",), ("tdmean",), ("vpdmin", "vpdmax"), ("vpdmax",), ("vpdmin",))

_SUFFIXES = (".nc", ".nc4", ".tif", ".tiff", ".bil", ".asc")


@dataclass(frozen=True)
class Entry:
    """A raster: its base name, what GDAL opens, and the file on disk (it may lie in a zip)."""

    name: str
    path: str
    file: Path


@dataclass(frozen=True)
class Band:
    """One month of one quantity: band `index` (from 1) of `path`, which has `of` bands."""

    name: str
    path: str
    file: Path
    index: int
    of: int


@dataclass(frozen=True)
class RasterSet:
    """The months that a folder holds, as its names tell.

    Attributes
    ----------
    kind
        daymet, local or prism.
    dataset
        What to call it in the provenance.
    bands
        By quantity and period, the bands found, by month 1..12.
    expected
        The name that the file of a quantity, period and month would have.
    days
        Days of the twelve months of a period.
    calendar
        How the source counts days, for the provenance.
    crs
        What the source's grids are in where the form of a file has no place to say it.
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
        """Periods of which there is anything, in ascending order."""
        return tuple(sorted({period for _, period in self.bands}, key=str))

    def has(self, quantity: str, periods: Sequence[Period] | None = None) -> bool:
        """Return whether there is anything of a quantity in the periods."""
        asked = self.periods if periods is None else periods
        return any((quantity, period) in self.bands for period in asked)

    def humidity(self, periods: Sequence[Period] | None = None) -> tuple[str, ...]:
        """Return the quantities from which vapour pressure comes; none if there are none."""
        for group in HUMIDITY:
            if all(self.has(quantity, periods) for quantity in group):
                return group
        return ()

    def months(self, quantity: str, period: Period) -> tuple[Band, ...]:
        """Return the twelve bands of a quantity and period, or raise naming what is missing."""
        found = self.bands.get((quantity, period), {})
        for month in range(1, 13):
            if month not in found:
                raise InputError(
                    f"{self.folder} lacks {self.expected(quantity, period, month)}, the file of "
                    f"{quantity} in {MONTHS_IN_FULL[month - 1]} {period}: add it, or choose other "
                    "years with <<start_year>> and <<end_year>>"
                )
        return tuple(found[month] for month in range(1, 13))

    def require(self, periods: Sequence[Period]) -> None:
        """Raise unless every month of every quantity in use is there."""
        for period in periods:
            for quantity in (*REQUIRED_QUANTITIES, *self.humidity(periods)):
                self.months(quantity, period)


def list_rasters(folder: Path) -> tuple[Entry, ...]:
    """Return the rasters under a folder, by name; those in PRISM's zip files included."""
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
        raise InputError(f"{path} is no readable zip file, fetch it again: {reason}") from None
    for name in names:
        if name.lower().endswith(_SUFFIXES):
            yield Entry(Path(name).name, f"/vsizip/{path}/{name}", path)
