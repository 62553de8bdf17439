"""What a month of the energy balance is made of, and what it gives."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np

from .. import _core
from .._arrays import FloatArray, array_or_number, check_plausible, is_array
from .._numbers import number_in
from ..errors import ArgumentError
from ..plausible import (
    ALBEDO,
    CELL_PRECIPITATION,
    CELL_TEMPERATURE,
    CELL_VAPOUR_PRESSURE,
    PRECIPITATION,
    TEMPERATURE,
    VAPOUR_PRESSURE,
    WIND,
)

LONGEST_MONTH_DAYS = 366
"""A "month" may be any span up to a year."""


_RANGES = {
    "tmin_c": TEMPERATURE,
    "tmax_c": TEMPERATURE,
    "prcp_mm": PRECIPITATION,
    "vapour_pressure_pa": VAPOUR_PRESSURE,
    "wind_m_s": WIND,
}
"""Of single numbers."""
_RANGES_OF_CELLS = {
    "tmin_c": (CELL_TEMPERATURE, "subtract 273.15 from kelvins, and write no data as NaN"),
    "tmax_c": (CELL_TEMPERATURE, "subtract 273.15 from kelvins, and write no data as NaN"),
    "prcp_mm": (CELL_PRECIPITATION, "write no data as NaN"),
    "vapour_pressure_pa": (CELL_VAPOUR_PRESSURE, "convert it to Pa, and write no data as NaN"),
    "wind_m_s": (WIND, "write no data as NaN"),
}
"""Of arrays: wider, as cells may lie far above and below the climate that is brought to them."""
_WHOLE_CELLS, _ROW_STEP = 2**14, 64
"""Of arrays beyond so many cells every 64th row is looked at: a wrong unit is wrong in all of them.

To look at all cells would take a third as long as EEMT_TRAD of float32, so fills that only other
rows have are not found.
"""
_WARM_C, _LEAST_PA = -30.0, VAPOUR_PRESSURE.lowest
"""Air of this temperature holds 50 Pa, so that no month has less than this; kilopascals do."""


def _check_cells(group: object, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    """Raise unless all that is given are numbers or (rows, cols) arrays of one shape and dtype."""
    values = {name: getattr(group, name) for name in (*needed, *optional)}
    arrays = [value for value in values.values() if is_array(value)]
    for name, value in values.items():
        quantity = None if is_array(value) else _RANGES.get(name)
        within = None if quantity is None else (quantity.lowest, quantity.highest)
        if value is not None or name in needed:
            array_or_number(name, value, like=arrays[0] if arrays else None, within=within)
        if is_array(value) and name in _RANGES_OF_CELLS:
            of_cells, remedy = _RANGES_OF_CELLS[name]
            check_plausible(name, _sample(value), of_cells, remedy=remedy)


def _sample(values: FloatArray) -> FloatArray:
    return values if values.size <= _WHOLE_CELLS else values[::_ROW_STEP]


def _check_pascals(vapour_pressure: FloatArray | float | None, tmin_c: FloatArray | float) -> None:
    """Raise if nowhere there is as much vapour as any month has whose nights are not polar."""
    if not is_array(vapour_pressure):
        return
    most, warmest = (
        np.fmax.reduce(_sample(values) if is_array(values) else values, axis=None)
        for values in (vapour_pressure, tmin_c)
    )
    if most < _LEAST_PA and warmest > _WARM_C:
        raise ArgumentError(
            f"vapour_pressure_pa is not above {most:g} Pa, although tmin_c reaches "
            f"{warmest:g} degC",
            remedy="multiply kilopascals by 1000",
            field="vapour_pressure_pa",
            value=float(most),
        )


@dataclass(frozen=True, eq=False)
class MonthClimate:
    """The weather of a month at the cells of a DEM, lapse rates applied.

    Each value is a (rows, cols) float32 or float64 array or a number that holds everywhere.

    Parameters
    ----------
    tmin_c, tmax_c
        The month's mean daily minimum and maximum of air temperature [degC].
    prcp_mm
        Precipitation of the month [mm].
    vapour_pressure_pa
        Actual vapour pressure [Pa]; `eemt_trad` does without. Where nobody measured it,
        ``saturation_vapour_pressure(tmin_c)`` is FAO-56's estimate (Eq. 48).
    wind_m_s
        Wind 2 m above short grass [m s-1]; without it that of `EnergyParameters`.
    days, year_days
        Days of the month and of its year [d].

    Raises
    ------
    ArgumentError
        If arrays differ in shape or dtype, or a value is out of range.

    References
    ----------
    Allen, R. G., Pereira, L. S., Raes, D., Smith, M. (1998). Crop evapotranspiration. FAO
    Irrigation and Drainage Paper 56.

    Examples
    --------
    >>> april = MonthClimate(1.0, 15.0, 50.0, days=30)
    >>> april.year_days
    365.0
    """

    tmin_c: FloatArray | float
    tmax_c: FloatArray | float
    prcp_mm: FloatArray | float
    _: KW_ONLY
    vapour_pressure_pa: FloatArray | float | None = None
    wind_m_s: FloatArray | float | None = None
    days: float
    year_days: float = 365.0

    def __post_init__(self) -> None:
        _check_cells(self, ("tmin_c", "tmax_c", "prcp_mm"), ("vapour_pressure_pa", "wind_m_s"))
        _check_pascals(self.vapour_pressure_pa, self.tmin_c)
        days = number_in("days", self.days, 1, LONGEST_MONTH_DAYS)
        year_days = number_in("year_days", self.year_days, 360, 366)
        if days > year_days:
            raise ArgumentError(
                f"days must not exceed year_days ({year_days:g}), got {days:g}",
                field="days",
                value=days,
            )


@dataclass(frozen=True, eq=False)
class MonthSun:
    """The sun of a month at the cells of a DEM.

    Each value is a (rows, cols) float32 or float64 array or a number that holds everywhere.

    Parameters
    ----------
    topo_wh_m2, flat_wh_m2
        Global radiation of the month on the slope, with shadows, and on flat ground without
        [Wh m-2]: `eemt_core.solar.Irradiation` has them as ``total_wh_m2`` and
        ``flat_total_wh_m2``.
    ratio_topo_wh_m2, ratio_flat_wh_m2
        The sums whose ratio is S, the slope's share of the sun, both or neither: the beam, for
        example [Wh m-2]. Without them the global radiation above.
    albedo
        Share of the sun that the ground reflects, 0 to 1 [-]; without it that of
        `EnergyParameters`.
    days
        Days that the sums cover [d]. Without it those of the month, and 28 where that has 29,
        since the solar calendar has no 29 February.

    Raises
    ------
    ArgumentError
        If arrays differ in shape or dtype, or a value is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> shaded = MonthSun(np.array([[100e3, 150e3]]), 150e3)
    >>> shaded.flat_wh_m2
    150000.0
    """

    topo_wh_m2: FloatArray | float
    flat_wh_m2: FloatArray | float
    _: KW_ONLY
    ratio_topo_wh_m2: FloatArray | float | None = None
    ratio_flat_wh_m2: FloatArray | float | None = None
    albedo: FloatArray | float | None = None
    days: float | None = None

    def __post_init__(self) -> None:
        ratio = ("ratio_topo_wh_m2", "ratio_flat_wh_m2")
        _check_cells(self, ("topo_wh_m2", "flat_wh_m2"), (*ratio, "albedo"))
        if (self.ratio_topo_wh_m2 is None) != (self.ratio_flat_wh_m2 is None):
            raise ArgumentError(
                "give both ratio_topo_wh_m2 and ratio_flat_wh_m2, or neither",
                field="ratio_flat_wh_m2",
            )
        if self.days is not None:
            number_in("days", self.days, 1, LONGEST_MONTH_DAYS)
        if self.albedo is not None:
            array_or_number("albedo", self.albedo, within=(ALBEDO.lowest, ALBEDO.highest))


@dataclass(frozen=True, eq=False)
class Vegetation:
    """The canopy that stands on the cells in a month.

    Parameters
    ----------
    lai
        (rows, cols) float32 or float64 array or a number, leaf area index [-].
    canopy_height_m
        (rows, cols) array or number, height of the canopy [m].

    Raises
    ------
    ArgumentError
        If arrays differ in shape or dtype.

    Examples
    --------
    >>> forest = Vegetation(lai=4.0, canopy_height_m=20.0)
    """

    lai: FloatArray | float
    canopy_height_m: FloatArray | float

    def __post_init__(self) -> None:
        _check_cells(self, ("lai", "canopy_height_m"))


@dataclass(frozen=True, eq=False)
class EnergyMonth:
    """The two energy terms of a month.

    Attributes
    ----------
    e_bio_mj_m2
        (rows, cols) array, energy of net primary production [MJ m-2].
    e_ppt_mj_m2
        (rows, cols) array, heat carried by effective precipitation [MJ m-2].
    limited_cells
        Number of cells whose solar ratio met its limits (deep shade all month).

    Examples
    --------
    >>> import numpy as np
    >>> EnergyMonth(np.array([[1.5]]), np.array([[0.25]])).eemt_mj_m2
    array([[1.75]])
    """

    e_bio_mj_m2: FloatArray
    e_ppt_mj_m2: FloatArray
    limited_cells: int = 0

    @property
    def eemt_mj_m2(self) -> FloatArray:
        """Their sum, effective energy and mass transfer [MJ m-2]."""
        return self.e_bio_mj_m2 + self.e_ppt_mj_m2


def month_span(climate: MonthClimate, sun: MonthSun | None = None) -> _core.energy.MonthSpan:
    """Return the lengths of the month, its year and the solar sums.

    The solar calendar has no 29 February, so a month of 29 days has sums over 28 unless the sun
    says otherwise.
    """
    solar_days = None if sun is None else sun.days
    if solar_days is None:
        solar_days = 28 if climate.days == 29 else climate.days
    return _core.energy.MonthSpan(
        days=float(climate.days), year_days=float(climate.year_days), solar_days=float(solar_days)
    )
