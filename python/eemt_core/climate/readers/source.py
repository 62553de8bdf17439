"""What every climate source offers, whatever its files: a choice of years, and a plan.

The path of a climate is ``ClimateSource`` (the files) -> ``ClimatePlan`` (one source over
one DEM, in the manager) -> ``ClimateCut`` (one tile's share, in the task's folder) ->
``MonthClimate`` (at the tile's cells).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from ...errors import ArgumentError, InputError
from ...grids.grid import Grid
from .._model import Array, ClimateCut, Period

#: Provenance of a vapour pressure that no file gave.
FROM_TMIN = "estimated: air saturated at each cell's minimum temperature (FAO-56 Eq. 48)"


class ElevationReader(Protocol):
    """Reads a window of the DEM."""

    def __call__(self, row0: int, col0: int, rows: int, cols: int, /) -> Array:
        """Return (rows, cols) elevations [m], NaN for nodata."""
        ...


class ClimatePlan(Protocol):
    """A climate over a DEM: read, checked and placed, ready to be cut for windows of the DEM.

    Attributes
    ----------
    periods
        The periods it was made for.
    provenance, notes, files
        What to say of the maps' origin, sentences for the user, and the files that were read.

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
        """The periods it was made for."""
        ...

    @property
    def provenance(self) -> dict[str, Any]:
        """What to write into the metadata of what is computed from this climate."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user: what was estimated or is missing."""
        ...

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file on disk that it was read from, for checksums."""
        ...

    def cut(self, row0: int, col0: int, rows: int, cols: int) -> ClimateCut:
        """Return what the tile of these DEM cells needs."""
        ...


class ClimateSource(Protocol):
    """A climate on disk, recognised and checked as far as that goes without a DEM.

    Attributes
    ----------
    kind
        One of station, daymet, local, prism.
    periods
        Years in ascending order, or the label of normals alone.
    variables
        Names of the quantities that it has or can derive from its own files.
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
        """Names of `model.VARIABLES` that it has or can derive from its own files."""
        ...

    @property
    def provenance(self) -> dict[str, Any]:
        """Kind, files and origin of its quantities, as JSON-able data."""
        ...

    def select(
        self, start_year: int | None = None, end_year: int | None = None
    ) -> tuple[Period, ...]:
        """Return the periods from `start_year` to `end_year`, all by default, or raise."""
        ...

    def plan(
        self, grid: Grid, periods: Sequence[Period], read_elevation: ElevationReader
    ) -> ClimatePlan:
        """Return the source over the DEM of `grid`, checked for cover, units and values.

        `read_elevation` is called for windows of the DEM where the source does not come
        with the elevation of its own cells.
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
    """Return the periods from `start_year` to `end_year`, both included; None is open.

    Parameters
    ----------
    periods
        What the source holds, in ascending order.
    start_year, end_year
        The run's options.
    where
        The source's file or folder, for the message.
    expected
        Names a file of a year that should be there, for the message.

    Raises
    ------
    ArgumentError
        If the years are out of order, or asked of normals that have none.
    InputError
        If the source lacks one of the years.
    """
    if start_year is None and end_year is None:
        return tuple(periods)
    years = [p for p in periods if isinstance(p, int)]
    if len(years) != len(periods):
        label = next(p for p in periods if not isinstance(p, int))
        raise ArgumentError(
            f"{where} holds normals ({label}) and no single years: leave out <<start_year>> and "
            "<<end_year>>, or give climate data of those years"
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
                f"{max(years)}: add it or narrow <<start_year>> and <<end_year>>"
            )
    return tuple(range(first, last + 1))
