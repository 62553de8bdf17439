"""Downscaling to the DEM's cells: slow reference, laws, independence of tiles, round trip."""

import doctest
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.climate import ClimateCut, Downscaler, LapseRates, downscale
from eemt_core.climate import _vapour as vapour
from eemt_core.errors import ArgumentError
from eemt_core.grids.grid import Lattice
from oracles.bilinear import lapse_bilinear_slow

DAYS = ((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),)
SHAPE = (90, 110)


def lattices(seed=0, native=(8, 9), shape=SHAPE):
    """A DEM grid, rotated against a climate grid of `native` cells and one cell inside its edge."""
    rng = np.random.default_rng(seed)
    turn = np.radians(rng.uniform(-8, 8))
    per_row, per_col = (native[0] - 4) / shape[0], (native[1] - 4) / shape[1]

    def row(i, j):
        return native[0] / 2 + (i - shape[0] / 2) * per_row + np.sin(turn) * (j - 55) * per_col

    def col(i, j):
        return native[1] / 2 + (j - shape[1] / 2) * per_col - np.sin(turn) * (i - 45) * per_row

    return Lattice.sample(shape, 16, row), Lattice.sample(shape, 16, col)


def make_cut(seed=0, native=(8, 9), gaps=(), **extra):
    rng = np.random.default_rng(seed)
    row, col = lattices(seed, native)

    def field(mean, spread):
        values = rng.normal(mean, spread, (1, 12, *native)).astype(np.float32)
        for gap in gaps:
            values[..., gap[0], gap[1]] = np.nan
        return values

    tmin = field(2, 5)
    return ClimateCut(
        periods=(2010,),
        days=DAYS,
        values={
            "tmin_c": tmin,
            "tmax_c": tmin + 10,
            "prcp_mm": np.abs(field(80, 30)),
            "vapour_pressure_pa": np.abs(field(900, 90)),
        }
        | extra,
        reference_m=rng.uniform(200, 1500, native).astype(np.float32),
        weight=rng.uniform(0.2, 1, native).astype(np.float32),
        row=row,
        col=col,
    )


def elevation(seed=0, shape=SHAPE):
    return np.random.default_rng(seed + 1).uniform(100, 2500, shape).astype(np.float32)


@given(
    st.integers(0, 1000),
    st.integers(1, 12),
    st.floats(-10, 10),
    st.sets(st.tuples(st.integers(0, 7), st.integers(0, 8)), max_size=30),
)
def test_agrees_with_the_slow_twin_also_beside_missing_cells(seed, month, lapse, gaps):
    cut, z = make_cut(seed, gaps=gaps), elevation(seed)
    out = downscale(cut, 2010, month, z, lapse=LapseRates(lapse, 6.49))
    rows, cols = cut.row.expand(0, 0, *SHAPE), cut.col.expand(0, 0, *SHAPE)
    ones, flat = np.ones((8, 9)), np.zeros((8, 9))
    for i, j in [(0, 0), (17, 90), (44, 55), (89, 109), (60, 3)]:
        place = rows[i, j], cols[i, j]
        tmin = lapse_bilinear_slow(
            cut.values["tmin_c"][0, month - 1], cut.reference_m, cut.weight, *place, z[i, j], lapse
        )
        prcp = lapse_bilinear_slow(cut.values["prcp_mm"][0, month - 1], flat, ones, *place, 0, 0)
        # float32 results: half a unit in the last place of values up to 256
        np.testing.assert_allclose(out.tmin_c[i, j], tmin, rtol=1e-6, atol=1e-5)
        np.testing.assert_allclose(out.prcp_mm[i, j], prcp, rtol=1e-6, atol=1e-5)


@given(
    st.integers(0, 80), st.integers(0, 100), st.integers(1, 30), st.integers(1, 30), st.booleans()
)
def test_a_cell_has_the_same_bits_whatever_the_tile(row0, col0, rows, cols, with_gaps):
    cut, z = make_cut(3, gaps=[(3, 4), (0, 0)] if with_gaps else []), elevation(3)
    rows, cols = min(rows, SHAPE[0] - row0), min(cols, SHAPE[1] - col0)
    window = np.s_[row0 : row0 + rows, col0 : col0 + cols]
    if with_gaps:  # humidity estimated from tmin as well
        values = {k: v for k, v in cut.values.items() if k != "vapour_pressure_pa"}
        cut = replace(cut, values=values)
    whole = downscale(cut, 2010, 4, z)
    # the cut of this tile alone: fewer climate cells and fewer control points
    r, c = (
        (int(np.floor(e.min() - 0.5)), int(np.floor(e.max() - 0.5)) + 2)
        for e in (lat.expand(row0, col0, rows, cols) for lat in (cut.row, cut.col))
    )
    native = np.s_[r[0] : r[1], c[0] : c[1]]
    share = ClimateCut(
        periods=cut.periods,
        days=cut.days,
        values={name: array[(..., *native)] for name, array in cut.values.items()},
        reference_m=cut.reference_m[native],
        weight=cut.weight[native],
        row0=r[0],
        col0=c[0],
        row=cut.row.cut(row0, col0, rows, cols),
        col=cut.col.cut(row0, col0, rows, cols),
    )
    tile = downscale(share, 2010, 4, z[window].copy(), row0=row0, col0=col0)
    for name in ("tmin_c", "tmax_c", "prcp_mm", "vapour_pressure_pa"):
        assert getattr(tile, name).tobytes() == getattr(whole, name)[window].tobytes()


def test_a_gap_elsewhere_changes_no_bit():
    z = elevation(3)
    whole, holed = (downscale(make_cut(3, gaps=g), 2010, 4, z) for g in ([], [(2, 2)]))
    rows, cols = (lat.expand(0, 0, *SHAPE) for lat in lattices(3))
    near = (np.abs(rows - 2.5) < 1) & (np.abs(cols - 2.5) < 1)
    assert near.any()
    for name in ("tmin_c", "prcp_mm"):
        one, other = getattr(whole, name), getattr(holed, name)
        np.testing.assert_array_equal(one[~near], other[~near])
        assert np.any(one[near] != other[near])


def test_only_four_missing_neighbours_leave_a_cell_without_climate():
    block = [(i, j) for i in (3, 4) for j in (3, 4)]
    out = downscale(make_cut(1, gaps=block), 2010, 1, elevation(1))
    rows, cols = (lat.expand(0, 0, *SHAPE) - 0.5 for lat in lattices(1))
    inside = (np.floor(rows) == 3) & (np.floor(cols) == 3)
    assert inside.any()
    np.testing.assert_array_equal(np.isnan(out.prcp_mm), inside)
    np.testing.assert_array_equal(np.isnan(out.tmax_c), inside)


@given(st.floats(-9, 9), st.floats(-20, 20), st.integers(0, 99))
def test_a_climate_linear_in_elevation_is_recovered_exactly(lapse, at_sea_level, seed):
    cut = make_cut(seed)
    linear = (at_sea_level - lapse / 1000 * cut.reference_m)[None, None].repeat(12, 1)
    cut = make_cut(seed, tmin_c=linear.astype(np.float32), tmax_c=linear.astype(np.float32))
    z = elevation(seed)
    out = downscale(cut, 2010, 8, z, lapse=LapseRates(lapse, lapse))
    truth = at_sea_level - lapse / 1000 * z.astype(float)
    # the source's own float32 rounding of values up to 50 degC
    np.testing.assert_allclose(out.tmax_c, truth, atol=1e-5)


def test_a_plane_is_recovered_by_interpolation():
    row, col = np.mgrid[0:8, 0:9] + 0.5
    plane = np.float32(50 + 3 * row + 2 * col)[None, None].repeat(12, 1)
    out = downscale(make_cut(5, prcp_mm=plane), 2010, 1, elevation())
    rows, cols = (lat.expand(0, 0, *SHAPE) for lat in lattices(5))
    np.testing.assert_allclose(out.prcp_mm, 50 + 3 * rows + 2 * cols, rtol=1e-6)


def test_missing_elevation_gives_missing_climate_there_alone():
    z = elevation()
    z[5, 7] = np.nan
    out = downscale(make_cut(0), 2010, 1, z)
    for name in ("tmin_c", "tmax_c", "prcp_mm", "vapour_pressure_pa"):
        np.testing.assert_array_equal(np.isnan(getattr(out, name)), np.isnan(z))
    assert out.wind_m_s is None


def test_precipitation_is_never_below_zero():
    below = np.full((1, 12, 8, 9), -0.25, np.float32)
    assert np.all(downscale(make_cut(0, prcp_mm=below), 2010, 1, elevation()).prcp_mm == 0)


def test_air_of_unknown_humidity_is_saturated_at_tmin():
    cut = make_cut(2)
    values = {k: v for k, v in cut.values.items() if k != "vapour_pressure_pa"}
    cut = replace(cut, values=values)
    out = downscale(cut, 2010, 6, elevation())
    np.testing.assert_allclose(out.vapour_pressure_pa, vapour.saturation_pa(out.tmin_c), rtol=1e-6)


def test_monthly_lapse_rates_apply_to_their_month_and_variable():
    cut, z = make_cut(0), elevation()
    monthly = LapseRates(tmin_c_per_km=list(range(12)), tmax_c_per_km=5.0)
    tile = Downscaler(cut, z, lapse=monthly)
    for month in (1, 12):
        same = downscale(cut, 2010, month, z, lapse=LapseRates(month - 1, 5.0))
        assert tile.month(2010, month).tmin_c.tobytes() == same.tmin_c.tobytes()
        assert tile.month(2010, month).tmax_c.tobytes() == same.tmax_c.tobytes()
    assert LapseRates(**monthly.to_dict()) == monthly


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tmin_c_per_km": [1.0] * 11}, "tmin_c_per_km must be one number or twelve, got 11"),
        ({"tmax_c_per_km": 65.0}, r"tmax_c_per_km must lie in \[-20, 20\], got 65"),
        ({"tmax_c_per_km": "steep"}, "tmax_c_per_km must be a number"),
    ],
)
def test_a_wrong_lapse_rate_is_named(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        LapseRates(**arguments)


def test_a_cut_survives_its_file_bit_by_bit():
    cut, z = make_cut(7, gaps=[(1, 1)]), elevation()
    file = io.BytesIO()
    np.savez(file, **cut.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        back = ClimateCut.from_arrays(arrays)
    assert (back.periods, back.days, back.row0, back.col0) == ((2010,), DAYS, 0, 0)
    one, other = downscale(cut, 2010, 9, z), downscale(back, 2010, 9, z)
    for name in ("tmin_c", "tmax_c", "prcp_mm", "vapour_pressure_pa"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


def test_wrong_use_is_named():
    cut, z = make_cut(0), elevation()
    with pytest.raises(ArgumentError, match=r"period must be one of \[2010\], got 2011"):
        downscale(cut, 2011, 1, z)
    with pytest.raises(ArgumentError, match=r"month must lie in \[1, 12\], got 0"):
        downscale(cut, 2010, 0, z)
    with pytest.raises(ArgumentError, match="does not reach over these cells"):
        downscale(cut, 2010, 1, z, row0=80)
    with pytest.raises(ArgumentError, match="elevation_m must be float32 or float64"):
        downscale(cut, 2010, 1, z.astype(int))
    with pytest.raises(ArgumentError, match="prcp_mm must be a float array of shape"):
        make_cut(0, prcp_mm=np.zeros((1, 12, 3, 3), np.float32))


# Bolton's formula against the saturation pressures of Murray / WMO tables [Pa]
@pytest.mark.parametrize(
    ("temperature_c", "pressure_pa"), [(0, 611.2), (10, 1227), (20, 2337), (30, 4243)]
)
def test_saturation_pressure_agrees_with_the_published_table(temperature_c, pressure_pa):
    # the fit's own error is up to 0.1 %
    assert vapour.saturation_pa(np.array([float(temperature_c)])) == pytest.approx(
        pressure_pa, rel=1e-3
    )


def test_deficit_and_dew_point_give_the_same_air():
    e_a = vapour.from_dew_point(np.array([4.0, 10.0]))
    deficit_hpa = (vapour.saturation_pa(np.array([20.0, 25.0])) - e_a) / 100
    np.testing.assert_allclose(vapour.from_deficit(np.array([20.0, 25.0]), deficit_hpa), e_a)


def test_the_examples_in_the_docstrings_run():
    results = doctest.testmod(vapour)
    assert results.attempted > 0
    assert results.failed == 0
