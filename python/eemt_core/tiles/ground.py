"""A tile's ground: elevation with its halo and far field, place on the Earth, slope, horizon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._arrays import FloatArray
from ..grids.grid import Lattice
from ..grids.tiling import Window
from ..solar._irradiation import Cells
from ..solar._landscape import DemWindow, Landscape, survey
from .contract import read_dem, read_far_field, read_geometry, read_layer

if TYPE_CHECKING:
    from ..solar._parameters import SolarParameters
    from .recorder import Recorder
    from .task import TileWork

_TURN = 2.0 * np.pi


@dataclass(frozen=True)
class Ground:
    """What the sun and the water meet.

    Attributes
    ----------
    core, halo
        The windows in the whole DEM.
    landscape
        The core's cells with slope, horizon and sky view, and the terrain around them.
    true_aspect_rad
        (rows, cols) float32 array of the core; clockwise from true north, 0 where flat.
    latitude
        Lattice over the whole DEM [rad].
    """

    core: Window
    halo: Window
    landscape: Landscape
    true_aspect_rad: FloatArray
    latitude: Lattice
    threads: int

    @property
    def cells(self) -> Cells:
        """The core window's cells: (rows, cols) float32 arrays."""
        return self.landscape.cells

    @property
    def elevation_m(self) -> FloatArray:
        """Elevation of the core's cells [m]."""
        return self.cells.elevation_m

    @property
    def slope_rad(self) -> FloatArray:
        """Slope of the core's cells [rad]."""
        return self.cells.slope_rad


def read_ground(folder: Path, work: TileWork, recorder: Recorder, threads: int) -> Ground:
    """Survey the terrain of a task's folder; record slope, aspect and sky view."""
    core, halo, solar = work.core, work.halo, work.solar
    latitude, convergence = read_geometry(folder)
    # r.sun takes the latitude of a cell's lower left corner, and one direction for north
    at = (1.0, 0.0) if solar.mode == "rsun" else (0.5, 0.5)
    north = work.rsun_north_rad if solar.mode == "rsun" else None
    turn = convergence.expand(*halo.numbers) if north is None else np.full(halo.shape, north)
    with recorder.stage("terrain"):
        dem = DemWindow(
            read_dem(folder),
            work.cell_size_m,
            latitude_rad=latitude.expand(*halo.numbers, *at).astype(np.float32),
            convergence_rad=turn.astype(np.float32),
            window=core.relative_to(halo).numbers,
            anchor=(halo.row0, halo.col0),
            far_field=read_far_field(folder),
        )
        landscape = survey(
            dem,
            shadows=solar.shadows,
            directions=solar.directions,
            linke=_linke(folder, solar),
            mode="rsun" if solar.mode == "rsun" else "exact",
            threads=threads,
        )
    cells = landscape.cells
    turned = (cells.aspect_rad + convergence.expand(*core.numbers)) % _TURN
    true_aspect = np.where(cells.slope_rad > 0, turned, cells.aspect_rad).astype(np.float32)
    recorder.put("slope", None, cells.slope_rad)
    recorder.put("aspect", None, true_aspect)
    if cells.sky_view is not None:
        recorder.put("sky_view", None, cells.sky_view)
    return Ground(core, halo, landscape, true_aspect, latitude, threads)


def _linke(folder: Path, solar: SolarParameters) -> Any:
    """Return numbers as they are, and maps of the halo's cells otherwise."""
    if solar.linke:
        return solar.linke[0] if len(solar.linke) == 1 else list(solar.linke)
    return read_layer(folder, "linke")
