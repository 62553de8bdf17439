"""How much of a tile is like the mountains to which EEMT_TOPO's plant production was fitted."""

from __future__ import annotations

import numpy as np

from .._arrays import FloatArray
from ..energy import EnergyParameters

#: Elevations of the transects that Equation 11 was fitted to [m].
FITTED_M = (800.0, 2800.0)

CELLS, CELLS_OUTSIDE, CELLS_ON_FLOOR = "topo_cells", "topo_cells_outside", "topo_cells_on_floor"
"""Statistics of a tile: cells with a value, those outside of `FITTED_M`, those on the floor."""

# tolerance for a sum of twelve float32 values, each with a relative rounding error of 6e-8
_ROUNDING = 1e-5


def count_fitted(
    e_bio_mj_m2: FloatArray, elevation_m: FloatArray, parameters: EnergyParameters
) -> dict[str, float]:
    """Count the cells of a tile.

    Parameters
    ----------
    e_bio_mj_m2
        Mean energy of primary production by EEMT_TOPO [MJ m-2 yr-1]; (rows, cols), NaN where it has
        no value.
    elevation_m
        Elevation of the same cells [m].

    Returns
    -------
    counts
        By the names of the tile's statistics.
    """
    floor_mj_m2 = 1e-9 * parameters.organic_heat_j_kg * parameters.npp_floor_g_m2_yr
    valid = np.isfinite(e_bio_mj_m2)
    outside = (elevation_m < FITTED_M[0]) | (elevation_m > FITTED_M[1])
    on_floor = valid & (e_bio_mj_m2 <= floor_mj_m2 * (1.0 + _ROUNDING))
    return {
        CELLS: float(np.count_nonzero(valid)),
        CELLS_OUTSIDE: float(np.count_nonzero(valid & outside)),
        CELLS_ON_FLOOR: float(np.count_nonzero(on_floor)),
    }
