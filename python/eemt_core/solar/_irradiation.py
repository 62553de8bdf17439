"""Solar irradiation of terrain: clear sky, slopes, shadows, summed over days.

Arrays are (rows, cols), row 0 in the north, column 0 in the west; nodata is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._arrays import FloatArray, finite_number, grid_argument, grid_or_number, number_in
from ..calendar365 import MONTHS, days_of_month
from ..errors import ArgumentError
from ..plausible import LINKE
from ._position import sun_of_day

Mode = Literal["exact", "rsun"]
Linke = float | Sequence[float] | NDArray[Any]

LINKE_RANGE = (LINKE.lowest, LINKE.highest)


@dataclass(frozen=True)
class Irradiation:
    """Sums per group of days: (groups, rows, cols) arrays.

    Irradiation is in [Wh m-2], `hours` in [h]. The flat parts belong to a horizontal cell at
    the same place and altitude under an open sky; `horizontal` is what a level surface
    receives under the cell's own horizon, the light that its surroundings get.
    """

    beam: FloatArray
    diffuse: FloatArray
    reflected: FloatArray
    hours: FloatArray
    flat_beam: FloatArray
    flat_diffuse: FloatArray
    horizontal: FloatArray

    @property
    def total(self) -> FloatArray:
        """Global irradiation on the slope [Wh m-2]."""
        total: FloatArray = self.beam + self.diffuse + self.reflected
        return total

    @property
    def flat_total(self) -> FloatArray:
        """Global irradiation on the flat, unshaded surface [Wh m-2]."""
        total: FloatArray = self.flat_beam + self.flat_diffuse
        return total


def irradiation(
    elevation_m: FloatArray,
    slope_rad: FloatArray,
    aspect_rad: FloatArray,
    *,
    latitude_rad: FloatArray | float,
    days: Sequence[int],
    groups: Sequence[int] | None = None,
    year: int = 2026,
    longitude_deg: float = 0.0,
    convergence_rad: FloatArray | float = 0.0,
    horizon: NDArray[np.int16] | None = None,
    sky_view: FloatArray | None = None,
    anchor: tuple[int, int] = (0, 0),
    block: int = 32,
    linke: Linke = 3.0,
    albedo: float = 0.2,
    step_minutes: float = 15.0,
    mode: Mode = "exact",
    refraction: bool = True,
    threads: int = 0,
) -> Irradiation:
    """Clear-sky irradiation of inclined, shaded cells, summed over days.

    Parameters
    ----------
    elevation_m, slope_rad, aspect_rad
        (rows, cols) float32 or float64 arrays: altitude [m], slope [rad] and the direction it
        faces, clockwise from grid north [rad] (`eemt_core.terrain.slope_aspect`).
    latitude_rad
        (rows, cols) array or a number, latitude [rad]. In mode ``rsun`` that of the cell's
        lower-left corner, as r.sun takes it.
    days
        Day numbers, 1 to 365.
    groups
        For each day the index of the sum it belongs to, from 0; rising. Without it every
        day is a sum of its own. `eemt_core.calendar365.month_groups` makes monthly sums.
    year
        The sun's year (mode ``exact``; r.sun's sun is the same in all years).
    longitude_deg
        Longitude [degrees, east] whose solar noon dates the declination; 180 degrees off
        changes daily sums by less than 0.5 %, so one serves for the widest raster.
    convergence_rad
        (rows, cols) array or a number: true azimuth minus grid azimuth [rad].
    horizon
        (directions, rows, cols) int16 array of `eemt_core.terrain.horizon_map`; without it
        no terrain shades the sun.
    sky_view
        (rows, cols) array, sky-view factor of the inclined cell (0 to 1); without it
        (1 + cos slope)/2.
    anchor
        (row, column) of the array's first cell in the whole raster: any window of a raster
        that cuts no block gives the same bits.
    block
        Edge of a block of cells [cells] over which air mass and the sun's azimuth are
        expanded about one centre. A block that covers more than 0.1 degrees of latitude, or over
        which the convergence turns by more than one, is cut.
    linke
        Linke turbidity: a number, twelve monthly values (middles of the months, interpolated
        by day), a (rows, cols) array, or a (12, rows, cols) array.
    albedo
        Reflectance of the surroundings, 0 to 1.
    step_minutes
        Longest time step [min], above 0 and up to 120. In mode ``exact`` the step at which the
        clear sky is integrated; shadows do not depend on it.
    mode
        ``exact``: true sunrise and sunset, equal steps between them, the moments solved for at
        which the sun passes the cell's horizon and plane, accurate ephemeris. ``rsun``:
        r.sun's formulas and time grid.
    refraction
        Compare the refracted sun with the horizon (mode ``exact``).
    threads
        Number of threads; 0 means all. No bit of the result depends on it.

    Returns
    -------
    Irradiation
        Sums of the input's dtype. Mode ``rsun`` is computed in float64 always.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape, or a number lies outside its range.

    Notes
    -----
    A cell with NaN in any of its inputs is NaN; no other cell is touched by it.

    References
    ----------
    Rigollier, C., Bauer, O., Wald, L. (2000). On the clear sky model of the ESRA. Solar
    Energy 68(1), 33-48. doi:10.1016/S0038-092X(99)00055-9

    Muneer, T. (1990). Solar radiation model for Europe. Building Services Engineering
    Research and Technology 11(4), 153-163. doi:10.1177/014362449001100405

    Hofierka, J., Suri, M. (2002). The solar radiation model for Open source GIS. Proceedings
    of the Open source GIS - GRASS users conference, Trento.

    Examples
    --------
    >>> flat = np.zeros((1, 1))
    >>> sums = irradiation(flat, flat, flat, latitude_rad=np.radians(40.0), days=[172])
    >>> 8000 < sums.total.item() < 9000
    True
    """
    elevation = grid_argument("elevation_m", elevation_m)
    if mode not in ("exact", "rsun"):
        raise ArgumentError(f"mode must be 'exact' or 'rsun', got {mode!r}")
    dtype = elevation.dtype
    grids = {
        "slope_rad": grid_argument("slope_rad", slope_rad, like=elevation),
        "aspect_rad": grid_argument("aspect_rad", aspect_rad, like=elevation),
        "latitude_rad": grid_or_number("latitude_rad", latitude_rad, like=elevation),
    }
    if isinstance(convergence_rad, np.ndarray) or convergence_rad != 0.0:
        grids["convergence_rad"] = grid_or_number(
            "convergence_rad", convergence_rad, like=elevation
        )
    if sky_view is not None:
        grids["sky_view"] = grid_argument("sky_view", sky_view, like=elevation)
    linke_maps, linke_values = _turbidity(linke, elevation)
    if mode == "rsun":
        elevation = elevation.astype(np.float64)
        grids = {name: grid.astype(np.float64) for name, grid in grids.items()}
        linke_maps = None if linke_maps is None else linke_maps.astype(np.float64)
    group_of = _groups(days, groups)
    map_count = 0 if linke_maps is None else len(linke_maps)
    table = _day_table(days, group_of, mode, year, longitude_deg, linke_values, map_count)
    sums = _core.solar.irradiation(
        elevation,
        grids["slope_rad"],
        grids["aspect_rad"],
        grids["latitude_rad"],
        days=table,
        groups=max(group_of) + 1,
        convergence_rad=grids.get("convergence_rad"),
        sky_view=grids.get("sky_view"),
        horizon=_horizon(horizon, elevation),
        linke_maps=linke_maps,
        anchor=anchor,
        block=block,
        rsun=mode == "rsun",
        refraction=refraction and mode == "exact",
        step_hours=_step_hours(step_minutes),
        albedo=number_in("albedo", albedo, 0.0, 1.0),
        threads=threads,
    ).astype(dtype, copy=False)
    return Irradiation(*(sums[:, component] for component in range(7)))


def _step_hours(step_minutes: float) -> float:
    minutes = finite_number("step_minutes", step_minutes)
    if not 0 < minutes <= 120:
        raise ArgumentError(f"step_minutes must lie above 0 and up to 120, got {minutes:g}")
    return minutes / 60.0


def _groups(days: Sequence[int], groups: Sequence[int] | None) -> list[int]:
    if len(days) == 0:
        raise ArgumentError("days must name at least one day")
    group_of = list(range(len(days))) if groups is None else [int(g) for g in groups]
    if len(group_of) != len(days):
        raise ArgumentError(
            f"groups must have one entry per day, got {len(group_of)} for {len(days)} days"
        )
    if min(group_of) < 0 or sorted(group_of) != group_of:
        raise ArgumentError("groups must rise from 0")
    return group_of


def _horizon(horizon: NDArray[np.int16] | None, elevation: FloatArray) -> NDArray[np.int16] | None:
    if horizon is None:
        return None
    if not isinstance(horizon, np.ndarray) or horizon.dtype != np.int16:
        raise ArgumentError("horizon must be the int16 array that terrain.horizon_map returns")
    if horizon.ndim != 3 or horizon.shape[1:] != elevation.shape or horizon.shape[0] < 1:
        raise ArgumentError(
            f"horizon must have shape (directions, {elevation.shape[0]}, {elevation.shape[1]}),"
            f" got shape {horizon.shape}"
        )
    return np.ascontiguousarray(horizon)


def _turbidity(
    linke: Linke, elevation: FloatArray
) -> tuple[FloatArray | None, Sequence[float] | None]:
    """Split turbidity into maps (1 or 12 of them) or numbers (1 or 12 of them)."""
    low, high = LINKE_RANGE
    if isinstance(linke, np.ndarray) and linke.ndim >= 2:
        maps = linke[np.newaxis] if linke.ndim == 2 else linke
        if maps.ndim != 3 or maps.shape[0] not in (1, 12) or maps.shape[1:] != elevation.shape:
            raise ArgumentError(
                f"linke must have shape {elevation.shape} or (12, {elevation.shape[0]},"
                f" {elevation.shape[1]}), got shape {linke.shape}"
            )
        known = maps[~np.isnan(maps)]
        if known.size and not (low <= known.min() and known.max() <= high):
            raise ArgumentError(f"linke must lie in [{low:g}, {high:g}] everywhere")
        return np.ascontiguousarray(maps.astype(elevation.dtype)), None
    values = [linke] if np.ndim(linke) == 0 else list(linke)  # type: ignore[arg-type]
    if len(values) not in (1, 12):
        raise ArgumentError(f"linke must be one number or twelve, got {len(values)}")
    return None, [number_in("linke", value, low, high) for value in values]


def _month_blend(day: int) -> tuple[int, int, float]:
    """The two months whose middles enclose a day, and the weight of the second."""
    middles = [(days_of_month(m).start + days_of_month(m).stop - 1) / 2 for m in range(12)]
    after = next((m for m in range(12) if day <= middles[m]), 12)
    before = after - 1
    start = middles[before] if before >= 0 else middles[11] - 365
    end = middles[after] if after < 12 else middles[0] + 365
    return before % len(MONTHS), after % len(MONTHS), (day - start) / (end - start)


def _day_table(
    days: Sequence[int],
    group_of: Sequence[int],
    mode: Mode,
    year: int,
    longitude_deg: float,
    linke_values: Sequence[float] | None,
    linke_maps: int,
) -> NDArray[np.float64]:
    """What the kernel needs to know of each day; columns as in the binding."""
    ephemeris = "rsun" if mode == "rsun" else "accurate"
    longitude = number_in("longitude_deg", longitude_deg, -360, 360)
    table = np.zeros((len(days), 8))
    for row, day, group in zip(table, days, group_of, strict=True):
        row[:3] = sun_of_day(int(day), year=year, longitude_deg=longitude, ephemeris=ephemeris)
        row[3] = group
        before, after, weight = _month_blend(int(day))
        if linke_values is None:
            row[4] = 3.0  # not used with maps
            row[5:8] = (before, after, weight) if linke_maps == 12 else (0, 0, 0.0)
        elif len(linke_values) == 1:
            row[4] = linke_values[0]
        else:
            row[4] = (1 - weight) * linke_values[before] + weight * linke_values[after]
    return table
