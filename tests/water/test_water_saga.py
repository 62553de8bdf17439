"""Catchment area and wetness compared with SAGA GIS, run on the same terrain.

Both implement D-infinity, but not alike: SAGA takes the direction from the gradient of the
3 x 3 window, we from Tarboton's steepest facet. On a smooth hill the two differ by some
hundredths of a radian, most around the summit and along its ridge, where a facet sees the
flank and central differences see little; so the bulk of the cells must agree within a few
per cent, and single cells may differ more.
"""

import numpy as np
import pytest

import saga_harness as saga
from eemt_core import water

CELL_M = 10.0
pytestmark = pytest.mark.saga


def hill(rows=181, cols=201):
    """A smooth, oblong, oblique hill without pits, its top between the cells."""
    r, c = np.indices((rows, cols))
    x, y = (c - 100.3) / 60, (r - 89.6) / 60
    return (1000 * np.exp(-(x**2 + 0.5 * y**2 + 0.3 * x * y))).astype(np.float32)


@pytest.fixture(scope="module")
def from_saga(tmp_path_factory):
    """SAGA's D-infinity area [m2], slope [rad] and ln(a / tan b) with a = area / cell size."""
    folder, z = tmp_path_factory.mktemp("saga"), hill()
    saga.write_grid(folder / "dem", z, CELL_M)
    infinity, square_metres = 3, 1
    saga.run(
        folder,
        "ta_hydrology",
        0,
        ELEVATION="dem.sgrd",
        FLOW="area.sgrd",
        METHOD=infinity,
        FLOW_UNIT=square_metres,
    )
    saga.run(
        folder,
        "ta_morphometry",
        0,
        ELEVATION="dem.sgrd",
        SLOPE="slope.sgrd",
        ASPECT="aspect.sgrd",
    )
    saga.run(
        folder,
        "ta_hydrology",
        20,
        SLOPE="slope.sgrd",
        AREA="area.sgrd",
        TWI="twi.sgrd",
        CONV=1,
    )
    return {name: saga.read_grid(folder / name, z.shape) for name in ("area", "twi")}


def contour_width_m(direction):
    return CELL_M * np.maximum(np.abs(np.cos(direction)), np.abs(np.sin(direction)))


# SAGA treats the outermost cells as borders without a gradient.
INSIDE = (slice(3, -3), slice(3, -3))


@pytest.mark.slow
def test_catchment_area_agrees_with_saga(from_saga):
    z = hill()
    np.testing.assert_array_equal(water.fill_depressions(z), z)
    direction, _ = water.flow_direction_rad(z, cell_size_m=CELL_M)
    area = water.specific_catchment_area_rad(direction, cell_size_m=CELL_M) * contour_width_m(
        direction
    )
    ratio = (area / from_saga["area"])[INSIDE]
    low, median, high = np.quantile(ratio, [0.05, 0.5, 0.95])
    assert median == pytest.approx(1.0, abs=0.02)
    assert low > 0.95
    assert high < 1.05
    assert np.corrcoef(np.log(area[INSIDE]).ravel(), np.log(from_saga["area"][INSIDE]).ravel())[
        0, 1
    ] == pytest.approx(1.0, abs=0.005)


@pytest.mark.slow
def test_wetness_agrees_with_saga(from_saga):
    z = hill()
    direction, _ = water.flow_direction_rad(z, cell_size_m=CELL_M)
    # SAGA divides by the cell's edge, we by the width seen along the flow (up to 0.35 more)
    as_saga_has_it = water.topographic_wetness_index(z, cell_size_m=CELL_M) - np.log(
        CELL_M / contour_width_m(direction)
    )
    difference = (as_saga_has_it - from_saga["twi"])[INSIDE]
    # 5 % in area and 3 % in the gradient, as ln; the index itself runs from 3 to 10
    low, median, high = np.quantile(difference, [0.05, 0.5, 0.95])
    assert median == pytest.approx(0.0, abs=0.03)
    assert low > -0.08
    assert high < 0.08
