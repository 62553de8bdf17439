"""Slope and aspect, horizons, sky view."""

from eemt_core import terrain

from .landscape import CELL_M, best_seconds, landscape


class SlopeAspect:
    params = (["float32", "float64"], [256, 1024])
    param_names = ("dtype", "side")

    def setup(self, dtype, side):
        self.z = landscape(side, dtype)

    def run(self):
        terrain.slope_aspect(self.z, cell_size_m=CELL_M, threads=1)

    def time_slope_aspect(self, dtype, side):
        self.run()

    def track_cells_per_s_core(self, dtype, side):
        return self.z.size / best_seconds(self.run)

    track_cells_per_s_core.unit = "cells/s/core"


class Horizon:
    params = ([256, 1024], [16, 72])
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
    params = ([16, 72],)
    param_names = ("directions",)

    def setup(self, directions):
        z = landscape(512)
        self.horizon = terrain.horizon_map(z, cell_size_m=CELL_M, directions=directions)
        self.slope, self.aspect = terrain.slope_aspect(z, cell_size_m=CELL_M)

    def run(self):
        terrain.sky_view_factor(self.horizon, self.slope, self.aspect, threads=1)

    def time_sky_view_factor(self, directions):
        self.run()

    def track_cell_directions_per_s_core(self, directions):
        return self.horizon.size / best_seconds(self.run)

    track_cell_directions_per_s_core.unit = "cell-directions/s/core"
