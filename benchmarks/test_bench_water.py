"""Speed of filling, directions, areas and wetness [cells/s] on one core.

Expectation: all of it within 0.3 s for a million cells of rough terrain on a core of 2023
(filling about 0.1, directions 0.07, areas 0.05), each answer checked before it is timed.
"""

import numpy as np
import pytest

from eemt_core import water

SIDE = 1000
CELL_M = 10.0


@pytest.fixture(scope="module")
def terrain():
    """A million cells with a power-law spectrum: ridges, valleys and pits of all sizes."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    frequency[0, 0] = np.inf
    noise = np.fft.rfft2(np.random.default_rng(0).normal(size=(SIDE, SIDE)))
    z = np.fft.irfft2(noise / frequency**2, s=(SIDE, SIDE))
    return (1000.0 * (z - z.min()) / np.ptp(z)).astype(np.float32)


@pytest.fixture(scope="module")
def filled(terrain):
    return water.fill_depressions(terrain)


@pytest.fixture(scope="module")
def direction(filled):
    return water.flow_direction(filled, cell_size_m=CELL_M)[0]


@pytest.fixture
def timed(benchmark):
    """Time a call and note its rate."""

    def run(function, *arguments, **options):
        benchmark.pedantic(function, arguments, options, rounds=5, warmup_rounds=1)
        if benchmark.stats is not None:
            benchmark.extra_info["cells_per_s"] = SIDE * SIDE / benchmark.stats.stats.min

    return run


def test_filling(timed, terrain, filled):
    assert np.all(filled >= terrain)
    np.testing.assert_array_equal(water.fill_depressions(filled), filled)
    timed(water.fill_depressions, terrain)


def test_directions(timed, filled, direction):
    inside = direction[1:-1, 1:-1]
    assert np.all((inside >= 0) & (inside < 2 * np.pi))  # nothing stays in a pit
    timed(water.flow_direction, filled, cell_size_m=CELL_M, threads=1)


def test_areas(timed, direction):
    area = water.specific_catchment_area(direction, cell_size_m=CELL_M)
    assert area.min() >= CELL_M
    assert area.max() <= SIDE * SIDE * CELL_M * np.sqrt(2)
    timed(water.specific_catchment_area, direction, cell_size_m=CELL_M)


def test_wetness(timed, terrain, filled, direction):
    gradient = water.flow_direction(filled, cell_size_m=CELL_M)[1]
    a = water.specific_catchment_area(direction, cell_size_m=CELL_M)
    wetness = water.topographic_wetness_index(terrain, cell_size_m=CELL_M, threads=1)
    # float32 sums over paths of some thousand cells
    np.testing.assert_allclose(wetness, np.log(a / np.maximum(gradient, 1e-3)), atol=1e-4)
    timed(water.topographic_wetness_index, terrain, cell_size_m=CELL_M, threads=1)
