"""From the source's cells to the DEM's: interpolation at the cell, and the lapse rate.

NumPy alone, run inside a tile's task. Every step is per cell and its weights come from
global indices, so a cell's bits do not depend on the tile in which it is computed.

Temperature is interpolated after reduction to sea level: T0 = T + lapse * z_ref for each
source cell, then T = T0 - lapse * z at the DEM's cell. With all four neighbours at hand this
is the usual T_bilinear - lapse * (z - z_ref_bilinear); with some missing, the temperature
and its elevation still come from the same cells.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .._arrays import grid_argument
from ..errors import ArgumentError
from ..grid import Lattice
from . import vapour
from .model import Array, ClimateCut, LapseRates, MonthClimate, Period

# rows of a tile worked on at a time: a million cells' indices and weights in double
# precision would take 100 MB, a strip's stay in cache
_STRIP_CELLS = 1 << 15


class Downscaler:
    """A cut brought to the cells of one tile, month by month.

    Parameters
    ----------
    cut
        The tile's share of the climate.
    elevation_m
        (rows, cols) float32 or float64 array, the tile's elevation [m]; NaN for nodata.
    row0, col0
        Index in the whole DEM of ``elevation_m[0, 0]``.
    lapse
        Lapse rates of the two temperatures.

    Raises
    ------
    ArgumentError
        If the cut does not reach over these cells.
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
        self._cut = cut
        self._elevation_m = elevation_m = grid_argument("elevation_m", elevation_m)
        self._lapse = lapse or LapseRates()
        self._names = tuple(name for name in cut.values if name not in ("tmin_c", "tmax_c"))
        self._strips = [_Corners(cut, strip) for strip in _strips(elevation_m.shape, row0, col0)]

    def month(self, period: Period, month: int) -> MonthClimate:
        """Return month 1..12 of `period` at the tile's cells.

        Raises
        ------
        ArgumentError
            If the cut does not hold the period, or the month is not 1..12.
        """
        if month not in range(1, 13):
            raise ArgumentError(f"month must lie in 1 to 12, got {month!r}")
        cut, k = self._cut, self._cut.index(period)
        out: dict[str, Array] = {
            name: np.empty(self._elevation_m.shape, np.float32) for name in cut.values
        }
        for variable in ("tmin_c", "tmax_c"):
            per_m = self._lapse.of_month(variable, month) / 1000.0
            reference_m = cut.reference_m.astype(float)
            at_sea_level = cut.values[variable][k, month - 1] + per_m * reference_m
            for corners in self._strips:
                z = self._elevation_m[corners.rows].astype(float)
                out[variable][corners.rows] = corners.blend(at_sea_level, cut.weight) - per_m * z
        nodata = np.isnan(self._elevation_m)
        for name in self._names:
            field = cut.values[name][k, month - 1].astype(float)
            for corners in self._strips:
                out[name][corners.rows] = np.maximum(corners.blend(field), 0.0)
            out[name][nodata] = np.nan
        if "vapour_pressure_pa" not in out:
            tmin_c = out["tmin_c"].astype(float)
            out["vapour_pressure_pa"] = vapour.from_tmin(tmin_c).astype(np.float32)
        return MonthClimate(
            tmin_c=out["tmin_c"],
            tmax_c=out["tmax_c"],
            prcp_mm=out["prcp_mm"],
            vapour_pressure_pa=out["vapour_pressure_pa"],
            wind_m_s=out.get("wind_m_s"),
        )


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
    """Return one month at a tile's cells; for several months of a tile use `Downscaler`.

    Parameters
    ----------
    cut
        The tile's share of the climate.
    period, month
        A year (or label of normals) that the cut holds, and a month 1..12.
    elevation_m
        (rows, cols) float32 or float64 array, the tile's elevation [m]; NaN for nodata.
    row0, col0
        Index in the whole DEM of ``elevation_m[0, 0]``.
    lapse
        Lapse rates of the two temperatures.

    Returns
    -------
    MonthClimate
        (rows, cols) float32 arrays.

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


class _Corners:
    """Where a strip of DEM cells lies between the centres of the source's cells."""

    def __init__(self, cut: ClimateCut, strip: tuple[slice, tuple[int, int, int, int]]) -> None:
        self.rows, window = strip
        self._shape = window[2:]
        self._first: NDArray[np.intp] | None = None
        if cut.row is None or cut.col is None:
            return
        row, self._south = _split(cut.row, window, cut.row0)
        col, self._east = _split(cut.col, window, cut.col0)
        source_rows, source_cols = cut.reference_m.shape
        inside = (row >= 0) & (row < source_rows - 1) & (col >= 0) & (col < source_cols - 1)
        if not inside.all():
            raise ArgumentError(
                "the climate cut does not reach over these cells: pass the row0 and col0 of the "
                f"tile for which it was cut, got window {window}"
            )
        self._first = row * source_cols + col
        self._source_cols = source_cols

    def blend(self, field: Array, weight: Array | None = None) -> Array:
        """Return `field`, float64 on the source's cells, at the strip's cells.

        Bilinear between the centres of the four cells around; a cell without data, and in
        proportion one with little weight, hands its share to the others.
        """
        if self._first is None:
            return np.full(self._shape, field[0, 0])
        valid = np.isfinite(field)
        if weight is None and valid.all():
            return self._sum(field) / self._sum(None)
        share = valid * (1.0 if weight is None else weight.astype(float))
        with np.errstate(invalid="ignore"):  # 0 / 0 where all four are missing: NaN is meant
            return self._sum(np.where(valid, field, 0.0) * share) / self._sum(share)

    def _sum(self, field: Array | None) -> Array:
        """Return the weighted sum of four neighbours; None stands for a field of ones.

        The terms keep this order, so that a sum of ones has the same bits as the sum of the
        weights of four valid cells.
        """
        assert self._first is not None
        south, east = self._south, self._east
        north, west = 1.0 - south, 1.0 - east
        if field is None:
            ones: Array = north * west + north * east + south * west + south * east
            return ones
        flat, first = field.ravel(), self._first
        total: Array = north * west * flat[first]
        total += north * east * flat[first + 1]
        total += south * west * flat[first + self._source_cols]
        total += south * east * flat[first + self._source_cols + 1]
        return total


def _split(
    lattice: Lattice, window: tuple[int, int, int, int], origin: int
) -> tuple[NDArray[np.intp], Array]:
    """Return the index of the cell centre before each point, within the cut, and how far past.

    The fraction is formed from the index in the whole source grid: the same bits in each cut.
    """
    edge = lattice.expand(*window)
    before = np.floor(edge - 0.5)
    return before.astype(np.intp) - origin, (edge - 0.5) - before


def _strips(
    shape: tuple[int, ...], row0: int, col0: int
) -> Iterator[tuple[slice, tuple[int, int, int, int]]]:
    """Yield strips of whole rows: their slice in the tile and their window in the DEM."""
    rows, cols = shape
    height = max(1, _STRIP_CELLS // cols)
    for top in range(0, rows, height):
        bottom = min(top + height, rows)
        yield slice(top, bottom), (row0 + top, col0, bottom - top, cols)
