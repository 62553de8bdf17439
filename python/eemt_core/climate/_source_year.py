"""A year of climate on the source's own cells, as the kernel of a tile's year reads it.

The kernel interpolates it to the DEM's cells by the rules of `Downscaler`, which states them.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from ..energy import MonthClimate
from . import _vapour as vapour
from ._model import ClimateCut, LapseRates, Period

_Field = NDArray[np.float64]


class SourceYear(TypedDict):
    """Arguments of `_core.energy.TileEnergy.year`."""

    tmin_c: _Field
    tmax_c: _Field
    prcp_mm: _Field
    vapour_pressure_pa: _Field | None
    relative_humidity: _Field | None
    wind_m_s: _Field | None
    reference_m: _Field
    weight: _Field
    tmin_lapse_c_m: _Field
    tmax_lapse_c_m: _Field
    days: _Field
    year_days: float


def source_year(cut: ClimateCut, period: Period, lapse: LapseRates) -> SourceYear:
    """Return the twelve months of a period.

    Raises
    ------
    ArgumentError
        If the cut does not hold the period, or a value is none of its quantity.
    """
    k = cut.index(period)
    fields = {name: _double(values[k]) for name, values in cut.values.items()}
    days, year_days = cut.days[k], cut.year_days(period)
    for month in range(12):  # each of which raises where a value cannot be
        MonthClimate(
            **{name: field[month] for name, field in fields.items()},
            days=days[month],
            year_days=year_days,
        )
    pressure, humidity = fields.get("vapour_pressure_pa"), None
    if pressure is not None and cut.is_station:
        humidity, pressure = _humidity(fields), None
    return SourceYear(
        tmin_c=fields["tmin_c"],
        tmax_c=fields["tmax_c"],
        prcp_mm=fields["prcp_mm"],
        vapour_pressure_pa=pressure,
        relative_humidity=humidity,
        wind_m_s=fields.get("wind_m_s"),
        reference_m=_double(cut.reference_m),
        weight=_double(cut.weight),
        tmin_lapse_c_m=_lapse(lapse, "tmin_c"),
        tmax_lapse_c_m=_lapse(lapse, "tmax_c"),
        days=np.array(days, np.float64),
        year_days=float(year_days),
    )


def _double(field: NDArray[np.floating]) -> _Field:
    return np.ascontiguousarray(field, np.float64)


def _lapse(lapse: LapseRates, name: str) -> _Field:
    """Return the twelve months' rates of a temperature [degC m-1]."""
    return np.array([lapse.of_month(name, month) / 1000.0 for month in range(1, 13)])


def _humidity(fields: dict[str, _Field]) -> _Field:
    """Return a station's relative humidity in twelve months, at most 1 [-]."""
    months = zip(*(fields[n][:, 0, 0].tolist() for n in _STATION), strict=True)
    return np.array([vapour.humidity(pa, 0.5 * (low + high)) for pa, low, high in months])


_STATION = ("vapour_pressure_pa", "tmin_c", "tmax_c")
