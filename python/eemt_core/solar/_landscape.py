"""Sunlight on a landscape: from a window of a DEM to sums of irradiation, in one call.

Puts together slope, horizon, sky view and irradiation, and what only the neighbourhood
knows: the light that the surrounding terrain reflects.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._arrays import (
    FloatArray,
    cell_size,
    elevation_argument,
    flag_argument,
    grid_or_number,
)
from .._numbers import instance_of
from ..errors import ArgumentError
from ..plausible import DEFAULT_DIRECTIONS, DEFAULT_LINKE
from ..terrain import FarLevel, Terrain
from ..terrain._horizon_codes import checked_window, horizon_codes, sky_view_of_codes
from ..terrain._slope import slope_aspect_rad
from ..terrain._terrain import WindowNumbers
from ._irradiation import Cells, Irradiation, irradiate
from ._parameters import DEFAULT_MODE, Mode, checked_directions
from ._reflection import MARGIN_CELLS, SAMPLE_BLOCK, SAMPLE_STRIDE, mean_over_surroundings, sampled
from ._sun import Air, Linke, Sun

# Edge of the kernel's blocks [cells]. The larger the fewer skies to work out; but what a block
# takes for one place should not be much more than 3 km of it, and r.sun's formulas ask for
# little relief within one.
_BLOCK_CELLS, _LARGE_BLOCK_CELLS, _LARGE_BLOCK_UP_TO_M = 32, 64, 50.0
_DEFAULT_AIR = Air()


@dataclass(frozen=True, eq=False)
class DemWindow:
    """A window of a DEM with the terrain around it, angles in radians; fields as in `Terrain`."""

    elevation_m: FloatArray
    cell_size_m: float | tuple[float, float]
    latitude_rad: FloatArray | float
    convergence_rad: FloatArray | float = 0.0
    window: WindowNumbers | None = None
    anchor: tuple[int, int] = (0, 0)
    far_field: Sequence[FarLevel] = ()

    @classmethod
    def of(cls, terrain: Terrain) -> DemWindow:
        """Return the terrain with its angles in radians."""
        return cls(
            terrain.elevation_m,
            terrain.cell_size_m,
            np.radians(terrain.latitude_deg),
            np.radians(terrain.convergence_deg),
            terrain.window,
            terrain.anchor,
            terrain.far_field,
        )


@dataclass(frozen=True, eq=False)
class Landscape:
    """A window's cells, surveyed once, ready for any days.

    `cells` are the window's; `samples` cells of the terrain that lights them by reflection
    (`_reflection`), anchored in the raster's samples, or None where a cell is taken to be lit as
    it is itself. `block` is the edge of the kernel's blocks [cells].
    """

    cells: Cells
    samples: Cells | None
    mode: Mode
    block: int

    def irradiation(self, sun: Sun, *, albedo: float, threads: int = 0) -> Irradiation:
        """Return the sums of the sun's groups of days; its mode must be that of the survey."""
        if sun.mode != self.mode:
            raise ArgumentError(
                f"mode must be {self.mode!r} as in the survey, got {sun.mode!r}",
                field="mode",
                value=sun.mode,
            )
        cells = self.cells
        if sun.mode == "rsun":  # r.sun's sky is that of the open slope
            cells = dataclasses.replace(cells, sky_view=None)
        sums = irradiate(cells, sun, albedo=albedo, block=self.block, threads=threads)
        if self.samples is None:
            return sums
        light = irradiate(
            self.samples, sun, albedo=albedo, block=SAMPLE_BLOCK, threads=threads
        ).horizontal_wh_m2
        shape = cells.elevation_m.shape
        assert cells.sky_view is not None
        reflected = np.empty_like(sums.beam_wh_m2)
        # group by group: in double precision all together would take more memory than the sums
        for group in range(len(light)):
            around, here = self.samples.anchor, cells.anchor
            mean = mean_over_surroundings(light[group : group + 1], around, here, shape)[0]
            # an islet too small to hold a sample, and far from all others, is lit as it is itself
            mean = np.where(np.isnan(mean), sums.horizontal_wh_m2[group], mean)
            reflected[group] = albedo * (1 - cells.sky_view) * mean
        return dataclasses.replace(sums, reflected_wh_m2=reflected)


def sunlight(
    terrain: Terrain,
    sun: Sun,
    air: Air = _DEFAULT_AIR,
    *,
    shadows: bool = True,
    directions: int = DEFAULT_DIRECTIONS,
    threads: int = 0,
) -> Irradiation:
    """Clear-sky irradiation of a DEM's cells, shaded and lit by all the terrain around.

    Parameters
    ----------
    terrain
        The DEM and its place on the Earth.
    sun
        The days, and how the sun's way is followed.
    air
        Turbidity and albedo; arrays of turbidity have the shape of the DEM.
    shadows
        Whether terrain shades the sun and hides the sky.
    directions
        Number of directions of the horizon, 8 to 720.
    threads
        Number of threads; 0 means all. No bit of the result depends on it.

    Returns
    -------
    Irradiation
        Sums for the cells of the terrain's window: (groups, rows, cols) arrays [Wh m-2] and [h]
        of the DEM's dtype.

    Raises
    ------
    ArgumentError
        If an argument has a wrong dtype, shape or range.

    Notes
    -----
    Mode ``exact`` compares the refracted sun with a horizon over a curved Earth with
    terrestrial refraction, dims the diffuse light by the sky-view factor, and lights the
    part of the hemisphere that is ground with the mean light of the terrain within 56 cells.
    Mode ``rsun`` keeps to r.sun: geometric sun, no sky view, reflection of the
    cell's own light; r.sun takes grid north for true north as well, which is a convergence of 0.

    References
    ----------
    Rigollier, C., Bauer, O., Wald, L. (2000). On the clear sky model of the ESRA. Solar
    Energy 68(1), 33-48. doi:10.1016/S0038-092X(99)00055-9

    Dozier, J., Frew, J. (1990). Rapid calculation of terrain parameters for radiation
    modeling from digital elevation data. IEEE Transactions on Geoscience and Remote
    Sensing 28(5), 963-969. doi:10.1109/36.58986

    Examples
    --------
    A hill in January: its south side has more than twice the sun of its north side.

    >>> import numpy as np
    >>> from eemt_core.solar import Sun
    >>> from eemt_core.terrain import Terrain
    >>> hill_m = 500.0 * np.exp(-np.hypot(*np.mgrid[-20:21, -20:21]) ** 2 / 100.0)
    >>> terrain = Terrain(hill_m, cell_size_m=30.0, latitude_deg=40.0)
    >>> january = sunlight(terrain, Sun(days=[20]))
    >>> north, south = january.total_wh_m2[0, [10, 30], 20]
    >>> bool(south > 2 * north)
    True
    """
    instance_of("terrain", terrain, Terrain)
    instance_of("sun", sun, Sun)
    instance_of("air", air, Air)
    landscape = survey(
        DemWindow.of(terrain),
        shadows=flag_argument("shadows", shadows),
        directions=checked_directions(directions),
        linke=air.linke,
        mode=sun.mode,
        threads=threads,
    )
    return landscape.irradiation(sun, albedo=air.albedo, threads=threads)


def survey(
    dem: DemWindow,
    *,
    shadows: bool = True,
    directions: int = DEFAULT_DIRECTIONS,
    linke: Linke = DEFAULT_LINKE,
    mode: Mode = DEFAULT_MODE,
    threads: int = 0,
) -> Landscape:
    """Slope, horizon and sky view of a window's cells; parameters as in `sunlight`.

    Arrays of turbidity have the shape of the DEM and are cut like it.
    """
    elevation = elevation_argument("elevation_m", dem.elevation_m)
    size = cell_size(dem.cell_size_m)
    core = checked_window(dem.window, elevation.shape)
    lit_by_others = mode == "exact" and shadows
    wide = _widened(core, dem.anchor, elevation.shape) if lit_by_others else core
    cells = np.s_[wide[0] : wide[0] + wide[2], wide[1] : wide[1] + wide[3]]

    def cut(name: str, value: FloatArray | float) -> FloatArray:
        return np.ascontiguousarray(grid_or_number(name, value, like=elevation)[cells])

    slope, aspect = slope_aspect_rad(elevation, cell_size_m=size, threads=threads)
    slope, aspect = np.ascontiguousarray(slope[cells]), np.ascontiguousarray(aspect[cells])
    horizon = sky_view = None
    if shadows:
        horizon = horizon_codes(
            elevation,
            cell_size_m=size,
            window=wide,
            directions=directions,
            anchor=dem.anchor,
            far_field=dem.far_field,
            refraction=mode == "exact",
            threads=threads,
        )
        sky_view = sky_view_of_codes(horizon, slope, aspect, threads=threads)
    maps = isinstance(linke, np.ndarray) and linke.ndim >= 2
    around = Cells(
        elevation_m=np.ascontiguousarray(elevation[cells]),
        slope_rad=slope,
        aspect_rad=aspect,
        latitude_rad=cut("latitude_rad", dem.latitude_rad),
        convergence_rad=cut("convergence_rad", dem.convergence_rad),
        linke=np.asarray(linke)[..., cells[0], cells[1]] if maps else linke,
        horizon=horizon,
        sky_view=sky_view,
        anchor=(dem.anchor[0] + wide[0], dem.anchor[1] + wide[1]),
    )
    top, left = core[0] - wide[0], core[1] - wide[1]
    here = around.cut(
        slice(top, top + core[2]),
        slice(left, left + core[3]),
        (dem.anchor[0] + core[0], dem.anchor[1] + core[1]),
    )
    samples = around.cut(*sampled(around.anchor)) if lit_by_others else None
    if samples is not None and samples.elevation_m.size == 0:  # too few cells to hold a sample
        samples = None
    large = mode == "exact" and max(size) <= _LARGE_BLOCK_UP_TO_M
    block = _LARGE_BLOCK_CELLS if large else _BLOCK_CELLS
    return Landscape(here, samples, mode, block)


def _widened(core: WindowNumbers, anchor: tuple[int, int], shape: tuple[int, ...]) -> WindowNumbers:
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
