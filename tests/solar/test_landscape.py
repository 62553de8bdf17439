"""Sunlight on whole landscapes: shadows against a ray caster, surroundings, windows."""

import numpy as np
import pytest

from eemt_core import terrain
from eemt_core.errors import ArgumentError
from eemt_core.solar import _position as sun
from eemt_core.terrain._horizon_codes import angle_of_codes_rad, horizon_codes
from eemt_core.terrain._slope import slope_aspect_rad
from oracles import ray_caster
from solar_sums import FIELDS, sunlight


def hills(size=64, relief_m=400.0, seed=4, roughness=2.4):
    """Rolling relief: noise whose spectrum falls with the wave number, as real relief's."""
    rng = np.random.default_rng(seed)
    waves = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size)))
    waves[0, 0] = np.inf
    spectrum = np.fft.fft2(rng.normal(size=(size, size))) / waves**roughness
    z = np.fft.ifft2(spectrum).real
    return 800.0 + relief_m * (z - z.min()) / (z.max() - z.min())


def island(size=64):
    """Hills that become lower towards the array's edge, so that no ridge is cut."""
    edge = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 0.5
    return 800.0 + (hills(size, roughness=3.0) - 800.0) * np.minimum.outer(edge, edge)


@pytest.mark.slow
@pytest.mark.parametrize(("day", "latitude_deg"), [(355, 55.0), (80, 60.0), (172, 47.0)])
def test_shaded_days_agree_with_a_ray_caster(day, latitude_deg):
    z, latitude = island(), np.radians(latitude_deg)
    slope, aspect = slope_aspect_rad(z, cell_size_m=30.0)
    declination, _, g0 = sun.sun_of_day(day, year=2026, longitude_deg=0, ephemeris="rsun")
    # r.sun's rule counts whole samples: at 3 minutes one more or less may be more than the
    # half percent, so a sample a minute
    expected, hours = ray_caster.rsun_day(
        z, (30.0, 30.0), slope, aspect, latitude, declination, g0, 1 / 60, 3.0
    )
    options = {
        "cell_size_m": 30.0,
        "latitude_rad": latitude,
        "days": [day],
        "step_minutes": 1,
        "mode": "rsun",
        "albedo": 0.0,
    }
    got = sunlight(z, directions=360, **options)
    unshaded = sunlight(z, shadows=False, **options).total_wh_m2[0]
    if day == 355:  # shadows matter: if 1/30 of them were missing, the mean would exceed its limit
        assert 1 - expected.mean() / unshaded.mean() > 0.015
    error = got.total_wh_m2[0] / expected - 1
    assert abs(got.total_wh_m2[0].mean() / expected.mean() - 1) < 5e-4
    assert np.mean(np.abs(error) < 5e-3) >= 0.999
    assert abs(got.hours[0].mean() - hours.mean()) < 0.01


@pytest.mark.parametrize("latitude_deg", [0.0, 45.0, 60.0])
def test_a_tower_s_shadow_points_away_from_the_sun(latitude_deg):
    # the beam lost in an hour about solar hour angles of the morning lies in the direction
    # opposite to the sun, within a cell at the tower's distance
    latitude = np.radians(latitude_deg)
    z = np.zeros((81, 81))
    z[39:42, 39:42] = 40.0
    horizon = horizon_codes(z, cell_size_m=10.0, directions=360)
    angle = angle_of_codes_rad(horizon)
    declination, _, _ = sun.sun_of_day(80, year=2026, longitude_deg=0)
    for hour_angle in (-0.9, -0.4, 0.5):
        altitude, azimuth = ray_caster.radiation.sun(latitude, declination, hour_angle)
        sector = round(np.degrees(azimuth)) % 360
        dark = np.argwhere((angle[sector] > altitude) & (z == 0))
        assert len(dark) > 0
        rows, cols = dark[:, 0] - 40, dark[:, 1] - 40
        towards = np.array([-np.cos(azimuth), np.sin(azimuth)])  # (row, col) to the sun
        along = rows * towards[0] + cols * towards[1]
        across = rows * towards[1] - cols * towards[0]
        assert (along < 0).all()
        assert np.abs(across).max() <= 1.5 * np.sqrt(2) + 0.5
        # and it is as long as the tower is high: measured from the tower's middle, which is
        # up to 1.5 sqrt 2 cells from its edge, in whole cells
        length = 40.0 / np.tan(altitude) / 10.0
        assert length - 0.5 < -along.min() < length + 1.5 * np.sqrt(2) + 0.5


def test_nodata_costs_no_other_cell_its_shadow():
    # a ridge in the south, and nodata in the plain between: r.sun would not shade the plain
    z = np.zeros((60, 60))
    z[45:48] = 300.0
    holed = z.copy()
    holed[30:34, 10:50] = np.nan
    options = {"cell_size_m": 30.0, "latitude_rad": np.radians(50.0), "days": [355]}
    whole = sunlight(z, **options).beam_wh_m2[0]
    got = sunlight(holed, **options).beam_wh_m2[0]
    elsewhere = ~np.isnan(holed)
    elsewhere[28:36, 8:52] = False  # cells beside nodata may be interpolated differently
    np.testing.assert_allclose(got[elsewhere], whole[elsewhere], rtol=1e-6, atol=1e-3)
    assert np.isnan(got[30:34, 10:50]).all()
    assert whole[40].mean() < 0.2 * whole[2].mean()  # the ridge does shade the plain


def test_a_shaded_slope_is_lit_by_the_sunny_one_across():
    # a valley from east to west: snow on the sunny side reflects light to the other
    rows = np.abs(np.arange(-40, 41))[:, None] + np.zeros((81, 81))
    z = 30.0 * 0.6 * rows
    options = {"cell_size_m": 30.0, "latitude_rad": np.radians(45.0), "days": [20]}
    white = sunlight(z, albedo=0.8, **options)
    black = sunlight(z, albedo=0.0, **options)
    north_facing = white.reflected_wh_m2[0, 45:70, 40]
    skyline_deg = terrain.horizon_map(z, cell_size_m=30.0)
    sky_view = terrain.sky_view_factor(skyline_deg, *terrain.slope_aspect(z, cell_size_m=30.0))
    own_light = 0.8 * (1 - sky_view[45:70, 40]) * white.horizontal_wh_m2[0, 45:70, 40]
    assert (north_facing > 1.1 * own_light).all()
    np.testing.assert_array_equal(black.reflected_wh_m2, 0.0)
    # what a cell reflects to others is bounded by what falls on the open plain
    assert white.reflected_wh_m2.max() < 0.8 * white.flat_total_wh_m2.max()


def test_a_plain_reflects_nothing_onto_itself():
    level = np.full((70, 70), 100.0)
    light = sunlight(level, cell_size_m=30.0, latitude_rad=0.7, days=[100], albedo=0.9)
    # the sky view of a plain on a curved Earth is 1 but for the horizon map's rounding
    assert light.reflected_wh_m2.max() < 1e-3 * light.total_wh_m2.min()


@pytest.mark.parametrize("mode", ["exact", "rsun"])
def test_a_window_that_sees_the_whole_gives_its_bits(mode):
    z = hills(200, seed=9).astype(np.float32)
    options = {
        "cell_size_m": (30.0, 25.0),
        "latitude_rad": 0.8,
        "days": [20, 200],
        "groups": [0, 0],
        "mode": mode,
    }
    whole = sunlight(z, **options)
    part = sunlight(z, window=(64, 128, 64, 72), **options)
    cells = np.s_[64:128, 128:200]
    for name in FIELDS:
        whole_map = getattr(whole, name)[0]
        part_map = getattr(part, name)[0]
        assert part_map.tobytes() == np.ascontiguousarray(whole_map[cells]).tobytes(), name


def test_threads_do_not_change_a_bit():
    z = hills(80).astype(np.float32)
    options = {"cell_size_m": 30.0, "latitude_rad": 0.8, "days": [20]}
    one = sunlight(z, threads=1, **options)
    three = sunlight(z, threads=3, **options)
    assert one.total_wh_m2.tobytes() == three.total_wh_m2.tobytes()


def test_a_window_outside_the_array_is_refused():
    with pytest.raises(ArgumentError, match=r"window must .* lie within elevation_m of shape"):
        sunlight(np.zeros((5, 5)), cell_size_m=1.0, latitude_rad=0.0, days=[1], window=(0, 0, 9, 9))
