"""Slope and aspect, horizons, sky view."""

from eemt_core import terrain

from .landscape import CELL_M, best_seconds, landscape


class SlopeAspect:
    params = ([128, 1024], ["float32", "float64"])
    param_names = ("side", "dtype")

    def setup(self, side, dtype):
        self.z = landscape(side, dtype)

    def run(self):
        terrain.slope_aspect(self.z, cell_size_m=CELL_M, threads=1)

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
        terrain.horizon_map(self.z, cell_size_m=CELL_M, directions=directions, threads=1)

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
        self.horizon = terrain.horizon_map(z, cell_size_m=CELL_M, directions=directions)
        self.slope, self.aspect = terrain.slope_aspect(z, cell_size_m=CELL_M)

    def run(self):
        terrain.sky_view_factor(self.horizon, self.slope, self.aspect, threads=1)

    def time_sky_view_factor(self, side, directions):
        self.run()

    def track_cell_directions_per_s_core(self, side, directions):
        return self.horizon.size / best_seconds(self.run)

    track_cell_directions_per_s_core.unit = "cell-directions/s/core"
