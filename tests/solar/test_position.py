"""Sun position against NREL's SPA (pvlib), r.sun's day formulas, and laws of the day."""

import datetime

import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.calendar365 import calendar_date
from eemt_core.errors import ArgumentError
from eemt_core.solar import _position as sun

PLACES = [(0.0, 0.0), (45.0, -120.0), (-70.0, 30.0), (89.0, 10.0), (-23.4, 179.0)]


@pytest.mark.parametrize(("latitude", "longitude"), PLACES)
def test_position_agrees_with_spa_to_a_hundredth_of_a_degree_from_1950_to_2100(latitude, longitude):
    rng = np.random.default_rng(7)
    seconds = rng.integers(-631152000, 4133980800, 4000)
    times = seconds.astype("datetime64[s]")
    spa = pvlib.solarposition.spa_python(
        pd.to_datetime(times).tz_localize("UTC"), latitude, longitude, delta_t=None
    )
    zenith, azimuth = sun.solar_position(times, latitude_deg=latitude, longitude_deg=longitude)
    assert np.abs(zenith - spa["zenith"].to_numpy()).max() < 0.01
    # an error of azimuth counts as an arc on the sky, since near the zenith azimuth is ill-defined
    turn = (azimuth - spa["azimuth"].to_numpy() + 180) % 360 - 180
    assert np.abs(turn * np.sin(np.radians(zenith))).max() < 0.01


@pytest.mark.parametrize("year", [1950, 1999, 2024, 2100])
@pytest.mark.parametrize("day", [1, 80, 172, 266, 355])
def test_the_sun_of_a_day_is_that_of_its_solar_noon(year, day):
    longitude = -84.5
    declination, rate, normal = sun.sun_of_day(day, year=year, longitude_deg=longitude)
    month, dom = calendar_date(day)
    noon = pd.Timestamp(year, month, dom, 12, tz="UTC") - pd.Timedelta(hours=longitude / 15)
    times = pd.DatetimeIndex([noon - pd.Timedelta(hours=6), noon, noon + pd.Timedelta(hours=6)])
    spa = pvlib.spa
    jd = times.to_julian_date().to_numpy()
    dec = []
    for value in jd:
        place = spa.solar_position(
            np.array([(value - 2440587.5) * 86400]), 0.0, 0.0, 0.0, 1013.0, 10.0, 67.0, 0.5667, 1
        )
        # on the equator at azimuth 0/180 the declination shows; take it from the vector
        zenith, azimuth = np.radians(place[0][0]), np.radians(place[4][0])
        dec.append(np.arcsin(np.sin(zenith) * np.cos(azimuth)))
    # the equation of time moves noon by up to 16 minutes: 0.005 degrees of declination
    assert np.degrees(declination) == pytest.approx(np.degrees(dec[1]), abs=0.015)
    assert np.degrees(rate) == pytest.approx(np.degrees((dec[2] - dec[0]) / np.pi), abs=0.01)
    distance = pvlib.solarposition.nrel_earthsun_distance(times[1:2]).iloc[0]
    # planets and the Moon move the Earth by up to 6e-5 AU, which our ellipse leaves out
    assert normal == pytest.approx(1367.0 / distance**2, rel=2e-4)


def test_rsun_day_formulas_give_grass_s_numbers():
    # metadata of GRASS's own r.sun tests for day 172
    declination, rate, normal = sun.sun_of_day(172, year=2026, longitude_deg=0.0, ephemeris="rsun")
    assert normal == pytest.approx(1322.508495, abs=1e-6)
    assert declination == pytest.approx(0.409115, abs=1e-6)
    assert rate == 0.0


def test_day_and_night_are_equal_at_the_equinox_and_on_the_equator():
    assert sun.day_length_hours_rad(0.0, 100, year=2026) == pytest.approx(12.0, abs=1e-9)
    # the declination of 20 March 2026 at noon is below 0.1 degrees
    assert sun.day_length_hours_rad(np.radians(50.0), 79, year=2026) == pytest.approx(
        12.0, abs=0.02
    )


def test_the_poles_have_a_day_and_a_night_of_half_a_year():
    pole = np.radians(90.0)
    assert sun.day_length_hours_rad(pole, 172, year=2026) == 24.0
    assert sun.day_length_hours_rad(pole, 355, year=2026) == 0.0


@given(st.floats(-66, 66), st.integers(1, 365))
def test_day_and_antipodal_day_make_twenty_four_hours(latitude_deg, day):
    latitude = np.radians(latitude_deg)
    north = sun.day_length_hours_rad(latitude, day, year=2026)
    south = sun.day_length_hours_rad(-latitude, day, year=2026)
    assert north + south == pytest.approx(24.0, abs=1e-9)


@pytest.mark.parametrize("unit", ["D", "h", "s", "ns"])
def test_a_time_has_one_sun_in_every_unit_and_an_unknown_one_has_none(unit):
    times = np.array(["2024-02-29", "NaT", "2025-02-28"], dtype=f"datetime64[{unit}]")
    zenith, azimuth = sun.solar_position(times, latitude_deg=40.0, longitude_deg=0.0)
    assert np.isnan(zenith).tolist() == np.isnan(azimuth).tolist() == [False, True, False]
    expected, _ = sun.solar_position(times[:1], latitude_deg=40.0, longitude_deg=0.0)
    assert zenith[0] == expected[0]
    # a leap day lies between its neighbours
    days = np.array(["2024-02-28T12", "2024-02-29T12", "2024-03-01T12"], dtype="datetime64[s]")
    before, leap, after = sun.solar_position(days, latitude_deg=40.0, longitude_deg=0.0)[0]
    assert leap == pytest.approx((before + after) / 2, abs=0.01)


def test_times_are_universal_and_of_years_whose_sun_is_known():
    zoned = np.array([datetime.datetime(2026, 6, 21, 12, tzinfo=datetime.UTC)])
    with pytest.raises(ArgumentError, match=r"got object array .* drop the zone"):
        sun.solar_position(zoned, latitude_deg=0, longitude_deg=0)
    for year in (1899, 2201, 500_000):
        times = np.array([2000 - 1970, year - 1970]).astype("datetime64[Y]")
        with pytest.raises(ArgumentError, match="must lie in the years 1900 to 2200"):
            sun.solar_position(times, latitude_deg=0, longitude_deg=0)
        with pytest.raises(ArgumentError, match=rf"year must lie in \[1900, 2200\], got {year}"):
            sun.day_length_hours(0.0, 1, year=year)


def test_wrong_arguments_are_named():
    with pytest.raises(
        ArgumentError, match="times_utc must be a plain array of datetime64, got float64"
    ):
        sun.solar_position(np.zeros(3), latitude_deg=0, longitude_deg=0)
    now = np.array(["2026-01-01"], dtype="datetime64[s]")
    with pytest.raises(ArgumentError, match=r"latitude_deg must lie in \[-90, 90\], got 95"):
        sun.solar_position(now, latitude_deg=95, longitude_deg=0)
    with pytest.raises(ArgumentError, match="ephemeris must be 'accurate' or 'rsun'"):
        sun.sun_of_day(1, year=2026, longitude_deg=0, ephemeris="spa")
