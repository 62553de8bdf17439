"""Irradiation: how many cells and time steps a core sums in a second."""

import math

import numpy as np

from eemt_core import solar, terrain

from .landscape import CELL_M, best_seconds, landscape

LATITUDE_RAD = math.radians(40.0)
DAYS = list(range(15, 365, 30))  # the middle of each month: day lengths of a year


class DaysOfIrradiation:
    """Twelve days, one sum: all that a call reads."""

    def __init__(self, side, dtype, mode, shadows, step_minutes=15.0):
        z = landscape(side, dtype)
        slope, aspect = terrain.slope_aspect(z, cell_size_m=CELL_M)
        self.arrays = (z, slope, aspect)
        self.cells = z.size
        self.options = {
            "latitude_rad": LATITUDE_RAD,
            "days": DAYS,
            "groups": [0] * len(DAYS),
            "mode": mode,
            "step_minutes": step_minutes,
        }
        if shadows:
            self.options["horizon"] = terrain.horizon_map(z, cell_size_m=CELL_M)

    def __call__(self, **changes):
        return solar.irradiation(*self.arrays, **{"threads": 1} | self.options | changes)

    def steps(self):
        """Number of time steps in which the sun is up, over all days."""
        step = self.options["step_minutes"] / 60
        hours = [float(solar.day_length_hours(LATITUDE_RAD, day, year=2026)) for day in DAYS]
        return sum(math.ceil(h / step - 1e-9) for h in hours)


class Irradiation:
    params = ([128, 512], ["exact", "rsun"], ["float32", "float64"], [False, True])
    param_names = ("side", "mode", "dtype", "shadows")

    def setup(self, side, mode, dtype, shadows):
        self.run = DaysOfIrradiation(side, np.dtype(dtype), mode, shadows)

    def time_twelve_days(self, side, mode, dtype, shadows):
        self.run()

    def track_cell_steps_per_s_core(self, side, mode, dtype, shadows):
        return self.run.cells * self.run.steps() / best_seconds(self.run)

    track_cell_steps_per_s_core.unit = "cell-steps/s/core"


class Positions:
    def setup(self):
        self.moments = np.arange("2026-01-01", "2026-03-01", dtype="datetime64[m]")

    def time_solar_position(self):
        solar.solar_position(self.moments, latitude_deg=40.0, longitude_deg=-105.0)
