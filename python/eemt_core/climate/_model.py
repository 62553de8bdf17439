"""Data types of climate: lapse rates, and the part of a climate that a tile's task gets.

They use plain NumPy, without files or projections, so that a tile's task needs nothing else.
Files, and their position relative to a DEM, are handled in `readers`.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arrays import described
from .._numbers import brief, kept, number_in, whole_numbers_in
from ..errors import ArgumentError
from ..grids.grid import Lattice
from ..plausible import LAPSE_RATE

Array = NDArray[Any]

#: A year, or the label of a period of normals such as ``"1971-2000"``.
Period = int | str

#: Variables that a source may hold; the first three are required.
VARIABLES = ("tmin_c", "tmax_c", "prcp_mm", "vapour_pressure_pa", "wind_m_s")
REQUIRED = VARIABLES[:3]

#: Mean lapse rate of the atmosphere [degC per km] as in Rasmussen et al. 2015.
STANDARD_LAPSE_C_PER_KM = 6.49

_FORMAT = 1


@dataclass(frozen=True)
class LapseRates:
    """Decrease of air temperature with elevation.

    Lapse rates also affect a station's vapour pressure, since its relative humidity is assumed to
    be the same at all elevations.

    Parameters
    ----------
    tmin_c_per_km, tmax_c_per_km
        Lapse rates of the daily minimum and maximum temperature, -20 to 20 [degC km-1]: each one
        number, or twelve from January to December. The default is 6.49, the atmosphere's mean.

    Raises
    ------
    ArgumentError
        If a rate is not a number in [-20, 20], or their number is neither one nor twelve.

    References
    ----------
    Rasmussen, C., et al. (2015). Quantifying topographic and vegetation effects on the
    transfer of energy and mass to the critical zone. Vadose Zone Journal 14(11).
    doi:10.2136/vzj2014.07.0102

    Examples
    --------
    >>> LapseRates(tmax_c_per_km=7.5).of_month("tmax_c", 1)
    7.5
    """

    tmin_c_per_km: float | Sequence[float] = STANDARD_LAPSE_C_PER_KM
    tmax_c_per_km: float | Sequence[float] = STANDARD_LAPSE_C_PER_KM

    def __post_init__(self) -> None:
        for name in ("tmin_c_per_km", "tmax_c_per_km"):
            value = getattr(self, name)
            several = isinstance(value, Sequence) and not isinstance(value, str)
            several |= isinstance(value, np.ndarray) and value.ndim > 0
            rates = tuple(value) if several else (value,)
            if len(rates) not in (1, 12):
                raise ArgumentError(
                    f"{name} must be one number or twelve, got {len(rates)} numbers",
                    field=name,
                    value=kept(value),
                )
            checked = tuple(
                number_in(name, rate, LAPSE_RATE.lowest, LAPSE_RATE.highest) for rate in rates
            )
            object.__setattr__(self, name, checked if len(checked) == 12 else checked[0])

    def of_month(self, variable: str, month: int) -> float:
        """Return the lapse rate of `variable`, a temperature, in month 1..12 [degC km-1]."""
        rate = {"tmin_c": self.tmin_c_per_km, "tmax_c": self.tmax_c_per_km}.get(variable, 0.0)
        return float(rate[month - 1] if isinstance(rate, Sequence) else rate)

    def to_dict(self) -> dict[str, Any]:
        """Return the rates as data for JSON; ``LapseRates(**data)`` restores them."""
        return {"tmin_c_per_km": self.tmin_c_per_km, "tmax_c_per_km": self.tmax_c_per_km}


@dataclass(frozen=True)
class ClimateCut:
    """The part of a climate for a window of a DEM: values on climate cells, and their positions.

    `ClimatePlan.cut` returns one. For a station it can also be constructed directly.

    Parameters
    ----------
    periods
        Years, or one label of normals.
    days
        For each period, the days in its twelve months over which sums and means are taken.
    values
        ``tmin_c``, ``tmax_c``, ``prcp_mm`` and, if known, ``vapour_pressure_pa`` and ``wind_m_s``:
        (periods, 12, rows, cols) float32 arrays on climate cells [degC, mm per month, Pa, m s-1]. A
        station has one row and one column.
    reference_m
        (rows, cols) float32 array, the elevation to which the temperatures refer [m].
    weight
        (rows, cols) float32 array in (0, 1], reliability of `reference_m`, a weight in
        interpolation [-].
    row0, col0
        Row and column of the first climate cell in the whole climate grid.
    row, col
        Row and column of the climate grid at the DEM's cells, as fractions of cells from its outer
        north-west corner; None for a station.

    Raises
    ------
    ArgumentError
        If a quantity is missing or the arrays' shapes do not fit each other.

    Examples
    --------
    >>> import numpy as np
    >>> table = {name: np.full((1, 12, 1, 1), value, np.float32) for name, value in
    ...          [("tmin_c", 5.0), ("tmax_c", 15.0), ("prcp_mm", 80.0)]}
    >>> months = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    >>> station = ClimateCut(
    ...     periods=("1971-2000",), days=(months,), values=table,
    ...     reference_m=np.array([[500.0]], np.float32), weight=np.ones((1, 1), np.float32))
    >>> station.is_station, station.year_days("1971-2000")
    (True, 365)
    """

    periods: tuple[Period, ...]
    days: tuple[tuple[int, ...], ...]
    values: Mapping[str, Array]
    reference_m: Array
    weight: Array
    row0: int = 0
    col0: int = 0
    row: Lattice | None = None
    col: Lattice | None = None

    def __post_init__(self) -> None:
        for name, kind, text in (
            ("periods", tuple, "a tuple of years or labels"),
            ("days", tuple, "a tuple of twelve numbers of days for each period"),
            ("values", Mapping, "a mapping of names to arrays"),
            ("reference_m", np.ndarray, "an array"),
            ("weight", np.ndarray, "an array"),
        ):
            if not isinstance(given := getattr(self, name), kind):
                raise ArgumentError(
                    f"{name} must be {text}, got {brief(given)}", field=name, value=kept(given)
                )
        for months in self.days:
            whole_numbers_in("days", months, 0, 31)
        if [len(months) for months in self.days] != [12] * len(self.periods):
            raise ArgumentError(
                "days must be twelve numbers for each of the periods",
                field="days",
                value=kept(self.days),
            )
        shape = (len(self.periods), 12, *self.reference_m.shape)
        missing = [name for name in REQUIRED if name not in self.values]
        if missing:
            raise ArgumentError(
                f"a climate cut must hold {missing[0]}, it holds {[*self.values]}",
                field="values",
                value=[*self.values],
            )
        for name, array in self.values.items():
            if np.shape(array) != shape or array.dtype.kind != "f":
                raise ArgumentError(
                    f"{name} must be a float array of shape {shape}, got {described(array)}",
                    field=name,
                    value=described(array),
                )
        if self.weight.shape != self.reference_m.shape:
            raise ArgumentError(
                f"weight must have shape {self.reference_m.shape}, got shape {self.weight.shape}",
                field="weight",
                value=described(self.weight),
            )

    @property
    def is_station(self) -> bool:
        """Whether the numbers are of a single station, not of the cells of a grid."""
        return self.row is None

    def index(self, period: Period) -> int:
        """Return the index of `period` in the first axis of the values, or raise ArgumentError."""
        if not isinstance(period, int | str | np.integer) or period not in self.periods:
            raise ArgumentError(
                f"period must be one of {list(self.periods)}, got {brief(period)}",
                field="period",
                value=kept(period),
            )
        return self.periods.index(period)

    def month_days(self, period: Period, month: int) -> int:
        """Return the number of days in month 1..12 of `period` in this source's calendar."""
        return self.days[self.index(period)][month - 1]

    def year_days(self, period: Period) -> int:
        """Return the number of days in `period` in this source's calendar."""
        return sum(self.days[self.index(period)])

    def to_arrays(self) -> dict[str, Array]:
        """Return the whole cut as plain arrays, from which `from_arrays` restores it."""
        meta: dict[str, Any] = {
            "format": _FORMAT,
            "periods": self.periods,
            "days": self.days,
            "row0": self.row0,
            "col0": self.col0,
            "variables": [*self.values],
            "lattices": self.row is not None,
        }
        arrays = {f"value.{name}": array for name, array in self.values.items()}
        arrays |= {"reference_m": self.reference_m, "weight": self.weight}
        for name, lattice in (("row", self.row), ("col", self.col)):
            if lattice is not None:
                arrays |= lattice.to_arrays(name)
        return arrays | {"meta": np.array(json.dumps(meta))}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> ClimateCut:
        """Restore a cut from the arrays of `to_arrays`, for example an open ``np.load`` file."""
        meta = json.loads(str(arrays["meta"]))
        if meta.get("format") != _FORMAT:
            raise ArgumentError(
                f"climate data must have format {_FORMAT}, got {meta.get('format')}",
                field="format",
                value=meta.get("format"),
            )

        row, col = (
            Lattice.from_arrays(name, arrays) if meta["lattices"] else None
            for name in ("row", "col")
        )
        return cls(
            periods=tuple(meta["periods"]),
            days=tuple(tuple(d) for d in meta["days"]),
            values={name: arrays[f"value.{name}"] for name in meta["variables"]},
            reference_m=arrays["reference_m"],
            weight=arrays["weight"],
            row0=meta["row0"],
            col0=meta["col0"],
            row=row,
            col=col,
        )


def civil_days(period: Period) -> tuple[int, ...]:
    """Return the days of the twelve months of a year; for normals those of a year of 365 days."""
    year = period if isinstance(period, int) else 2001
    return tuple(calendar.monthrange(year, month)[1] for month in range(1, 13))


def daymet_days(period: Period) -> tuple[int, ...]:
    """Return the days of Daymet's months: every year has 365 days.

    In a leap year 29 February is kept and 31 December left out, so February has 29 days and
    December 30 (Daymet V4 user guide, doi:10.3334/ORNLDAAC/2131).
    """
    days = civil_days(period)
    return days if sum(days) == 365 else (*days[:11], 30)
