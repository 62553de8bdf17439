"""The interface of all climate sources, whatever their files.

Climate passes through four forms: ``ClimateSource`` (the files), ``ClimatePlan`` (a source over
one DEM, in the manager), ``ClimateCut`` (the part for one tile, in the task's folder) and
``MonthClimate`` (values at the tile's cells).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from ...errors import ArgumentError, InputError
from ...grids.grid import Grid
from .._model import Array, ClimateCut, Period

#: Provenance of vapour pressure if no file holds humidity.
FROM_TMIN = "estimated: air saturated at each cell's minimum temperature (FAO-56 Eq. 48)"


class ElevationReader(Protocol):
    """A function that reads a window of the DEM."""

    def __call__(self, row0: int, col0: int, rows: int, cols: int, /) -> Array:
        """Return (rows, cols) elevations [m], NaN for nodata."""
        ...


class ClimatePlan(Protocol):
    """A climate over a DEM: read and checked, ready to be cut into windows for the DEM's tiles.

    Attributes
    ----------
    periods
        The periods for which the plan was made.
    provenance, notes, files
        The climate's origin for the metadata of maps, sentences for the user, and the files read.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from eemt_core.climate import open_climate
    >>> source = open_climate(str(files("eemt_core") / "data" / "allardt.toml"))
    >>> dem = Grid(2, 3, x0=0.0, y0=60.0, dx=30.0, dy=30.0, unit_m=1.0, crs="")
    >>> plan = source.plan(dem, source.select(), lambda *window: np.zeros(window[2:]))
    >>> plan.cut(0, 0, 2, 3).values["prcp_mm"].shape
    (1, 12, 1, 1)
    """

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods for which the plan was made."""
        ...

    @property
    def provenance(self) -> dict[str, Any]:
        """Origin of the climate, for the metadata of everything computed from it."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user: what was estimated or is missing."""
        ...

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file on disk from which the climate was read, for checksums."""
        ...

    def cut(self, row0: int, col0: int, rows: int, cols: int) -> ClimateCut:
        """Return the part of the climate that is needed for a window of the DEM."""
        ...


class ClimateSource(Protocol):
    """A climate on disk, recognised, with all checks that need no DEM done.

    Attributes
    ----------
    kind
        One of station, daymet, local, prism.
    periods
        Years in ascending order, or the label of normals alone.
    variables
        Names of the quantities that the files hold, or that can be derived from them.
    provenance
        Kind, files and origin of its quantities.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from eemt_core.climate import open_climate
    >>> source = open_climate(str(files("eemt_core") / "data" / "allardt.toml"))
    >>> source.variables[:3]
    ('tmin_c', 'tmax_c', 'prcp_mm')
    """

    @property
    def kind(self) -> str:
        """One of station, daymet, local, prism."""
        ...

    @property
    def periods(self) -> tuple[Period, ...]:
        """Years in ascending order, or the label of normals alone."""
        ...

    @property
    def variables(self) -> tuple[str, ...]:
        """Names, as in `VARIABLES`, of quantities in the files or derived from them."""
        ...

    @property
    def provenance(self) -> dict[str, Any]:
        """Kind, files and origin of its quantities, as JSON-able data."""
        ...

    def select(
        self, start_year: int | None = None, end_year: int | None = None
    ) -> tuple[Period, ...]:
        """Return the periods from `start_year` to `end_year`, by default all, or raise."""
        ...

    def plan(
        self, grid: Grid, periods: Sequence[Period], read_elevation: ElevationReader
    ) -> ClimatePlan:
        """Return the climate over the DEM of `grid`, checked for cover, units and values.

        `read_elevation` reads windows of the DEM. It is called if the source does not come with the
        elevation of its own cells.
        """
        ...


def select_periods(
    periods: Sequence[Period],
    start_year: int | None,
    end_year: int | None,
    *,
    where: str,
    expected: Callable[[int], str] | None = None,
) -> tuple[Period, ...]:
    """Return the periods from `start_year` to `end_year`, both included; None means no limit.

    Parameters
    ----------
    periods
        Periods of the source, in ascending order.
    start_year, end_year
        First and last year that the user asks for.
    where
        The source's file or folder, for messages.
    expected
        Function that returns the name of a file of a year, for messages.

    Raises
    ------
    ArgumentError
        If the first year is after the last, or years are asked for but the source holds normals.
    InputError
        If one of the years is missing in the source.
    """
    if start_year is None and end_year is None:
        return tuple(periods)
    years = [p for p in periods if isinstance(p, int)]
    if len(years) != len(periods):
        label = next(p for p in periods if not isinstance(p, int))
        raise ArgumentError(
            f"{where} holds normals ({label}) and no single years",
            remedy="leave out <<start_year>> and <<end_year>>, or give climate data of those years",
            field="start_year",
        )
    first = min(years) if start_year is None else start_year
    last = max(years) if end_year is None else end_year
    if first > last:
        raise ArgumentError(
            f"<<start_year>> must not be after <<end_year>>, got {first} and {last} "
            f"({where} holds {min(years)} to {max(years)})",
            field="start_year",
            value=first,
        )
    for year in range(first, last + 1):
        if year not in years:
            file = f" (no {expected(year)})" if expected else ""
            raise InputError(
                f"{where} holds no data of the year {year}{file}, only of {min(years)} to "
                f"{max(years)}",
                remedy="add it or narrow <<start_year>> and <<end_year>>",
                field="start_year",
            )
    return tuple(range(first, last + 1))
