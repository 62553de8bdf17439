"""Speed of filling, directions, areas and wetness [cells/s] on one core.

Expectation: all of it within 0.1 s for a million cells of rough terrain on a core of 2024
(filling about 0.04, directions 0.015, areas 0.03), each answer checked before it is timed.
"""

import numpy as np
import pytest

from eemt_core import water
from suite.landscape import CELL_M, landscape

SIDE = 1000


@pytest.fixture(scope="module")
def terrain():
    return landscape(SIDE)


@pytest.fixture(scope="module")
def filled(terrain):
    return water.fill_depressions(terrain)


@pytest.fixture(scope="module")
def direction(filled):
    return water.flow_direction_rad(filled, cell_size_m=CELL_M)[0]


def test_filling(rate, terrain, filled):
    assert np.all(filled >= terrain)
    np.testing.assert_array_equal(water.fill_depressions(filled), filled)
    rate("cells", SIDE * SIDE, water.fill_depressions, terrain)


def test_directions(rate, filled, direction):
    inside = direction[1:-1, 1:-1]
    assert np.all((inside >= 0) & (inside < 2 * np.pi))  # nothing stays in a pit
    rate("cells", SIDE * SIDE, water.flow_direction_rad, filled, cell_size_m=CELL_M, threads=1)


def test_areas(rate, direction):
    area = water.specific_catchment_area_rad(direction, cell_size_m=CELL_M)
    assert area.min() >= CELL_M
    assert area.max() <= SIDE * SIDE * CELL_M * np.sqrt(2)
    rate("cells", SIDE * SIDE, water.specific_catchment_area_rad, direction, cell_size_m=CELL_M)


def test_wetness(rate, terrain, filled, direction):
    gradient = water.flow_direction_rad(filled, cell_size_m=CELL_M)[1]
    a = water.specific_catchment_area_rad(direction, cell_size_m=CELL_M)
    wetness = water.topographic_wetness_index(terrain, cell_size_m=CELL_M, threads=1)
    # float32 sums over paths of some thousand cells
    np.testing.assert_allclose(wetness, np.log(a / np.maximum(gradient, 1e-3)), atol=1e-4)
    rate(
        "cells",
        SIDE * SIDE,
        water.topographic_wetness_index,
        terrain,
        cell_size_m=CELL_M,
        threads=1,
    )
