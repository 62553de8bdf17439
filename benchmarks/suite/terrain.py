"""Slope and aspect, horizons, sky view."""

from eemt_core.terrain._horizon_codes import horizon_codes, sky_view_of_codes
from eemt_core.terrain._slope import slope_aspect_rad

from .landscape import CELL_M, best_seconds, landscape


class SlopeAspect:
    params = ([128, 1024], ["float32", "float64"])
    param_names = ("side", "dtype")

    def setup(self, side, dtype):
        self.z = landscape(side, dtype)

    def run(self):
        slope_aspect_rad(self.z, cell_size_m=CELL_M, threads=1)

    def time_slope_aspect(self, side, dtype):
        self.run()

    def track_cells_per_s_core(self, side, dtype):
        return self.z.size / best_seconds(self.run)

    track_cells_per_s_core.unit = "cells/s/core"


class Horizon:
    params = ([128, 1024], [16, 72])
    param_names = ("side", "directions")

    def setup(self, side, directions):
        self.z = landscape(side)

    def run(self, directions):
        horizon_codes(self.z, cell_size_m=CELL_M, directions=directions, threads=1)

    def time_horizon_map(self, side, directions):
        self.run(directions)

    def track_cell_directions_per_s_core(self, side, directions):
        return self.z.size * directions / best_seconds(lambda: self.run(directions), rounds=3)

    track_cell_directions_per_s_core.unit = "cell-directions/s/core"


class SkyView:
    params = ([128, 512], [16, 72])
    param_names = ("side", "directions")

    def setup(self, side, directions):
        z = landscape(side)
        self.horizon = horizon_codes(z, cell_size_m=CELL_M, directions=directions)
        self.slope, self.aspect = slope_aspect_rad(z, cell_size_m=CELL_M)

    def run(self):
        sky_view_of_codes(self.horizon, self.slope, self.aspect, threads=1)

    def time_sky_view_factor(self, side, directions):
        self.run()

    def track_cell_directions_per_s_core(self, side, directions):
        return self.horizon.size / best_seconds(self.run)

    track_cell_directions_per_s_core.unit = "cell-directions/s/core"
