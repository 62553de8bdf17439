"""Cells on their way: packed for a task, encoded for a map with its overviews."""

import numpy as np

from eemt_core.blocks.codec import Codec
from eemt_core.blocks.layers import Piece, encode_layer
from eemt_core.blocks.pyramid import Pyramid, block_edge
from eemt_core.tiles.packing import pack

from .landscape import best_seconds, landscape


class Packing:
    """Elevations as they come: in tenths of a metre, or with every bit of a float32 in use."""

    params = ([128, 1024], ["tenths", "bits"])
    param_names = ("side", "elevations")

    def setup(self, side, elevations):
        z = landscape(side)
        self.z = np.rint(z * 10) / np.float32(10) if elevations == "tenths" else z

    def run(self):
        pack(self.z)

    def time_pack(self, side, elevations):
        self.run()

    def track_cells_per_s_core(self, side, elevations):
        return self.z.size / best_seconds(self.run)

    track_cells_per_s_core.unit = "cells/s/core"


class Encoding:
    params = ([128, 1024], ["deflate", "zstd"])
    param_names = ("side", "compress")

    def setup(self, side, compress):
        self.z = landscape(side)
        pyramid = Pyramid(side, side, block_edge(side))
        self.piece = Piece(0, 0, side, side, pyramid, pyramid.levels)
        self.codec = Codec(compress)

    def run(self):
        encode_layer(self.z, self.piece, self.codec)

    def time_encode(self, side, compress):
        self.run()

    def track_cells_per_s_core(self, side, compress):
        return self.z.size / best_seconds(self.run)

    track_cells_per_s_core.unit = "cells/s/core"
