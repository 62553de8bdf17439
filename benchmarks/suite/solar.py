"""Irradiation: how many cells and time steps a core sums in a second."""

import math
from dataclasses import replace

import numpy as np

from eemt_core import solar
from eemt_core.solar._irradiation import Cells, irradiate
from eemt_core.solar._position import day_length_hours_rad
from eemt_core.terrain._horizon_codes import horizon_codes
from eemt_core.terrain._slope import slope_aspect_rad

from .landscape import CELL_M, best_seconds, landscape

LATITUDE_RAD = math.radians(40.0)
DAYS = list(range(15, 365, 30))  # the middle of each month: day lengths of a year


class DaysOfIrradiation:
    """Twelve days, one sum: all that a call reads."""

    def __init__(self, side, dtype, mode, shadows, step_minutes=15.0):
        z = landscape(side, dtype)
        slope, aspect = slope_aspect_rad(z, cell_size_m=CELL_M)
        self.arrays = (z, slope, aspect)
        self.cells = z.size
        self.horizon = horizon_codes(z, cell_size_m=CELL_M) if shadows else None
        latitude = np.full(z.shape, LATITUDE_RAD, dtype)
        self.surface = Cells(z, slope, aspect, latitude, horizon=self.horizon)
        one_sum = [0] * len(DAYS)
        self.sun = solar.Sun(DAYS, groups=one_sum, mode=mode, step_minutes=step_minutes, year=2026)

    def __call__(self, day=None):
        sun = self.sun if day is None else replace(self.sun, days=[day], groups=None)
        return irradiate(self.surface, sun, albedo=0.2, threads=1)

    def steps(self):
        """Number of time steps in which the sun is up, over all days."""
        step = self.sun.step_minutes / 60
        hours = [float(day_length_hours_rad(LATITUDE_RAD, day, year=2026)) for day in DAYS]
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
