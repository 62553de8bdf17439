"""Terrains on which water is tested."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

CELL_SIZES = [(10.0, 10.0), (30.0, 12.0), (1.0, 2.5)]


def dems(dtype=np.float64, values=None, largest=8):
    """Small difficult terrains: whole metres (many pits, flats and ties), nodata, narrow strips."""
    shapes = st.tuples(st.integers(1, largest), st.integers(1, largest))
    if values is None:
        values = st.one_of(st.integers(-3, 9).map(float), st.just(np.nan))
    return shapes.flatmap(lambda shape: hnp.arrays(dtype, shape, elements=values))


def rough(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(1000.0, 50.0, shape).astype(dtype)


def plane(shape, towards_rad, cell, gradient=0.2):
    """Falls by `gradient` towards a direction clockwise from north."""
    rows, cols = np.indices(shape)
    east, north = cols * cell[0], -rows * cell[1]
    return 1000.0 - gradient * (np.sin(towards_rad) * east + np.cos(towards_rad) * north)
