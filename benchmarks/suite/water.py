"""Filling, directions, areas and wetness."""

from eemt_core import water

from .landscape import CELL_M, best_seconds, landscape


class Water:
    params = ([128, 1024],)
    param_names = ("side",)

    def setup(self, side):
        self.z = landscape(side)
        self.filled = water.fill_depressions(self.z)
        self.direction = water.flow_direction_rad(self.filled, cell_size_m=CELL_M)[0]

    def time_fill_depressions(self, side):
        water.fill_depressions(self.z)

    def time_flow_direction(self, side):
        water.flow_direction_rad(self.filled, cell_size_m=CELL_M, threads=1)

    def time_specific_catchment_area(self, side):
        water.specific_catchment_area_rad(self.direction, cell_size_m=CELL_M)

    def wetness(self):
        water.topographic_wetness_index(self.z, cell_size_m=CELL_M, threads=1)

    def time_topographic_wetness_index(self, side):
        self.wetness()

    def track_cells_per_s_core(self, side):
        return self.z.size / best_seconds(self.wetness)

    track_cells_per_s_core.unit = "cells/s/core"
