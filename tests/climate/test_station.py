"""A station's table: what is read, and errors that name file, key and remedy."""

import re

import numpy as np
import pytest

from eemt_core import climate, rasters
from eemt_core.climate._vapour import saturation_pa
from eemt_core.climate.readers.station import open_station
from eemt_core.errors import ArgumentError, InputError
from eemt_core.grids.grid import Grid

GRID = Grid(rows=40, cols=50, x0=0.0, y0=0.0, dx=30.0, dy=30.0, unit_m=1.0, crs="")
TMIN = [-3.7, -2.1, 1.9, 6.0, 10.6, 14.9, 17.3, 16.3, 13.0, 6.8, 2.4, -1.7]
TMAX = [6.4, 9.2, 14.2, 19.3, 23.3, 27.0, 28.8, 28.3, 25.1, 19.7, 13.6, 8.4]
PRCP = [124.7, 103.6, 138.7, 104.6, 143.3, 131.6, 130.6, 118.4, 94.2, 81.5, 118.4, 125.7]

PLACE = """\
name = "ALLARDT, Tennessee"
source = "NOAA climate normals 1971-2000"
elevation_m = 510.5
latitude = 36.23
"""
MONTHS = f"tmin_c = {TMIN}\ntmax_c = {TMAX}\nprcp_mm = {PRCP}\n"
NORMALS = f'{PLACE}period = "1971-2000"\n[monthly]\n{MONTHS}'
YEARS = f"{PLACE}[[year]]\nyear = 2012\n{MONTHS}[[year]]\nyear = 2011\n{MONTHS}"


@pytest.fixture
def write(tmp_path):
    def write(text, name="allardt.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def no_elevation(row0, col0, rows, cols):
    raise AssertionError("a station comes with its own elevation")


def test_normals_are_one_period_with_the_numbers_of_the_file(write):
    source = open_station(write(NORMALS))
    assert source.periods == ("1971-2000",)
    assert source.variables == ("tmin_c", "tmax_c", "prcp_mm")
    cut = source.plan(GRID, source.select(), no_elevation).cut(0, 0, 40, 50)
    np.testing.assert_array_equal(cut.values["tmin_c"].ravel(), np.float32(TMIN))
    assert [cut.month_days("1971-2000", m) for m in (1, 2, 12)] == [31, 28, 31]
    assert cut.year_days("1971-2000") == 365


def test_years_are_sorted_and_have_their_own_days(write):
    source = open_station(write(YEARS))
    assert source.periods == (2011, 2012)
    assert source.select(2012, None) == (2012,)
    cut = source.plan(GRID, source.periods, no_elevation).cut(0, 0, 40, 50)
    assert (cut.month_days(2011, 2), cut.month_days(2012, 2)) == (28, 29)


def test_vapour_pressure_and_wind_are_taken_where_given(write):
    extra = f"vp_pa = {[800] * 12}\nwind_m_s = {[2.5] * 12}\n"
    source = open_station(write(NORMALS + extra))
    assert source.variables == ("tmin_c", "tmax_c", "prcp_mm", "vapour_pressure_pa", "wind_m_s")
    assert source.provenance["vapour_pressure"].startswith("given")
    cut = source.plan(GRID, source.periods, no_elevation).cut(0, 0, 2, 3)
    month = climate.downscale(cut, "1971-2000", 5, np.full((2, 3), 510.5, np.float32))
    # equal up to float32 rounding: converted to relative humidity and back
    np.testing.assert_allclose(month.vapour_pressure_pa, 800, rtol=3e-7)
    assert np.all(month.wind_m_s == 2.5)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("pressure_pa", [50.0, 400.0, 800.0, 3000.0])
def test_a_stations_air_has_the_same_relative_humidity_at_all_heights(write, month, pressure_pa):
    source = open_station(write(NORMALS + f"vp_pa = {[pressure_pa] * 12}\n"))
    cut = source.plan(GRID, source.periods, no_elevation).cut(0, 0, 1, 5)
    z = np.array([[-200.0, 510.5, 1100.0, 2000.0, np.nan]], np.float32)
    air = climate.downscale(cut, "1971-2000", month, z)
    mean_c = (air.tmin_c + air.tmax_c) / 2
    # Bolton's formula, independent of our code: 6.112 hPa exp(17.67 T / (T + 243.5))
    saturation = 611.2 * np.exp(17.67 * mean_c / (mean_c + 243.5))
    humidity = air.vapour_pressure_pa / saturation
    there = min(pressure_pa / saturation[0, 1], 1.0)
    # the two forms of saturation differ by some tenths of a percent between -20 and 30 degrees
    np.testing.assert_allclose(humidity[0, :4], there, rtol=5e-3)
    assert (air.vapour_pressure_pa[0, :4] <= saturation_pa(mean_c)[0, :4]).all()
    assert np.isnan(air.vapour_pressure_pa[0, 4])


def test_missing_vapour_pressure_is_said_in_the_provenance(write):
    source = open_station(write(NORMALS))
    plan = source.plan(GRID, source.periods, no_elevation)
    assert "minimum temperature" in plan.provenance["vapour_pressure"]
    assert plan.provenance["station"] == "ALLARDT, Tennessee"
    assert any("allardt.toml" in note for note in plan.notes)


@pytest.mark.parametrize(
    ("zone", "north_m", "told"), [(32613, 4e6, False), (32713, 6e6, True), (32613, -1e6, True)]
)
def test_a_station_of_the_other_hemisphere_is_told(write, zone, north_m, told):
    grid = Grid(40, 50, 5e5, north_m, 30.0, 30.0, 1.0, rasters.crs_wkt(f"EPSG:{zone}"))
    source = open_station(write(NORMALS))
    notes = source.plan(grid, source.periods, no_elevation).notes
    assert any("the other hemisphere's seasons" in note for note in notes) == told
    assert not told or "36.2 degrees N" in notes[0]


@pytest.mark.parametrize(
    ("longitude", "latitude", "told"),
    [
        (-84.53, 36.23, ""),  # where it stands
        (-82.0, 36.23, ""),
        (-84.53, 38.4, ""),
        # 111.195 km a degree of latitude; times cos(36.23 deg), of longitude
        (-84.53, 38.53, "some 260 km from the DEM"),
        (-81.13, 36.23, "some 300 km from the DEM"),
        (95.47, 36.23, "some 11960 km from the DEM"),  # over the pole: 107.54 degrees
    ],
)
def test_a_station_of_another_region_is_told(write, longitude, latitude, told):
    grid = Grid(
        2, 2, longitude - 0.01, latitude + 0.01, 0.01, 0.01, 1.0, rasters.crs_wkt("EPSG:4326")
    )
    source = open_station(write("longitude = -84.53\n" + NORMALS))
    notes = source.plan(grid, source.periods, no_elevation).notes
    assert [told in note for note in notes if "from the DEM" in note] == [True] * bool(told)


def test_a_station_without_a_longitude_is_judged_by_its_latitude(write):
    source = open_station(write(NORMALS))
    for latitude, is_far in ((37.0, False), (39.0, True)):
        grid = Grid(2, 2, 10.0, latitude, 0.01, 0.01, 1.0, rasters.crs_wkt("EPSG:4326"))
        notes = source.plan(grid, source.periods, no_elevation).notes
        assert any("from the DEM" in note for note in notes) == is_far


def test_a_station_cools_with_height_above_its_own_elevation(write):
    source = open_station(write(NORMALS))
    cut = source.plan(GRID, source.periods, no_elevation).cut(0, 0, 1, 2)
    z = np.array([[510.5, 1510.5]], np.float32)
    july = climate.downscale(
        cut, "1971-2000", 7, z, lapse=climate.LapseRates(tmin_c_per_km=4.0, tmax_c_per_km=8.0)
    )
    np.testing.assert_allclose(july.tmin_c, [[17.3, 13.3]], rtol=1e-6)
    np.testing.assert_allclose(july.tmax_c, [[28.8, 20.8]], rtol=1e-6)
    np.testing.assert_array_equal(july.prcp_mm, np.float32([[130.6, 130.6]]))


def replaced(key, numbers):
    return re.sub(rf"(?m)^{key} = .*$", f"{key} = {numbers}", NORMALS)


BAD = {
    "eleven numbers": (replaced("tmin_c", TMIN[:11]), "tmin_c .* has 11 numbers: give twelve"),
    "text": (replaced("tmin_c", '["a"]'), r"tmin_c .* must be a list of numbers"),
    "swapped": (
        replaced("tmin_c", [*TMIN[:6], 30.0, *TMIN[7:]]),
        r"tmin_c is above tmax_c in \[monthly\], July \(30 and 28.8 degC\)",
    ),
    "rain below zero": (replaced("prcp_mm", [-1.0] * 12), "prcp_mm .* holds -1, .* millimetres"),
    "Fahrenheit": (replaced("tmax_c", [83.8] * 12), "tmax_c .* holds 83.8.*Fahrenheit"),
    "kPa": (NORMALS + f"vp_pa = {[1.2] * 12}\n", "vp_pa .* holds 1.2, .* pascals"),
    "missing": (NORMALS.replace("prcp_mm", "#"), r"prcp_mm is missing in \[monthly\]"),
    "unknown": (NORMALS.replace("latitude", "altitude = 3\nlatitude"), "unknown key altitude"),
    "unknown below": (NORMALS + "rain = 3\n", r"unknown key rain in \[monthly\]"),
    "no end of digits": (replaced("tmin_c", f"[{'9' * 5000}]"), "mend that place"),
    "400 digits": (replaced("tmin_c", f"[{'9' * 400}]"), "tmin_c .* must be a list of numbers"),
    "nested": ("a = " + "[" * 5000, "mend that place"),
    "syntax": (NORMALS.replace("latitude =", "latitude :"), "not valid TOML.* line 4"),
    "no elevation": (NORMALS.replace("elevation_m", "#"), "elevation_m must be given as a number"),
    "no latitude": (NORMALS.replace("latitude", "#"), "latitude must be given as a number"),
    "latitude": (NORMALS.replace("36.23", "136.23"), r"latitude .* \[-90, 90\], got 136.23"),
    "no name": (NORMALS.replace("name =", "#"), "name must be given as text"),
    "no period": (NORMALS.replace("period", "#"), "period must be the label"),
    "path as period": (NORMALS.replace("1971-2000", "../up"), "period must be the label"),
    "neither": (PLACE, r"give either one \[monthly\]"),
    "both": (NORMALS + YEARS[len(PLACE) :], r"give either one \[monthly\]"),
    "year twice": (YEARS.replace("2011", "2012"), "year 2012 is there twice"),
    "no year": (YEARS.replace("year = 2011", ""), r"each \[\[year\]\] needs its year"),
    "year as table": (PLACE + "[year]\nyear = 3\n", r"headed \[\[year\]\]"),
    "period and years": (YEARS.replace("[[year]]", 'period = "x"\n[[year]]', 1), "period belongs"),
    "uneven years": (YEARS + f"vp_pa = {[800] * 12}\n", "must hold the same keys"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_an_unusable_table_is_an_error_that_names_file_and_remedy(write, text, message):
    path = write(text)
    with pytest.raises(InputError, match=message) as caught:
        open_station(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.toml does not exist"):
        open_station(tmp_path / "nowhere.toml")


def test_years_cannot_be_asked_of_normals(write):
    source = open_station(write(NORMALS))
    with pytest.raises(ArgumentError, match=r"normals .* leave out start_year"):
        source.select(1980, 1990)


def test_a_year_that_is_not_there_is_named(write):
    source = open_station(write(YEARS))
    with pytest.raises(InputError, match="no data of the year 2013, only of 2011 to 2012"):
        source.select(2011, 2013)
    with pytest.raises(ArgumentError, match="must not be after"):
        source.select(2012, 2011)
