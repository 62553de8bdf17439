"""What one month of the energy balance takes besides arrays, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

from .. import _core
from .._arrays import FloatArray, number_in
from ..errors import ArgumentError


@dataclass(frozen=True)
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
    """

    e_bio_mj_m2: FloatArray
    e_ppt_mj_m2: FloatArray
    limited_cells: int = 0

    @property
    def eemt_mj_m2(self) -> FloatArray:
        """Their sum [MJ m-2]."""
        return self.e_bio_mj_m2 + self.e_ppt_mj_m2


def month_span(
    days: float, year_days: float, solar_days: float | None = None
) -> _core.energy.MonthSpan:
    """Return the checked lengths of the month, its year and the solar sums.

    The solar calendar has no 29 February, so a month of 29 days has sums over 28 unless
    `solar_days` says otherwise.
    """
    days = number_in("days", days, 1, 366)
    year_days = number_in("year_days", year_days, 360, 366)
    if days > year_days:
        raise ArgumentError(f"days must not exceed year_days ({year_days:g}), got {days:g}")
    if solar_days is None:
        solar_days = 28 if days == 29 else days
    solar_days = number_in("solar_days", solar_days, 1, 366)
    return _core.energy.MonthSpan(days=days, year_days=year_days, solar_days=solar_days)


def ratio_sums(
    ratio_topo: FloatArray | float | None,
    ratio_flat: FloatArray | float | None,
    solar_topo: FloatArray | float,
    solar_flat: FloatArray | float,
) -> tuple[FloatArray | float, FloatArray | float]:
    """Return the two sums whose ratio is S: both given, or those of the global radiation."""
    if ratio_topo is None and ratio_flat is None:
        return solar_topo, solar_flat
    if ratio_topo is None or ratio_flat is None:
        raise ArgumentError("give both ratio_topo_wh_m2 and ratio_flat_wh_m2, or neither")
    return ratio_topo, ratio_flat
