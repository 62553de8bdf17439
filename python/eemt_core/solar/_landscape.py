"""Sunlight on a landscape: from a window of a DEM to sums of irradiation, in one call.

Puts together slope, horizon, sky view and irradiation, and what only the neighbourhood
knows: the light that the surrounding terrain reflects. Arrays are (rows, cols), row 0 in
the north, column 0 in the west; nodata is NaN.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import terrain
from .._arrays import FloatArray, cell_size, grid_argument, grid_or_number
from ..errors import ArgumentError
from ._irradiation import Irradiation, Linke, Mode, irradiation
from ._reflection import MARGIN_CELLS, SAMPLE_BLOCK, SAMPLE_STRIDE, mean_over_surroundings, sampled

Window = tuple[int, int, int, int]

# Edge of the kernel's blocks [cells]. The larger the fewer skies to work out; but what a block
# takes for one place should not be much more than 3 km of it, and r.sun's formulas ask for
# little relief within one.
_BLOCK_CELLS, _LARGE_BLOCK_CELLS, _LARGE_BLOCK_UP_TO_M = 32, 64, 50.0


@dataclass(frozen=True)
class Surface:
    """Cells with all that irradiation asks of them; arrays of one shape."""

    elevation_m: FloatArray
    slope_rad: FloatArray
    aspect_rad: FloatArray  # clockwise from grid north
    latitude_rad: FloatArray
    convergence_rad: FloatArray
    linke: Any
    horizon: NDArray[np.int16] | None
    sky_view: FloatArray | None
    anchor: tuple[int, int]

    def cut(self, rows: slice, cols: slice, anchor: tuple[int, int]) -> Surface:
        """Return the part (a strided one too) whose first cell stands at `anchor`."""

        def part(grid: Any) -> Any:
            if not isinstance(grid, np.ndarray) or grid.ndim < 2:
                return grid
            return np.ascontiguousarray(grid[..., rows, cols])

        values = {f.name: part(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return Surface(**{**values, "anchor": anchor})


@dataclass(frozen=True)
class Landscape:
    """A window's cells, surveyed once, ready for any days.

    `surface` are the window's cells; `samples` cells of the terrain that lights them by
    reflection (`eemt_core.surroundings`), anchored in the raster's samples, or None where a
    cell is taken to be lit by its like. `block` is the edge of the kernel's blocks [cells].
    """

    surface: Surface
    samples: Surface | None
    mode: Mode
    block: int

    def irradiation(
        self,
        days: Sequence[int],
        groups: Sequence[int] | None = None,
        *,
        albedo: float = 0.2,
        **options: Any,
    ) -> Irradiation:
        """Return the sums of `days`; options as in `eemt_core.solar.irradiation`."""
        options = {**options, "days": days, "groups": groups, "albedo": albedo, "mode": self.mode}
        sums = _irradiation(self.surface, {**options, "block": self.block})
        if self.samples is None:
            return sums
        light = _irradiation(self.samples, {**options, "block": SAMPLE_BLOCK}).horizontal
        shape = self.surface.elevation_m.shape
        assert self.surface.sky_view is not None
        reflected = np.empty_like(sums.beam)
        # group by group: in double precision all together would take more memory than the sums
        for group in range(len(light)):
            around, here = self.samples.anchor, self.surface.anchor
            mean = mean_over_surroundings(light[group : group + 1], around, here, shape)[0]
            # an islet too small to hold a sample, and far from all others, is lit by its like
            mean = np.where(np.isnan(mean), sums.horizontal[group], mean)
            reflected[group] = albedo * (1 - self.surface.sky_view) * mean
        return dataclasses.replace(sums, reflected=reflected)


@dataclass(frozen=True)
class Sunlight:
    """Irradiation of a window and the terrain it was computed with (arrays of its cells)."""

    irradiation: Irradiation
    slope_rad: FloatArray
    aspect_rad: FloatArray  # clockwise from grid north
    sky_view: FloatArray | None


def sunlight(
    elevation_m: FloatArray,
    *,
    cell_size_m: float | tuple[float, float],
    latitude_rad: FloatArray | float,
    days: Sequence[int],
    groups: Sequence[int] | None = None,
    year: int = 2026,
    longitude_deg: float = 0.0,
    convergence_rad: FloatArray | float = 0.0,
    window: Window | None = None,
    anchor: tuple[int, int] = (0, 0),
    far_field: Sequence[terrain.FarLevel] = (),
    shadows: bool = True,
    directions: int = 72,
    linke: Linke = 3.0,
    albedo: float = 0.2,
    step_minutes: float = 15.0,
    mode: Mode = "exact",
    threads: int = 0,
) -> Sunlight:
    """Irradiation of the cells of a window of a DEM, shaded by all the terrain around.

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array, elevation [m]: the window and the terrain
        around it that may shade it.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].
    latitude_rad, convergence_rad
        (rows, cols) arrays or numbers [rad]; see `eemt_core.solar.irradiation`.
    window
        (row, col, rows, cols) of the cells wanted; without it all.
    anchor
        (row, col) of elevation_m's first cell in the whole raster.
    far_field
        Coarser terrain beyond the array, fine to coarse (`eemt_core.terrain.FarLevel`).
    shadows
        Whether terrain shades the sun and hides the sky.
    directions
        Number of directions of the horizon map.
    days, groups, year, longitude_deg, linke, albedo, step_minutes, mode, threads
        As in `eemt_core.solar.irradiation`; arrays of turbidity have the shape of
        elevation_m.

    Returns
    -------
    Sunlight
        Sums and terrain for the window's cells.

    Raises
    ------
    ArgumentError
        If an argument has a wrong dtype, shape or range.

    Notes
    -----
    Mode ``exact`` compares the refracted sun with a horizon over a curved Earth with
    terrestrial refraction, dims the diffuse light by the sky-view factor, and lights the
    part of the hemisphere that is ground with the mean light of the surroundings
    (`eemt_core.surroundings`). Mode ``rsun`` keeps to r.sun: geometric sun, no sky view,
    reflection of the cell's own light. r.sun takes grid north for true north as well, which is
    a convergence of 0.

    References
    ----------
    Dozier, J., Frew, J. (1990). Rapid calculation of terrain parameters for radiation
    modeling from digital elevation data. IEEE Transactions on Geoscience and Remote
    Sensing 28(5), 963-969. doi:10.1109/36.58986

    Examples
    --------
    >>> hill = 500.0 * np.exp(-np.hypot(*np.mgrid[-20:21, -20:21]) ** 2 / 100.0)
    >>> light = sunlight(hill, cell_size_m=30.0, latitude_rad=0.7, days=[20])
    >>> north, south = light.irradiation.total[0, [10, 30], 20]
    >>> bool(south > 2 * north)
    True
    """
    landscape = survey(
        elevation_m,
        cell_size_m=cell_size_m,
        latitude_rad=latitude_rad,
        convergence_rad=convergence_rad,
        window=window,
        anchor=anchor,
        far_field=far_field,
        shadows=shadows,
        directions=directions,
        linke=linke,
        mode=mode,
        threads=threads,
    )
    sums = landscape.irradiation(
        days,
        groups,
        albedo=albedo,
        year=year,
        longitude_deg=longitude_deg,
        step_minutes=step_minutes,
        threads=threads,
    )
    surface = landscape.surface
    return Sunlight(sums, surface.slope_rad, surface.aspect_rad, surface.sky_view)


def survey(
    elevation_m: FloatArray,
    *,
    cell_size_m: float | tuple[float, float],
    latitude_rad: FloatArray | float,
    convergence_rad: FloatArray | float = 0.0,
    window: Window | None = None,
    anchor: tuple[int, int] = (0, 0),
    far_field: Sequence[terrain.FarLevel] = (),
    shadows: bool = True,
    directions: int = 72,
    linke: Linke = 3.0,
    mode: Mode = "exact",
    threads: int = 0,
) -> Landscape:
    """Slope, horizon and sky view of a window's cells; parameters as in `sunlight`."""
    elevation = grid_argument("elevation_m", elevation_m)
    size = cell_size(cell_size_m)
    core = _checked_window(window, elevation)
    lit_by_others = mode == "exact" and shadows
    wide = _widened(core, anchor, elevation.shape) if lit_by_others else core
    cells = np.s_[wide[0] : wide[0] + wide[2], wide[1] : wide[1] + wide[3]]

    def cut(name: str, value: FloatArray | float) -> FloatArray:
        return np.ascontiguousarray(grid_or_number(name, value, like=elevation)[cells])

    slope, aspect = terrain.slope_aspect(elevation, cell_size_m=size, threads=threads)
    slope, aspect = np.ascontiguousarray(slope[cells]), np.ascontiguousarray(aspect[cells])
    horizon = sky_view = None
    if shadows:
        horizon = terrain.horizon_map(
            elevation,
            cell_size_m=size,
            window=wide,
            directions=directions,
            anchor=anchor,
            far_field=far_field,
            refraction=mode == "exact",
            threads=threads,
        )
        sky_view = terrain.sky_view_factor(horizon, slope, aspect, threads=threads)
    maps = isinstance(linke, np.ndarray) and linke.ndim >= 2
    around = Surface(
        elevation_m=np.ascontiguousarray(elevation[cells]),
        slope_rad=slope,
        aspect_rad=aspect,
        latitude_rad=cut("latitude_rad", latitude_rad),
        convergence_rad=cut("convergence_rad", convergence_rad),
        linke=np.asarray(linke)[..., cells[0], cells[1]] if maps else linke,
        horizon=horizon,
        sky_view=sky_view,
        anchor=(anchor[0] + wide[0], anchor[1] + wide[1]),
    )
    top, left = core[0] - wide[0], core[1] - wide[1]
    surface = around.cut(
        slice(top, top + core[2]),
        slice(left, left + core[3]),
        (anchor[0] + core[0], anchor[1] + core[1]),
    )
    samples = around.cut(*sampled(around.anchor)) if lit_by_others else None
    large = mode == "exact" and max(size) <= _LARGE_BLOCK_UP_TO_M
    block = _LARGE_BLOCK_CELLS if large else _BLOCK_CELLS
    return Landscape(surface, samples, mode, block)


def _irradiation(surface: Surface, options: dict[str, Any]) -> Irradiation:
    fields = {f.name: getattr(surface, f.name) for f in dataclasses.fields(surface)}
    if options["mode"] == "rsun":  # r.sun's sky is that of the open slope
        fields["sky_view"] = None
    return irradiation(**fields, **options)


def _checked_window(window: Window | None, elevation: FloatArray) -> Window:
    if window is None:
        return 0, 0, *elevation.shape
    row, col, rows, cols = window
    inside = row >= 0 and col >= 0 and rows > 0 and cols > 0
    if not inside or row + rows > elevation.shape[0] or col + cols > elevation.shape[1]:
        raise ArgumentError(f"window {window} must lie within elevation_m of {elevation.shape}")
    return window


def _widened(core: Window, anchor: tuple[int, int], shape: tuple[int, ...]) -> Window:
    """Return the window grown by the margin that surroundings need, within the array.

    It grows to whole blocks of samples of the raster, so that these are the same blocks in
    every window.
    """
    block = SAMPLE_STRIDE * SAMPLE_BLOCK
    spans = []
    for axis in (0, 1):
        first, length = core[axis], core[axis + 2]
        start = first - MARGIN_CELLS
        start -= (start + anchor[axis]) % block
        stop = first + length + MARGIN_CELLS
        stop += -(stop + anchor[axis]) % block
        start, stop = max(start, 0), min(stop, shape[axis])
        spans.append((start, stop - start))
    (row, rows), (col, cols) = spans
    return row, col, rows, cols
