"""Sky-view factors: known shapes, a slow twin, laws, and the errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.errors import ArgumentError
from eemt_core.terrain._horizon_codes import NOTHING, horizon_codes, sky_view_of_codes
from eemt_core.terrain._slope import slope_aspect_rad
from oracles.horizon import sky_view_slow
from oracles.relief import relief

UNSEEN = np.full((72, 1, 1), NOTHING, np.int16)


def one_cell(horizon_rad, slope, aspect):
    codes = np.round(32767 * np.sin(horizon_rad)).astype(np.int16)[:, None, None]
    grids = np.array([[float(slope)]]), np.array([[float(aspect)]])
    return sky_view_of_codes(codes, *grids)[0, 0]


@given(st.floats(0, np.pi / 2), st.floats(0, 2 * np.pi), st.integers(1, 72))
def test_an_open_slope_sees_half_of_one_plus_its_cosine(slope, aspect, directions):
    grids = np.array([[slope]]), np.array([[aspect]])
    got = sky_view_of_codes(UNSEEN[:directions], *grids)[0, 0]
    assert got == pytest.approx((1 + np.cos(slope)) / 2, abs=1e-12)


@pytest.mark.parametrize("rim_deg", [0.0, 5.0, 30.0, 80.0])
def test_the_floor_of_a_round_basin_sees_the_squared_cosine_of_its_rim(rim_deg):
    rim = np.radians(rim_deg)
    # a code is 1.5e-5 of the sine, the polynomial of the arc cosine 3e-8
    assert one_cell(np.full(72, rim), 0.0, 0.0) == pytest.approx(np.cos(rim) ** 2, abs=4e-5)


@pytest.mark.parametrize("wall_deg", [10.0, 45.0, 75.0])
def test_the_floor_of_an_endless_canyon_sees_the_cosine_of_its_walls(wall_deg):
    """Mid-floor of a canyon with walls at elevation b across: V = cos b (two walls each
    hide (1 - cos b) / 2). Along azimuth psi from the axis tan h = tan b |sin psi|."""
    wall = np.radians(wall_deg)
    psi = 2 * np.pi * np.arange(360) / 360
    horizon = np.arctan(np.tan(wall) * np.abs(np.sin(psi)))
    assert one_cell(horizon, 0.0, 0.0) == pytest.approx(np.cos(wall), abs=1e-4)


@pytest.mark.slow
@given(
    st.lists(st.floats(-0.5, 1.5), min_size=400, max_size=400),
    st.floats(0, 1.5),
    st.floats(0, 2 * np.pi),
)
def test_agrees_with_the_slow_twin(horizon, slope, aspect):
    # The twin sums the plane's part too: 400 directions over the plane's kinks leave
    # about (2 pi / 400)^2 tan^2 g; so compare what the terrain hides.
    horizon = np.array(horizon)
    hidden = sky_view_slow(np.full(400, -np.pi / 2), slope, aspect) - sky_view_slow(
        horizon, slope, aspect
    )
    expected = (1 + np.cos(slope)) / 2 - hidden
    assert one_cell(horizon, slope, aspect) == pytest.approx(max(expected, 0.0), abs=5e-5)


@pytest.mark.slow
@given(st.floats(0, 1.4), st.floats(0, 2 * np.pi), st.integers(0, 71), st.floats(0, 0.5))
def test_a_higher_skyline_never_widens_the_sky(slope, aspect, direction, rise):
    horizon = np.full(72, 0.2)
    higher = horizon.copy()
    higher[direction] += rise
    assert one_cell(higher, slope, aspect) <= one_cell(horizon, slope, aspect) + 1e-12


@pytest.mark.parametrize("slope_deg", [0.0, 20.0, 60.0])
def test_72_directions_are_enough(slope_deg):
    """A skyline of ten harmonics with 72 directions and with 3600: the midpoint sum of a
    smooth periodic function converges at once, its kinks at the plane leave the rest."""
    rng = np.random.default_rng(5)
    phases, heights = rng.uniform(0, 2 * np.pi, 10), rng.uniform(0, 0.08, 10)

    def skyline(directions):
        psi = 2 * np.pi * np.arange(directions)[:, None] / directions
        return 0.3 + (heights * np.cos(np.arange(1, 11) * psi + phases)).sum(1)

    few, many = (one_cell(skyline(n), np.radians(slope_deg), 1.0) for n in (72, 3600))
    assert few == pytest.approx(many, abs=2e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_map_lies_between_none_and_all_of_the_sky(dtype):
    z = relief((60, 80), dtype=dtype)
    z[3, 4] = np.nan
    slope, aspect = slope_aspect_rad(z, cell_size_m=30.0)
    sky = sky_view_of_codes(horizon_codes(z, cell_size_m=30.0), slope, aspect)
    assert sky.dtype == dtype
    np.testing.assert_array_equal(np.isnan(sky), np.isnan(z))
    valid = ~np.isnan(z)
    assert (sky[valid] > 0).all()
    assert (sky[valid] <= (1 + np.cos(slope[valid])) / 2 + 1e-6).all()


def test_threads_do_not_change_a_bit():
    z = relief((61, 300), dtype=np.float32)
    slope, aspect = slope_aspect_rad(z, cell_size_m=30.0)
    horizon = horizon_codes(z, cell_size_m=30.0, directions=16)
    one, many = (sky_view_of_codes(horizon, slope, aspect, threads=n) for n in (1, 5))
    assert one.tobytes() == many.tobytes()


@pytest.mark.parametrize(
    ("horizon", "message"),
    [
        (np.zeros((4, 2, 2)), "horizon must be the int16 array of horizon_codes, got float64"),
        (
            np.zeros((4, 2, 3), np.int16),
            r"horizon must have shape \(directions, 2, 2\), got shape \(4, 2, 3\)",
        ),
    ],
)
def test_a_wrong_horizon_is_named(horizon, message):
    flat = np.zeros((2, 2))
    with pytest.raises(ArgumentError, match=message):
        sky_view_of_codes(horizon, flat, flat)
