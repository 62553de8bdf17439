"""The kernel of a tile's energy balance with all that it reads of the tile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import _core
from .._arrays import FloatArray, elevation_argument
from ..calendar365 import days_of_month
from ..climate import ClimateCut
from ..climate._source_year import source_year
from ..energy._kernel_parameters import for_kernel
from ..energy._productivity import lean_to_shade
from .contract import read_layer
from .day_lengths import STEP_RAD, day_lengths
from .ground import Ground
from .sunlight import Sunlight

if TYPE_CHECKING:
    from ..climate._model import Period
    from ..grids.grid import Lattice
    from .task import EnergyWork, TileWork


class TileYears:
    """All variants of a tile's energy balance, a year of its climate at a time.

    Attributes
    ----------
    variants
        Maps and sums of each wanted variant; every year fills the maps anew.
    limited_cells
        Cells whose solar ratio met its limits, over all months, years and variants.
    """

    def __init__(
        self,
        folder: Path,
        work: TileWork,
        energy: EnergyWork,
        ground: Ground,
        sunlight: Sunlight,
        cut: ClimateCut,
    ) -> None:
        self._ground, self._cut, self._lapse = ground, cut, energy.lapse
        self.limited_cells = 0
        self._kernel = _core.energy.TileEnergy(
            elevation_argument("elevation_m", ground.elevation_m),
            parameters=for_kernel(energy.parameters),
            wind_m_s=energy.parameters.wind_m_s,
            albedo=energy.parameters.albedo,
            threads=ground.threads,
        )
        if cut.row is not None and cut.col is not None:
            row, col = self._window(cut.row), self._window(cut.col)
            self._kernel.lies_at(row, col, row0=cut.row0, col0=cut.col0)
        if any(name != "trad" for name in energy.variants):
            self._set_sun(sunlight, of_beam=energy.solar_ratio == "beam")
            self._wetness_ratio = _wetness_ratio(folder, energy)
        self.variants = {name: self._add(name, folder, work) for name in energy.variants}

    def compute(self, period: Period) -> None:
        """Compute the twelve months of a period, for all variants."""
        self.limited_cells += self._kernel.year(**source_year(self._cut, period, self._lapse))

    def _window(self, lattice: Lattice) -> _core.energy.LatticeWindow:
        return _core.energy.LatticeWindow(*lattice.places(*self._ground.core.numbers))

    def _set_sun(self, sunlight: Sunlight, *, of_beam: bool) -> None:
        assert sunlight.months == tuple(range(12))  # a run without the whole year is refused
        sums = sunlight.sums
        self._kernel.set_sun(
            sums.beam_wh_m2,
            sums.diffuse_wh_m2,
            sums.reflected_wh_m2,
            sums.flat_beam_wh_m2,
            sums.flat_diffuse_wh_m2,
            np.array([len(days_of_month(month)) for month in range(12)], np.float64),
            ratio_of_beam=of_beam,
        )

    def _add(self, name: str, folder: Path, work: TileWork) -> _core.energy.VariantYear:
        ground = self._ground
        if name == "trad":
            places = ground.latitude.places(*ground.core.numbers)
            days = day_lengths(places, year=work.solar.sun_year, longitude_deg=work.longitude_deg)
            return self._kernel.add_trad(
                self._window(ground.latitude),
                step_rad=STEP_RAD,
                first_node=days.first_node,
                node_rad=days.node_rad,
                node_hours=days.node_hours,
            )
        if name == "topo":
            slope_rad = _towards_shade(ground)
            return self._kernel.add_topo(slope_rad, ground.true_aspect_rad, self._wetness_ratio)
        lai, height_m = read_layer(folder, "lai"), read_layer(folder, "canopy_height")
        assert lai is not None
        assert height_m is not None
        return self._kernel.add_topo_veg(lai, height_m, self._wetness_ratio)


def _wetness_ratio(folder: Path, energy: EnergyWork) -> FloatArray:
    """Return the index over the mean of what is used of it; the kernel cuts it at 0, too."""
    wetness = read_layer(folder, "twi")
    assert wetness is not None
    wetness /= np.float32(energy.mean_wetness)
    return wetness


def _towards_shade(ground: Ground) -> FloatArray:
    """Return the slope with the sign that tells on which side of it the shade lies [rad]."""
    latitude_rad = ground.latitude.expand(*ground.core.numbers).astype(np.float32)
    arrays: dict[str, FloatArray] = {"slope_rad": ground.slope_rad, "latitude_rad": latitude_rad}
    lean_to_shade(arrays)
    return arrays["slope_rad"]
