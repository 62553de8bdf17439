"""A month of the energy balance, per variant."""

import numpy as np

from eemt_core.energy import MonthClimate, MonthSun, Vegetation, eemt_topo_veg, eemt_trad
from eemt_core.energy._balance import topo_terms

from .landscape import best_seconds

CLIMATE = {"tmin_c": (-10.0, 5.0), "tmax_c": (6.0, 25.0), "prcp_mm": (0.0, 150.0)}
SLOPE = CLIMATE | {
    "vapour_pressure_pa": (300.0, 1200.0),
    "elevation_m": (1000.0, 3000.0),
    "wetness_ratio": (0.4, 3.4),
    "solar_topo_wh_m2": (50e3, 250e3),
    "solar_flat_wh_m2": (100e3, 200e3),
    "wind_m_s": (1.0, 4.0),
    "albedo": (0.1, 0.3),
}
RANGES = {
    "trad": CLIMATE | {"daylight_hours": (9.0, 15.0)},
    "topo": SLOPE
    | {"slope_rad": (0.0, 0.8), "aspect_rad": (0.0, 6.28), "latitude_rad": (0.5, 0.9)},
    "topo_veg": SLOPE | {"lai": (0.0, 6.0), "canopy_height_m": (0.0, 30.0)},
}


def month(variant, shape, dtype):
    """All that a variant reads of a month, drawn cell by cell from its range."""
    rng = np.random.default_rng(1)
    return {n: rng.uniform(*limits, shape).astype(dtype) for n, limits in RANGES[variant].items()}


def trad(cells, *, days, threads=0):
    """EEMT_TRAD of the cells of `month`."""
    cells = dict(cells)
    hours = cells.pop("daylight_hours")
    return eemt_trad(MonthClimate(**cells, days=days), daylight_hours=hours, threads=threads)


def _climate_and_sun(cells, days):
    """The groups that both other variants take, and the cells that are in neither."""
    rest = dict(cells)
    names = (*CLIMATE, "vapour_pressure_pa", "wind_m_s")
    climate = MonthClimate(**{name: rest.pop(name) for name in names}, days=days)
    sums = rest.pop("solar_topo_wh_m2"), rest.pop("solar_flat_wh_m2")
    return climate, MonthSun(*sums, albedo=rest.pop("albedo")), rest


def topo(cells, *, days, threads=0):
    """EEMT_TOPO of the cells of `month`, whose angles are radians, as the run's are."""
    climate, sun, rest = _climate_and_sun(cells, days)
    return topo_terms(climate, sun, **rest, threads=threads)


def topo_veg(cells, *, days, threads=0):
    """EEMT_TOPO-VEG of the cells of `month`."""
    climate, sun, rest = _climate_and_sun(cells, days)
    vegetation = Vegetation(rest.pop("lai"), rest.pop("canopy_height_m"))
    return eemt_topo_veg(climate, sun, vegetation, **rest, threads=threads)


VARIANTS = {"trad": trad, "topo": topo, "topo_veg": topo_veg}


class Month:
    params = (list(RANGES), ["float32", "float64"])
    param_names = ("variant", "dtype")

    def setup(self, variant, dtype):
        self.cells = month(variant, (200, 500), np.dtype(dtype))
        self.function = VARIANTS[variant]

    def run(self):
        self.function(self.cells, days=31, threads=1)

    def time_month(self, variant, dtype):
        self.run()

    def track_cell_months_per_s_core(self, variant, dtype):
        return 200 * 500 / best_seconds(self.run)

    track_cell_months_per_s_core.unit = "cell-months/s/core"
