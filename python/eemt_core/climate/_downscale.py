"""Downscaling from climate cells to the DEM's cells: bilinear interpolation and lapse rates.

It uses NumPy only, and runs in a tile's task. Every step is done for each cell on its own, with
weights from indices in the whole grid, so a cell's value does not depend on its tile to the last
bit.

Temperature is reduced to sea level before interpolation: T0 = T + lapse * z_ref for each climate
cell, then T = T0 - lapse * z at the DEM's cell. If all four neighbours are known, this equals the
usual T_bilinear - lapse * (z - z_ref_bilinear). If some are missing, temperature and reference
elevation are still taken from the same cells. A station's vapour pressure follows its temperature
at the station's relative humidity; a gridded vapour pressure is only interpolated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._arrays import elevation_argument
from .._numbers import instance_of, whole_number_in, whole_numbers_in
from ..energy import MonthClimate
from ..errors import ArgumentError
from ..grids.grid import Lattice
from . import _vapour as vapour
from ._model import Array, ClimateCut, LapseRates, Period

# Number of cells computed at a time, in strips of whole rows. Indices and weights of a strip fit
# into the processor's cache; those of a million cells would take 100 MB.
_STRIP_CELLS = 1 << 15

# Variables corrected by the lapse rate; all others are only interpolated.
_COOLING = ("tmin_c", "tmax_c")


class Downscaler:
    """A climate at the cells of a window of a DEM, month by month.

    Temperatures are reduced to sea level, interpolated, and converted to each cell's elevation at
    the lapse rates. All other variables are interpolated. If the climate has no vapour pressure,
    that of air saturated at the minimum temperature is used (FAO-56 Eq. 48).

    Parameters
    ----------
    cut
        The climate of these cells (`ClimatePlan.cut`).
    elevation_m
        (rows, cols) float32 or float64 array, the cells' elevation [m]; NaN for nodata.
    row0, col0
        Index in the whole DEM of ``elevation_m[0, 0]``.
    lapse
        Lapse rates of the two temperatures.

    Raises
    ------
    ArgumentError
        If the cut does not reach over these cells.

    Examples
    --------
    >>> from importlib.resources import files
    >>> import numpy as np
    >>> from eemt_core.climate import open_climate
    >>> from eemt_core.grids.grid import Grid
    >>> source = open_climate(str(files("eemt_core") / "data" / "allardt.toml"))
    >>> dem = Grid(1, 2, x0=0.0, y0=30.0, dx=30.0, dy=30.0, unit_m=1.0, crs="")
    >>> elevation_m = np.array([[500.0, 900.0]])
    >>> plan = source.plan(dem, source.select(), lambda *window: elevation_m)
    >>> cells = Downscaler(plan.cut(0, 0, 1, 2), elevation_m)
    >>> low, high = cells.month("1971-2000", 7).tmax_c[0]
    >>> round(float(low - high), 2)
    2.6
    """

    def __init__(
        self,
        cut: ClimateCut,
        elevation_m: Array,
        *,
        row0: int = 0,
        col0: int = 0,
        lapse: LapseRates | None = None,
    ) -> None:
        self._cut = instance_of("cut", cut, ClimateCut)
        row0, col0 = whole_numbers_in("row0 and col0", (row0, col0), -(2**31), 2**31)
        self._elevation_m = elevation_m = elevation_argument("elevation_m", elevation_m)
        self._lapse = instance_of("lapse", LapseRates() if lapse is None else lapse, LapseRates)
        self._strips = [
            (rows, _corners(cut, window)) for rows, window in _strips(elevation_m.shape, row0, col0)
        ]

    def month(self, period: Period, month: int) -> MonthClimate:
        """Return month 1..12 of `period` at the cells, as float32 arrays.

        A station's vapour pressure is converted to each cell's elevation at the station's relative
        humidity; a gridded one is only interpolated.

        Raises
        ------
        ArgumentError
            If the cut does not hold the period, or the month is not 1..12.
        """
        month = whole_number_in("month", month, 1, 12)
        cut, k = self._cut, self._cut.index(period)
        reference_m = cut.reference_m.astype(float)
        out: dict[str, Array] = {}
        for name, values in cut.values.items():
            per_m = self._lapse.of_month(name, month) / 1000.0
            field = values[k, month - 1].astype(float)
            if name in _COOLING:
                # reduce to sea level here; the conversion to each cell's elevation follows below
                blend = _Blend(field + per_m * reference_m, cut.weight.astype(float))
            else:
                blend = _Blend(field, np.ones(field.shape))
            out[name] = np.empty(self._elevation_m.shape, np.float32)
            for rows, corners in self._strips:
                z = self._elevation_m[rows].astype(float)
                here = blend.at(corners) - per_m * z
                out[name][rows] = here if name in _COOLING else np.maximum(here, 0.0)
        if "vapour_pressure_pa" not in out:
            out["vapour_pressure_pa"] = vapour.from_tmin(out["tmin_c"])
        elif cut.is_station:
            out["vapour_pressure_pa"] = self._station_vapour(k, month, out)
        return MonthClimate(
            tmin_c=out["tmin_c"],
            tmax_c=out["tmax_c"],
            prcp_mm=out["prcp_mm"],
            vapour_pressure_pa=out["vapour_pressure_pa"],
            wind_m_s=out.get("wind_m_s"),
            days=cut.month_days(period, month),
            year_days=cut.year_days(period),
        )

    def _station_vapour(self, k: int, month: int, out: dict[str, Array]) -> Array:
        """Return the station's vapour pressure at the elevations of the tile's cells [Pa]."""
        pressure, *extremes = (
            float(self._cut.values[name][k, month - 1, 0, 0])
            for name in ("vapour_pressure_pa", *_COOLING)
        )
        # by strips, so that no array of mean temperatures of the whole tile is needed
        for rows, _ in self._strips:
            mean_c = 0.5 * (out["tmin_c"][rows] + out["tmax_c"][rows])
            out["vapour_pressure_pa"][rows] = vapour.at_height(
                pressure, 0.5 * sum(extremes), mean_c
            )
        return out["vapour_pressure_pa"]


def downscale(
    cut: ClimateCut,
    period: Period,
    month: int,
    elevation_m: Array,
    *,
    row0: int = 0,
    col0: int = 0,
    lapse: LapseRates | None = None,
) -> MonthClimate:
    """A month's climate at the cells of a DEM; for several months use `Downscaler`.

    Parameters
    ----------
    cut
        The climate of these cells (`ClimatePlan.cut`).
    period, month
        A year (or label of normals) that the cut holds, and a month 1..12.
    elevation_m
        (rows, cols) float32 or float64 array, the cells' elevation [m]; NaN for nodata.
    row0, col0
        Index in the whole DEM of ``elevation_m[0, 0]``.
    lapse
        Lapse rates of the two temperatures.

    Returns
    -------
    MonthClimate
        (rows, cols) float32 arrays [degC, mm, Pa, m s-1].

    Raises
    ------
    ArgumentError
        If the cut does not hold the period or does not reach over these cells.

    References
    ----------
    Moore, I. D., Norton, T. W. & Williams, J. E. (1993). Modelling environmental
    heterogeneity in forested landscapes. Journal of Hydrology 150, 717-747.
    doi:10.1016/0022-1694(93)90133-T

    Examples
    --------
    >>> import numpy as np
    >>> def table(*numbers):
    ...     return np.array(numbers, np.float32).reshape(1, 12, 1, 1)
    >>> cut = ClimateCut(
    ...     periods=("1971-2000",),
    ...     days=((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),),
    ...     values={
    ...         "tmin_c": table(*[5.0] * 12),
    ...         "tmax_c": table(*[15.0] * 12),
    ...         "prcp_mm": table(*[80.0] * 12),
    ...     },
    ...     reference_m=np.array([[500.0]], np.float32),
    ...     weight=np.ones((1, 1), np.float32),
    ... )
    >>> january = downscale(cut, "1971-2000", 1, np.array([[500.0, 1500.0]], np.float32))
    >>> january.tmax_c.astype(float).round(2).tolist(), january.prcp_mm.tolist()
    ([[15.0, 8.51]], [[80.0, 80.0]])
    """
    return Downscaler(cut, elevation_m, row0=row0, col0=col0, lapse=lapse).month(period, month)


@dataclass(frozen=True)
class _Corners:
    """Positions of a strip of DEM cells between the centres of climate cells.

    `first` is the flat index of the climate cell whose centre lies to the north-west; `south` and
    `east` are the distances from that centre in climate cells, in [0, 1).
    """

    first: NDArray[np.intp]
    south: Array
    east: Array


def _corners(cut: ClimateCut, window: tuple[int, int, int, int]) -> _Corners:
    """Return the positions of a window of DEM cells; a station has one cell for all of them."""
    if cut.row is None or cut.col is None:
        nowhere = np.zeros(window[2:])
        return _Corners(nowhere.astype(np.intp), nowhere, nowhere)
    row, south = _split(cut.row, window, cut.row0)
    col, east = _split(cut.col, window, cut.col0)
    rows, cols = cut.reference_m.shape
    if not ((row >= 0) & (row < rows - 1) & (col >= 0) & (col < cols - 1)).all():
        raise ArgumentError(
            "the climate cut does not reach over these cells",
            remedy=f"pass the row0 and col0 of the tile for which it was cut, got window {window}",
            field="window",
            value=window,
        )
    return _Corners(row * cols + col, south, east)


class _Blend:
    """A field on climate cells, prepared for bilinear interpolation between their centres.

    The interpolated value is a weighted mean of the four surrounding cells. A cell's weight is
    `weight` times its bilinear weight, or 0 if it has no data. Numerator and denominator of that
    mean are bilinear functions, so each is stored as the four coefficients of
    ``a + b e + s (c + d e)`` for every cell, with e and s the distances east and south. If all
    weights are 1, the denominator is exactly 1 and is omitted; the result is the same to the bit.
    """

    def __init__(self, field: Array, weight: Array) -> None:
        valid = np.isfinite(field)
        share = np.where(valid, weight, 0.0)
        self._sum = _coefficients(np.where(valid, field, 0.0) * share)
        self._shares = None if np.all(share == 1.0) else _coefficients(share)

    def at(self, corners: _Corners) -> Array:
        """Return the field at the strip's cells, NaN if all four surrounding cells are missing."""
        total = _look_up(self._sum, corners)
        if self._shares is None:
            return total
        with np.errstate(invalid="ignore"):
            mean: Array = total / _look_up(self._shares, corners)
        return mean


def _coefficients(field: Array) -> tuple[Array, Array, Array, Array]:
    """Return flat arrays of a, b, c, d; beyond the last row and column values are repeated."""
    wider = np.pad(field, ((0, 1), (0, 1)), mode="edge")
    nw, ne, sw, se = wider[:-1, :-1], wider[:-1, 1:], wider[1:, :-1], wider[1:, 1:]
    parts = (nw, ne - nw, sw - nw, (se - sw) - (ne - nw))
    a, b, c, d = (np.ascontiguousarray(part).ravel() for part in parts)
    return a, b, c, d


def _look_up(coefficients: tuple[Array, Array, Array, Array], corners: _Corners) -> Array:
    a, b, c, d = (part.take(corners.first) for part in coefficients)
    d *= corners.east
    c += d
    c *= corners.south
    b *= corners.east
    a += b
    a += c
    return a


def _split(
    lattice: Lattice, window: tuple[int, int, int, int], origin: int
) -> tuple[NDArray[np.intp], Array]:
    """Return the index (in the cut) of the cell centre before each point, and the distance from it.

    The distance is computed from indices in the whole climate grid, so it is identical to the bit
    in every cut.
    """
    edge = lattice.expand(*window)
    before = np.floor(edge - 0.5)
    return before.astype(np.intp) - origin, (edge - 0.5) - before


def _strips(
    shape: tuple[int, ...], row0: int, col0: int
) -> Iterator[tuple[slice, tuple[int, int, int, int]]]:
    """Yield strips of whole rows: each as a slice of the tile's rows and a window of the DEM."""
    rows, cols = shape
    height = max(1, _STRIP_CELLS // cols)
    for top in range(0, rows, height):
        bottom = min(top + height, rows)
        yield slice(top, bottom), (row0 + top, col0, bottom - top, cols)
