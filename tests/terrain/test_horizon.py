"""Horizons: laws, rays cast one by one, closed forms, and the errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eemt_core import terrain
from eemt_core.errors import ArgumentError
from eemt_core.terrain._horizon_codes import NODATA, NOTHING, angle_of_codes_rad, horizon_codes
from oracles.horizon import EARTH_RADIUS_M, REFRACTION_K, horizon_codes_slow
from oracles.relief import relief


def angles(z, **options):
    options = {"cell_size_m": 10.0, "directions": 8, **options}
    return angle_of_codes_rad(horizon_codes(z, **options)).astype(np.float64)


def dems(nodata=True):
    shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))
    numbers = st.integers(-50, 50).map(float)
    values = st.one_of(numbers, st.just(np.nan)) if nodata else numbers
    return shapes.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=values))


@pytest.mark.slow
@given(dems(), st.floats(0.5, 90), st.floats(0.5, 90), st.booleans())
def test_small_dems_agree_with_rays_cast_one_by_one(z, cell_x, cell_y, curvature):
    """Up to nine cells away each sample is measured on the cell's own line: only the
    rounding of the last digit, of sums taken in another order, may differ."""
    options = {"directions": 16, "curvature": curvature}
    codes = horizon_codes(z, cell_size_m=(cell_x, cell_y), **options)
    slow = horizon_codes_slow(z, cell_x, cell_y, **options)
    assert np.abs(codes.astype(int) - slow).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("roughness", [4.0, 3.0, 2.0])
@pytest.mark.parametrize("cell_m", [(30.0, 30.0), (20.0, 35.0)])
def test_rough_and_smooth_relief_agrees_with_rays_cast_one_by_one(roughness, cell_m):
    z = relief((120, 150), roughness=roughness)
    codes = horizon_codes(z, cell_size_m=cell_m, directions=16)
    slow = horizon_codes_slow(z, *cell_m, directions=16)
    error = np.degrees(np.arcsin(codes / 32767) - np.arcsin(slow / 32767))
    # Never higher than the cell's own line (one code: rounding).
    assert (codes.astype(int) - slow).max() <= 1
    # Lower where the skyline stands more than 16 samples away at a place that neither line
    # beside the cell has among the first two points of its hull. Measured: 0.3 to 1.0 % of
    # the cell-directions from smooth to rough, 0.05 to 0.26 degrees root mean square, on
    # slopes of 19, 40 and 61 degrees on average, the last two steeper than any mountains.
    assert np.mean(error < -0.1) < 0.012
    assert np.sqrt(np.mean(error**2)) < 0.3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("facing_deg", [0, 17, 45, 90, 200, 333])
@pytest.mark.parametrize("slope_deg", [3.0, 40.0, 70.0])
def test_a_plane_is_its_own_horizon(dtype, facing_deg, slope_deg):
    rows, cols = np.mgrid[0:40, 0:50]
    a, g = np.radians(facing_deg), np.radians(slope_deg)
    uphill = -(np.sin(a) * cols * 20.0 + np.cos(a) * -rows * 10.0)
    z = (np.tan(g) * uphill).astype(dtype)
    got = angles(z, cell_size_m=(20.0, 10.0), directions=24, curvature=False)
    psi = 2 * np.pi * np.arange(24) / 24
    expected = np.arctan(-np.tan(g) * np.cos(psi - a))[:, None, None]
    seen = got > -1.5  # at the edge, looking out: no terrain
    assert seen[:, 1:-1, 1:-1].all()
    # A float32 elevation of 1000 m is rounded to 6e-5 m, over 10 m; a code is 3e-5 of
    # the sine, which near the vertical is more of the angle.
    loss = 3e-5 if dtype == np.float64 else 6e-5
    error = np.abs(np.sin(got) - np.sin(expected))
    assert error[seen].max() < loss


def test_a_pyramid_is_seen_at_its_true_angle_along_the_diagonal():
    """45 degree faces rise along the diagonal by 1 in sqrt 2. Casting rays to the nearest
    cell's centre gives 0.694 rad there (GRASS r.horizon, issue 4112)."""
    rows, cols = np.mgrid[-30:31, -30:31]
    z = 10.0 * (30.0 - np.maximum(abs(rows), abs(cols)))
    got = angles(z, curvature=False)
    on_diagonal = [(50, 10, 1), (10, 10, 3), (10, 50, 5), (50, 50, 7)]
    for row, col, direction in on_diagonal:
        assert got[direction, row, col] == pytest.approx(np.arctan(1 / np.sqrt(2)), abs=5e-5)
    assert got[2, 30, 10] == pytest.approx(np.pi / 4, abs=5e-5)


@pytest.mark.parametrize("distance", [1, 3, 20, 57])
@pytest.mark.parametrize("cell_m", [(10.0, 10.0), (7.0, 12.0)])
def test_a_wall_stands_at_the_angle_of_its_height_over_its_distance(distance, cell_m):
    ground = np.zeros((80, 80))
    wall = ground.copy()
    wall[:, 60:62] = 25.0
    got = angles(wall, cell_size_m=cell_m, curvature=False, directions=24)
    for k, azimuth in [(6, 90), (5, 75), (4, 60), (8, 120)]:
        way = distance * cell_m[0] / np.sin(np.radians(azimuth))
        # Seen from mid-height of the map the ray meets the wall, not the map's edge.
        if abs(way * np.cos(np.radians(azimuth))) > 35 * cell_m[1]:
            continue
        # A column of cells is a ridge at its centre line, which samples of lines that
        # walk along rows straddle by less than half a step: they may miss the crest.
        crest_missed = abs(np.tan(np.radians(azimuth))) * cell_m[1] < cell_m[0]
        if not crest_missed:
            expected = 25.0 / np.hypot(25.0, way)
            assert np.sin(got[k, 40, 60 - distance]) == pytest.approx(expected, abs=2e-5)


def test_a_distant_peak_sinks_by_the_square_of_its_distance():
    cell, n = 100.0, 400
    z = np.full((3, n), 500.0)
    z[:, -1] = 2500.0
    way = (n - 1) * cell
    for curvature, refraction, sink in [
        (False, True, 0.0),
        (True, False, way**2 / (2 * EARTH_RADIUS_M)),
        (True, True, way**2 * (1 - REFRACTION_K) / (2 * EARTH_RADIUS_M)),
    ]:
        got = angles(z, cell_size_m=cell, curvature=curvature, refraction=refraction)[2, 1, 0]
        assert got == pytest.approx(np.arctan((2000.0 - sink) / way), abs=2e-5)


def test_the_sea_is_seen_below_the_horizontal():
    """On a curved Earth the next water is the highest: half a cell's curvature below."""
    z = np.zeros((1, 300))
    codes = horizon_codes(z, cell_size_m=1000.0, directions=4, refraction=False)
    expected = round(-32767 * 1000.0 / (2 * EARTH_RADIUS_M))
    assert (codes[1, 0, :-1] == expected).all()


def rolled(codes, quarters):
    return np.roll(codes, quarters * codes.shape[0] // 4, axis=0)


@pytest.mark.parametrize("roughness", [3.0, 0.5])
def test_turning_the_dem_turns_the_horizon(roughness):
    z = relief((60, 60), roughness=roughness)
    codes = horizon_codes(z, cell_size_m=10.0, directions=24)
    turned = horizon_codes(np.rot90(z).copy(), cell_size_m=10.0, directions=24)
    # Counter-clockwise: what stood east now stands north. The turned DEM is cut by other
    # scan lines, whose skylines differ now and then; what is found is measured alike.
    back = np.rot90(rolled(turned, 1), -1, axes=(1, 2))
    assert np.mean(np.abs(back.astype(int) - codes) > 1) < 0.05
    quarter = slice(None, None, 6)
    assert np.abs(back.astype(int) - codes)[quarter].max() == 0


def test_a_mirror_image_has_the_mirrored_horizon():
    z = relief((50, 70))
    codes = horizon_codes(z, cell_size_m=(10.0, 15.0), directions=24)
    mirrored = horizon_codes(z[:, ::-1].copy(), cell_size_m=(10.0, 15.0), directions=24)
    back = mirrored[-np.arange(24) % 24][:, :, ::-1]
    assert np.mean(np.abs(back.astype(int) - codes) > 1) < 0.05
    assert np.abs(back.astype(int) - codes)[[0, 6, 12, 18]].max() == 0


@given(dems(nodata=False), st.integers(0, 8), st.integers(0, 8), st.floats(0.1, 100))
def test_added_terrain_never_lowers_another_cells_horizon(z, row, col, height):
    row, col = row % z.shape[0], col % z.shape[1]
    higher = z.copy()
    higher[row, col] += height
    before = horizon_codes(z, cell_size_m=10.0, directions=16)
    after = horizon_codes(higher, cell_size_m=10.0, directions=16)
    elsewhere = np.ones(z.shape, bool)
    elsewhere[row, col] = False
    assert (after >= before)[:, elsewhere].all()
    assert (after <= before)[:, row, col].all()


def test_a_lake_of_nodata_changes_nothing_elsewhere():
    """The nodata cells lie below all skylines, so no other cell's horizon depends on them."""
    rows, cols = np.mgrid[0:90, 0:100]
    bowl = 0.01 * ((rows - 45.0) ** 2 + (cols - 50.0) ** 2) * 10
    lake = np.hypot(rows - 45, cols - 50) < 12
    whole = horizon_codes(bowl, cell_size_m=10.0, directions=24)
    holed = horizon_codes(np.where(lake, np.nan, bowl), cell_size_m=10.0, directions=24)
    assert (holed[:, lake] == NODATA).all()
    np.testing.assert_array_equal(holed[:, ~lake], whole[:, ~lake])


@pytest.mark.slow
@given(dems(), dems(nodata=False))
def test_missing_data_never_raise_a_horizon(mask, z):
    rows, cols = (min(a, b) for a, b in zip(mask.shape, z.shape, strict=True))
    z = z[:rows, :cols].copy()
    holed = np.where(np.isnan(mask[:rows, :cols]), np.nan, z)
    whole = horizon_codes(z, cell_size_m=10.0, directions=16)
    less = horizon_codes(holed, cell_size_m=10.0, directions=16)
    assert (less <= whole).all()


def test_an_island_of_one_cell_sees_the_mainland():
    z = np.full((60, 60), np.nan)
    z[30, 5] = 0.0
    z[:, 40:] = 300.0
    got = angles(z, directions=24, curvature=False)
    for k, azimuth in [(5, 75), (6, 90), (7, 105)]:
        way = 350.0 / np.sin(np.radians(azimuth))
        assert got[k, 30, 5] == pytest.approx(np.arctan(300.0 / way), abs=5e-5)


def test_a_gap_of_nodata_does_not_hide_what_stands_behind_it():
    z = np.zeros((1, 30))
    z[0, 29] = 100.0
    z[0, 10:25] = np.nan
    got = angles(z, directions=4, curvature=False)[1, 0]
    expected = np.arctan(100.0 / (10.0 * (29 - np.arange(29))))
    np.testing.assert_allclose(got[:10], expected[:10], atol=2e-5)
    assert np.isnan(got[10:25]).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1)])
def test_where_there_is_no_terrain_nothing_is_seen(shape):
    codes = horizon_codes(np.zeros(shape, np.float32), cell_size_m=10.0, directions=4)
    north, east = codes[0], codes[1]
    assert (north[0] == NOTHING).all()
    assert (east[:, -1] == NOTHING).all()
    assert (north[1:] > -10).all()
    assert (east[:, :-1] > -10).all()


def test_a_dem_without_a_valid_cell_has_no_horizon():
    codes = horizon_codes(np.full((3, 4), np.nan), cell_size_m=10.0)
    assert codes.shape == (72, 3, 4)
    assert (codes == NODATA).all()


def test_threads_do_not_change_a_bit():
    z = relief((61, 47), dtype=np.float32)
    one = horizon_codes(z, cell_size_m=5.0, threads=1)
    for threads in (2, 3, 7):
        many = horizon_codes(z, cell_size_m=5.0, threads=threads)
        assert one.tobytes() == many.tobytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"directions": 0}, r"directions must lie in \[1, 3600\], got 0"),
        ({"directions": 7.5}, "directions must be a whole number, got 7.5"),
        ({"window": (0, 0, 4, 3)}, r"lie within elevation_m of shape \(3, 3\), got \(0, 0, 4, 3\)"),
        ({"window": (1, 1)}, r"window must be \(row0, col0, rows, cols\), got \(1, 1\)"),
        ({"anchor": (0,)}, r"anchor must be \(row, col\), got \(0,\)"),
        ({"cell_size_m": -1.0}, "cell_size_m must be positive, got -1.0"),
        (
            {"far_field": [terrain.FarLevel(np.zeros((2, 2), np.float32), 90.0, 0.0, 0.0)]},
            r"far_field\[0\].elevation_m must be float64 like elevation_m, got float32",
        ),
    ],
)
def test_a_wrong_argument_is_named(options, message):
    with pytest.raises(ArgumentError, match=message):
        horizon_codes(np.zeros((3, 3)), **{"cell_size_m": 1.0, **options})


def test_angles_want_the_codes():
    with pytest.raises(ArgumentError, match=r"horizon must be the int16 array .* got float64"):
        angle_of_codes_rad(np.zeros((3, 3)))
