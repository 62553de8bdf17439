"""Irradiation of rasters: windows, threads, nodata, groups of days, turbidity, and the errors."""

import numpy as np
import pytest

from eemt_core import solar
from eemt_core.calendar365 import ALL_DAYS, month_groups
from eemt_core.errors import ArgumentError
from eemt_core.solar import Air, SolarParameters, Sun
from eemt_core.terrain import Surface, Terrain
from solar_sums import everything, irradiation


def field(shape=(70, 45), dtype=np.float32):
    rng = np.random.default_rng(11)
    z = rng.uniform(0, 3000, shape).astype(dtype)
    slope = rng.uniform(0, 1.2, shape).astype(dtype)
    aspect = rng.uniform(0, 2 * np.pi, shape).astype(dtype)
    latitude = np.linspace(0.71, 0.70, shape[0])[:, None] + np.zeros(shape)
    horizon = rng.integers(-3000, 15000, (36, *shape)).astype(np.int16)
    return (z, slope, aspect), dict(latitude_rad=latitude.astype(dtype), horizon=horizon)


@pytest.mark.parametrize("mode", ["exact", "rsun"])
def test_threads_do_not_change_a_bit(mode):
    grids, options = field()
    one = everything(irradiation(*grids, **options, days=[10, 200], mode=mode, threads=1))
    for threads in (2, 3, 5):
        many = irradiation(*grids, **options, days=[10, 200], mode=mode, threads=threads)
        assert everything(many).tobytes() == one.tobytes()


@pytest.mark.parametrize("corner", [(32, 64), (5, 13), (31, 40)])
def test_any_window_of_a_raster_gives_the_same_bits_but_in_blocks_it_cuts(corner):
    grids, options = field((96, 96))
    row, col = corner
    whole = everything(irradiation(*grids, **options, days=[60]))
    cut = np.s_[row:96, col:96]
    part = everything(
        irradiation(
            *(np.ascontiguousarray(g[cut]) for g in grids),
            latitude_rad=options["latitude_rad"][cut].copy(),
            horizon=options["horizon"][:, row:96, col:96],
            anchor=corner,
            days=[60],
        )
    )
    # the first whole block within the window
    row0, col0 = -row % 32, -col % 32
    same = np.ascontiguousarray(whole[..., row + row0 :, col + col0 :])
    assert np.ascontiguousarray(part[..., row0:, col0:]).tobytes() == same.tobytes()


@pytest.mark.parametrize("name", ["elevation_m", "slope_rad", "aspect_rad", "latitude_rad"])
def test_nan_cell_poisons_only_itself(name):
    grids, options = field((40, 40))
    whole = everything(irradiation(*grids, **options, days=[60]))
    holed = {
        "elevation_m": grids[0],
        "slope_rad": grids[1],
        "aspect_rad": grids[2],
        "latitude_rad": options["latitude_rad"],
    }
    holed[name] = holed[name].copy()
    holed[name][5, 7] = np.nan
    holed["horizon"] = options["horizon"]
    got = everything(irradiation(**holed, days=[60]))
    assert np.isnan(got[:, :, 5, 7]).all()
    got[:, :, 5, 7] = whole[:, :, 5, 7]
    # the block's centre is found from its valid cells: the last bits may move
    np.testing.assert_allclose(got, whole, rtol=2e-6, atol=1e-3)


def test_all_nan_is_nan_and_no_error():
    empty = np.full((33, 3), np.nan, np.float32)
    sums = irradiation(empty, empty, empty, latitude_rad=0.5, days=[1, 2])
    assert np.isnan(everything(sums)).all()


def test_float32_follows_float64():
    grids, options = field(dtype=np.float64)
    wide = everything(irradiation(*grids, **options, days=[45]))
    options["latitude_rad"] = options["latitude_rad"].astype(np.float32)
    narrow = everything(irradiation(*(g.astype(np.float32) for g in grids), **options, days=[45]))
    assert narrow.dtype == np.float32
    # 48 sums of float32 products: 1e-5 of the largest; angles in float32 are off by 2e-7 rad
    np.testing.assert_allclose(narrow, wide, rtol=2e-5, atol=0.05)


def test_months_are_the_sums_of_their_days_and_none_is_lost():
    grids, options = field((33, 33), np.float64)
    months, groups = month_groups(ALL_DAYS)
    monthly = everything(irradiation(*grids, **options, days=ALL_DAYS, groups=groups))
    daily = everything(irradiation(*grids, **options, days=ALL_DAYS))
    assert months == list(range(12))
    for month in months:
        of_month = daily[:, np.array(groups) == month].sum(axis=1)
        # A sum below zero is cut, and a day on which the sun only grazes a cell can come out
        # below it: by the cubic that the parabola over a step of h = 1/4 h leaves, 0.008 h^3 of
        # the beam's second derivative (1000 W m-2 times (2 pi / 24 h)^2), which is 0.009 Wh m-2.
        np.testing.assert_allclose(monthly[:, month], of_month, rtol=1e-12, atol=0.01)


def test_turbidity_comes_as_a_number_as_months_or_as_maps():
    grids, options = field()
    base = irradiation(*grids, **options, days=[15, 196], linke=3.4).total_wh_m2
    shape = grids[0].shape
    for same in ([3.4] * 12, np.full(shape, 3.4, np.float32), np.full((12, *shape), 3.4)):
        got = irradiation(*grids, **options, days=[15, 196], linke=same).total_wh_m2
        np.testing.assert_allclose(got, base, rtol=2e-5)
    # day 197 is the middle of July: there July's value holds
    rising = np.linspace(2, 5, 12)
    got = irradiation(*grids, **options, days=[197], linke=list(rising)).total_wh_m2
    july = irradiation(*grids, **options, days=[197], linke=float(rising[6])).total_wh_m2
    np.testing.assert_allclose(got, july, rtol=1e-6)
    # a map applies to its cells
    halves = np.full(shape, 2.0)
    halves[:, 20:] = 6.0
    got = irradiation(*grids, **options, days=[196], linke=halves).beam_wh_m2
    low = irradiation(*grids, **options, days=[196], linke=2.0).beam_wh_m2
    high = irradiation(*grids, **options, days=[196], linke=6.0).beam_wh_m2
    np.testing.assert_allclose(got[..., :20], low[..., :20], rtol=2e-5, atol=0.01)
    np.testing.assert_allclose(got[..., 20:], high[..., 20:], rtol=2e-5, atol=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(days=[]), "days must name at least one day"),
        (dict(days=[0]), r"days must lie in \[1, 365\], got 0"),
        (dict(groups=[1, 0], days=[1, 2]), "groups must rise from 0"),
        (dict(groups=[0], days=[1, 2]), "groups must have one entry per day"),
        (dict(step_minutes=0), r"step_minutes must lie in \[1, 60\], got 0"),
        (dict(step_minutes=900), r"step_minutes must lie in \[1, 60\], got 900"),
        (dict(albedo=1.5), r"albedo must lie in \[0, 1\], got 1.5"),
        (dict(linke=0.5), r"linke must lie in \[1, 16\], got 0.5"),
        (dict(linke=[3, 3]), "linke must be one number or twelve, got 2"),
        (
            dict(linke=np.full((2, 2), 3.0)),
            r"linke must have shape \(3, 4\) or .* got shape \(2, 2\)",
        ),
        (dict(mode="fast"), "mode must be one of exact, rsun, got 'fast'"),
        (dict(slope_rad=np.zeros((3, 5))), r"slope_rad must have shape \(3, 4\), got .*\(3, 5\)"),
        (dict(sky_view=np.zeros((3, 4), "f4")), "sky_view must be float64 like the others"),
        (dict(horizon=np.zeros((8, 3, 4))), "horizon must be the int16 array of horizon_codes"),
        (dict(horizon=np.zeros((8, 4, 3), "i2")), r"horizon must have shape \(directions, 3, 4\)"),
        (dict(elevation_m=np.zeros((3, 4), int)), "elevation_m must be float32 or float64"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    level = np.zeros((3, 4))
    good = dict(elevation_m=level, slope_rad=level, aspect_rad=level, latitude_rad=0.5, days=[1])
    with pytest.raises(ArgumentError, match=message):
        irradiation(**{**good, **change})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Terrain(np.zeros((3, 4)), cell_size_m=0.0, latitude_deg=0.0), "cell_size_m must"),
        (
            lambda: Terrain(np.zeros((3, 4)), cell_size_m=9.0, latitude_deg=91.0),
            r"latitude_deg must lie in \[-90, 90\], got 91",
        ),
        (
            lambda: Surface(np.zeros((3, 4)), slope_deg=np.full((3, 4), 91.0), latitude_deg=0.0),
            r"slope_deg must lie in \[0, 90\], got 91",
        ),
        (
            lambda: Surface(np.zeros((3, 4)), latitude_deg=np.zeros((4, 3))),
            r"latitude_deg must have shape \(3, 4\), got shape \(4, 3\)",
        ),
        (
            lambda: Surface(0.0, latitude_deg=0.0, horizon_deg=np.zeros((8, 3, 4))),
            r"horizon_deg must have shape \(directions, 1, 1\)",
        ),
        (lambda: Sun([1, 2.5]), "days must be a whole number, got 2.5"),
        (lambda: Sun([1], groups="weeks"), "groups must be a number for each day or 'months'"),
        (lambda: Sun([1], longitude_deg=400.0), "longitude_deg must lie in"),
        (lambda: Sun([1], year=1899), r"year must lie in \[1900, 2200\], got 1899"),
        (lambda: Sun([1], year=2001.5), "year must be a whole number, got 2001.5"),
        (lambda: SolarParameters(year=2201), r"year must lie in \[1900, 2200\], got 2201"),
        (lambda: Sun(172), r"days must be a list of numbers such as \[172\], got 172"),
        (lambda: Sun([1, 2, 3], groups=[0, 2, 2]), r"groups must rise from 0 by single steps"),
        (lambda: SolarParameters(days=(3, 366, 4)), r"days must lie in \[1, 365\], got 366"),
        (lambda: SolarParameters(linke="3"), "linke must be .* got '3'"),
        (lambda: Air(linke=[2.0, 3.0]), "linke must be one number or twelve, got 2"),
        (lambda: Air(linke=np.zeros((2, 3, 4))), "linke must have shape"),
        (lambda: Air(albedo=-0.1), r"albedo must lie in \[0, 1\], got -0.1"),
    ],
)
def test_a_group_is_checked_when_it_is_made(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_a_single_plane_is_one_cell_and_months_are_groups():
    roof = Surface(20.0, slope_deg=35.0, aspect_deg=180.0, latitude_deg=48.0)
    year = solar.irradiation(roof, Sun(ALL_DAYS, groups="months"))
    alone = solar.irradiation(roof, Sun(ALL_DAYS))
    assert year.total_wh_m2.shape == (12, 1, 1)
    np.testing.assert_allclose(year.hours[1], alone.hours[31:59].sum(axis=0), rtol=1e-12)
