"""Solar irradiation of terrain: clear sky, slopes, shadows, summed over days."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._arrays import (
    FloatArray,
    described,
    flag_argument,
    grid_argument,
    grid_or_number,
    thread_count,
)
from .._numbers import instance_of
from ..calendar365 import MONTHS, days_of_month
from ..errors import ArgumentError
from ..plausible import DEFAULT_LINKE
from ..terrain import Surface, Terrain
from ..terrain._horizon_codes import codes_argument, codes_of_angle
from ._position import sun_of_day
from ._sun import Air, Sun

_BLOCK_CELLS = 32
_DEFAULT_AIR = Air()


@dataclass(frozen=True, eq=False)
class Irradiation:
    """Irradiation and hours of sun, summed over groups of days.

    Attributes
    ----------
    beam_wh_m2, diffuse_wh_m2, reflected_wh_m2
        (groups, rows, cols) arrays: what the inclined, shaded cells receive from the sun itself,
        from the sky, and from the ground around [Wh m-2].
    hours
        (groups, rows, cols) array: time in which the sun shines on the cell's plane [h].
    flat_beam_wh_m2, flat_diffuse_wh_m2
        (groups, rows, cols) arrays: what a horizontal cell at the same place and altitude
        receives under an open sky [Wh m-2].
    horizontal_wh_m2
        (groups, rows, cols) array: what a level surface receives under the cell's own horizon,
        which is the light that the cell's surroundings get [Wh m-2].

    Examples
    --------
    >>> from eemt_core.solar import Sun, irradiation
    >>> from eemt_core.terrain import Surface
    >>> days = irradiation(Surface(500.0, latitude_deg=40.0), Sun([20, 172]))
    >>> days.total_wh_m2.shape, bool((days.total_wh_m2 <= days.flat_total_wh_m2).all())
    ((2, 1, 1), True)
    """

    beam_wh_m2: FloatArray
    diffuse_wh_m2: FloatArray
    reflected_wh_m2: FloatArray
    hours: FloatArray
    flat_beam_wh_m2: FloatArray
    flat_diffuse_wh_m2: FloatArray
    horizontal_wh_m2: FloatArray

    @property
    def total_wh_m2(self) -> FloatArray:
        """Global irradiation of the cells: beam, diffuse and reflected [Wh m-2]."""
        total: FloatArray = self.beam_wh_m2 + self.diffuse_wh_m2 + self.reflected_wh_m2
        return total

    @property
    def flat_total_wh_m2(self) -> FloatArray:
        """Global irradiation of the flat, unshaded surface [Wh m-2]."""
        total: FloatArray = self.flat_beam_wh_m2 + self.flat_diffuse_wh_m2
        return total


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells as the kernel takes them: angles in radians, skylines as codes; arrays of one shape.

    `aspect_rad` is clockwise from grid north; `linke` is as in `Air`; `anchor` is the (row, col) of
    the first cell in the whole raster: any window of it that cuts no block gives the same bits.
    """

    elevation_m: FloatArray
    slope_rad: FloatArray
    aspect_rad: FloatArray
    latitude_rad: FloatArray
    convergence_rad: FloatArray | None = None
    linke: Any = DEFAULT_LINKE
    horizon: NDArray[np.int16] | None = None
    sky_view: FloatArray | None = None
    anchor: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, surface: Surface, air: Air) -> Cells:
        """Return the cells of a surface under that air: where degrees become radians."""
        like = surface.first_array
        if like is None:
            like = np.zeros((1, 1))

        def radians(name: str) -> FloatArray:
            return np.radians(grid_or_number(name, getattr(surface, name), like=like))

        turned = isinstance(surface.convergence_deg, np.ndarray) or surface.convergence_deg != 0.0
        skyline = surface.horizon_deg
        return cls(
            elevation_m=grid_or_number("elevation_m", surface.elevation_m, like=like),
            slope_rad=radians("slope_deg"),
            aspect_rad=radians("aspect_deg"),
            latitude_rad=radians("latitude_deg"),
            convergence_rad=radians("convergence_deg") if turned else None,
            linke=air.linke,
            horizon=None if skyline is None else codes_of_angle(skyline),
            sky_view=surface.sky_view,
        )

    def cut(self, rows: slice, cols: slice, anchor: tuple[int, int]) -> Cells:
        """Return the part (a strided one too) whose first cell stands at `anchor`."""

        def part(grid: Any) -> Any:
            if not isinstance(grid, np.ndarray) or grid.ndim < 2:
                return grid
            return np.ascontiguousarray(grid[..., rows, cols])

        values = {f.name: part(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return Cells(**{**values, "anchor": anchor})


def irradiation(
    surface: Surface,
    sun: Sun,
    air: Air = _DEFAULT_AIR,
    *,
    refraction: bool = True,
    threads: int = 0,
) -> Irradiation:
    """Clear-sky irradiation of inclined cells whose slope, and skyline if any, are known.

    For a DEM use `sunlight`, which finds slopes and skylines and lets cells light each other.

    Parameters
    ----------
    surface
        The cells: elevation, slope, aspect, latitude, and their horizon and sky view if terrain
        shades them.
    sun
        The days, and how the sun's way is followed. In mode ``rsun`` a latitude is that of a
        cell's lower left corner, as r.sun takes it.
    air
        Turbidity and albedo.
    refraction
        Compare the refracted sun with the horizon (mode ``exact``).
    threads
        Number of threads; 0 means all. No bit of the result depends on it.

    Returns
    -------
    Irradiation
        Sums of the surface's dtype: (groups, rows, cols) arrays [Wh m-2] and [h]. Mode ``rsun``
        is computed in float64 always.

    Raises
    ------
    ArgumentError
        If maps of turbidity have another shape than the surface.

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
    >>> from eemt_core.solar import Sun
    >>> from eemt_core.terrain import Surface
    >>> roof = Surface(20.0, slope_deg=35.0, aspect_deg=180.0, latitude_deg=48.0)
    >>> december, june = irradiation(roof, Sun([355, 172])).total_wh_m2.ravel()
    >>> bool(june > 2 * december)
    True
    """
    is_terrain = isinstance(surface, Terrain)
    instance_of("surface", surface, Surface, remedy="give it to sunlight" if is_terrain else "")
    instance_of("sun", sun, Sun)
    instance_of("air", air, Air)
    flag_argument("refraction", refraction)
    return irradiate(
        Cells.of(surface, air), sun, albedo=air.albedo, refraction=refraction, threads=threads
    )


def irradiate(
    cells: Cells,
    sun: Sun,
    *,
    albedo: float,
    refraction: bool = True,
    block: int = _BLOCK_CELLS,
    threads: int = 0,
) -> Irradiation:
    """Return the sums as `irradiation` has them, of cells in radians.

    Parameters
    ----------
    block
        Edge of a block of cells [cells] over which air mass and the sun's azimuth are
        expanded about one centre. A block that covers more than 0.1 degrees of latitude, or over
        which the convergence turns by more than one, is cut.
    """
    elevation = grid_argument("elevation_m", cells.elevation_m)
    dtype, rsun = elevation.dtype, sun.mode == "rsun"
    names = ["slope_rad", "aspect_rad", "latitude_rad"]
    names += [name for name in ("convergence_rad", "sky_view") if getattr(cells, name) is not None]
    grids = {name: grid_argument(name, getattr(cells, name), like=elevation) for name in names}
    air = Air(cells.linke, albedo)
    linke_maps = _linke_maps(air, elevation)
    if rsun:
        elevation = elevation.astype(np.float64)
        grids = {name: grid.astype(np.float64) for name, grid in grids.items()}
        linke_maps = None if linke_maps is None else linke_maps.astype(np.float64)
    sums = _core.solar.irradiation(
        elevation,
        grids["slope_rad"],
        grids["aspect_rad"],
        grids["latitude_rad"],
        days=_day_table(sun, air.values, 0 if linke_maps is None else len(linke_maps)),
        groups=sun.group_count,
        convergence_rad=grids.get("convergence_rad"),
        sky_view=grids.get("sky_view"),
        horizon=_horizon(cells.horizon, elevation),
        linke_maps=linke_maps,
        anchor=cells.anchor,
        block=block,
        rsun=rsun,
        refraction=refraction and not rsun,
        step_hours=sun.step_minutes / 60.0,
        albedo=albedo,
        threads=thread_count(threads),
    ).astype(dtype, copy=False)
    return Irradiation(*(sums[:, component] for component in range(7)))


def _horizon(horizon: NDArray[np.int16] | None, elevation: FloatArray) -> NDArray[np.int16] | None:
    if horizon is None:
        return None
    if horizon.ndim != 3 or horizon.shape[1:] != elevation.shape or horizon.shape[0] < 1:
        raise ArgumentError(
            f"horizon must have shape (directions, {elevation.shape[0]}, {elevation.shape[1]}),"
            f" got shape {horizon.shape}",
            field="horizon",
            value=described(horizon),
        )
    return np.ascontiguousarray(codes_argument(horizon))


def _linke_maps(air: Air, elevation: FloatArray) -> FloatArray | None:
    """Return the turbidity of each cell, where it is known by cell."""
    if air.maps is None:
        return None
    if air.maps.shape[1:] != elevation.shape:
        raise ArgumentError(
            f"linke must have shape {elevation.shape} or (12, {elevation.shape[0]},"
            f" {elevation.shape[1]}), got shape {np.shape(air.linke)}",
            field="linke",
            value=described(air.linke),
        )
    return np.ascontiguousarray(air.maps.astype(elevation.dtype))


def _month_blend(day: int) -> tuple[int, int, float]:
    """The two months whose middles enclose a day, and the weight of the second."""
    middles = [(days_of_month(m).start + days_of_month(m).stop - 1) / 2 for m in range(12)]
    after = next((m for m in range(12) if day <= middles[m]), 12)
    before = after - 1
    start = middles[before] if before >= 0 else middles[11] - 365
    end = middles[after] if after < 12 else middles[0] + 365
    return before % len(MONTHS), after % len(MONTHS), (day - start) / (end - start)


def _day_table(sun: Sun, linke: tuple[float, ...] | None, linke_maps: int) -> NDArray[np.float64]:
    """What the kernel needs to know of each day; columns as in the binding."""
    ephemeris = "rsun" if sun.mode == "rsun" else "accurate"
    table = np.zeros((len(sun.days), 8))
    for row, day, group in zip(table, sun.days, sun.group_of_day, strict=True):
        row[:3] = sun_of_day(
            day, year=sun.year, longitude_deg=sun.longitude_deg, ephemeris=ephemeris
        )
        row[3] = group
        before, after, weight = _month_blend(day)
        if linke is None:
            row[4] = DEFAULT_LINKE  # not used with maps
            row[5:8] = (before, after, weight) if linke_maps == 12 else (0, 0, 0.0)
        elif len(linke) == 1:
            row[4] = linke[0]
        else:
            row[4] = (1 - weight) * linke[before] + weight * linke[after]
    return table
