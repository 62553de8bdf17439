"""What somebody writes who has read no reference: it works, or a sentence says what to write."""

import inspect
from pathlib import Path

import numpy as np
import pytest

import xarray as xr
from eemt_core import (
    EnergyRequest,
    RunRequest,
    SolarParameters,
    energy,
    estimate,
    run,
    solar,
    terrain,
    water,
)
from eemt_core.errors import ArgumentError

CLIMATE = Path("station.toml")
DEM_M = 2000.0 + np.add.outer(np.arange(8.0), np.arange(9.0))
PLACE = terrain.Terrain(DEM_M, cell_size_m=10.0, latitude_deg=36.0)
SUN = solar.Sun([172])
SUMS = solar.sunlight(PLACE, SUN)
WEATHER = energy.MonthClimate(8.0, 22.0, 60.0, vapour_pressure_pa=900.0, days=30)
LIGHT = energy.MonthSun(SUMS.total_wh_m2[0] * 30, SUMS.flat_total_wh_m2[0] * 30)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: solar.sunlight(DEM_M, SUN), "terrain must be a Terrain, got ndarray"),
        (lambda: solar.sunlight(PLACE, [172]), "sun must be a Sun, got list"),
        (lambda: solar.sunlight(PLACE, SUN, 3.0), "air must be an Air, got float"),
        (lambda: solar.irradiation(PLACE, SUN), "surface must be a Surface, .*: give it to sunl"),
        (lambda: energy.eemt_trad(LIGHT, daylight_hours=14.0), "climate must be a MonthClimate"),
        (
            lambda: energy.eemt_topo(WEATHER, SUMS, PLACE.surface, wetness_ratio=1.0),
            "sun must be a MonthSun, got Irradiation: make one of a month's total_wh_m2",
        ),
        (
            lambda: energy.eemt_topo(WEATHER, LIGHT, PLACE, wetness_ratio=1.0),
            r"surface must be a Surface, got Terrain: give its \.surface",
        ),
        (
            lambda: energy.eemt_topo_veg(WEATHER, LIGHT, 3.0, elevation_m=1.0, wetness_ratio=1.0),
            "vegetation must be a Vegetation, got float",
        ),
        (
            lambda: energy.fu_aet(60.0, 90.0, parameters={"fu_w": 3.0}),
            "parameters must be an EnergyParameters, got dict",
        ),
        (lambda: run({"dem": None}), "request must be a RunRequest, got dict: .*from_dict"),
        (lambda: estimate("dem.tif"), "request must be a RunRequest, got str"),
    ],
)
def test_another_group_than_the_one_wanted_is_named(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()


@pytest.mark.parametrize(
    ("array", "remedy"),
    [
        (np.ma.masked_less(DEM_M, 2003.0), r"a masked array: fill it, .*filled\(np.nan\)"),
        (DEM_M.astype("int16"), r'got int16: convert it with \.astype\("float32"\)'),
        (xr.DataArray(DEM_M, dims=("y", "x")), r"DataArray: take its \.values, or .*xarray"),
    ],
)
def test_an_elevation_as_files_are_read_is_told_how_to_convert(array, remedy):
    """A mask is not silently dropped: the fill beneath it would count as elevation."""
    for call in (
        lambda: terrain.slope_aspect(array, cell_size_m=10.0),
        lambda: terrain.Terrain(array, cell_size_m=10.0, latitude_deg=36.0),
        lambda: water.topographic_wetness_index(array, cell_size_m=10.0),
    ):
        with pytest.raises(ArgumentError, match=remedy):
            call()


@pytest.mark.parametrize("days", [172, "1-365", 172.0])
def test_days_are_a_list(days):
    for make in (solar.Sun, lambda days: SolarParameters(days=days)):
        with pytest.raises(ArgumentError, match="days must be a list of numbers"):
            make(days)


@pytest.mark.parametrize("days", [[171, 172], range(171, 173), np.arange(171, 173)])
def test_days_come_as_any_list(days):
    assert solar.Sun(days) == solar.Sun((171, 172))
    assert SolarParameters(days=days) == SolarParameters(days=(171, 172))


def test_a_request_takes_text_for_paths_and_lists_for_tuples():
    energy_of = EnergyRequest("station.toml", variants=["topo"], lapse_c_per_km=[5.0, 7.0])
    asked = RunRequest("dem.tif", "maps", energy=energy_of, nodata=[-9999], tile_cells=512)
    assert (asked.dem, asked.out, asked.energy.climate) == (
        *map(Path, ("dem.tif", "maps")),
        CLIMATE,
    )
    assert RunRequest.from_dict(asked.to_dict()) == asked


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (dict(elevation_unit="feet"), "elevation_unit must be one of m, ft, us-ft, got 'feet'"),
        (dict(energy="station.toml"), "energy must be a dictionary of fields and their values"),
        (dict(threads="two"), "threads must be a whole number, got 'two'"),
        (dict(nodata=-9999), "nodata must be a list, got -9999"),
    ],
)
def test_a_request_is_checked_when_it_is_made(fields, message):
    with pytest.raises(ArgumentError, match=message):
        RunRequest("dem.tif", "maps", **fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (dict(variants=("veg",)), r"variants\[0\] must be one of trad, topo, topo-veg, got 'veg'"),
        (dict(parameters={"fuw": 3.0}), "unknown field 'fuw' in parameters: write fu_w"),
        (dict(parameters={"fu_w": 300.0}), r"parameters\.fu_w must lie in"),
        (dict(start_year="2001"), "start_year must be a whole number"),
    ],
)
def test_what_is_asked_of_the_balance_is_checked_when_it_is_made(fields, message):
    with pytest.raises(ArgumentError, match=message):
        EnergyRequest("station.toml", **fields)


def test_the_sun_has_no_year_one():
    with pytest.raises(ArgumentError, match=r"year must lie in \[1900, 2200\], got 1"):
        SolarParameters(year=1)


def test_one_turbidity_may_be_a_number():
    assert SolarParameters(linke=2.5) == SolarParameters(linke=(2.5,))


def test_a_wrong_array_does_not_fill_the_screen():
    with pytest.raises(ArgumentError) as met:
        solar.day_length_hours(36.0, np.arange(1, 366))
    assert len(str(met.value)) < 120
    assert "\n" not in str(met.value)


def test_the_length_of_a_day_is_taken_as_it_is_given():
    """It has the shape of the latitude: none, where that is a number."""
    hours = solar.day_length_hours(36.0, 166)
    cell = energy.MonthClimate(np.array([[1.0]]), 15.0, 50.0, days=30)
    with_number = energy.eemt_trad(cell, daylight_hours=hours.item())
    assert energy.eemt_trad(cell, daylight_hours=hours).eemt_mj_m2 == with_number.eemt_mj_m2


def test_numbers_alone_are_one_cell():
    vapour_pa = energy.saturation_vapour_pressure(8.0)
    assert vapour_pa.shape == (1, 1)
    plain = terrain.Surface(2000.0, latitude_deg=36.0)
    light = energy.MonthSun(250e3, 250e3)
    june = energy.eemt_topo(WEATHER, light, plain, wetness_ratio=1.0)
    cells = terrain.Surface(np.full((2, 3), 2000.0), latitude_deg=36.0)
    spread = energy.eemt_topo(WEATHER, light, cells, wetness_ratio=1.0)
    np.testing.assert_array_equal(spread.eemt_mj_m2, np.full((2, 3), june.eemt_mj_m2.item()))


@pytest.mark.parametrize("package", [terrain, solar, water, energy])
def test_a_signature_fits_a_screen(package):
    """Defaults that are records show what differs from their own defaults: nothing."""
    for name in package.__all__:
        signature = inspect.signature(getattr(package, name))
        for parameter in signature.parameters.values():
            if parameter.default is not inspect.Parameter.empty:
                assert len(repr(parameter.default)) < 40, (name, parameter.name)


def test_a_record_shows_what_was_chosen():
    chosen = SolarParameters(days=(15, 172), albedo=0.3)
    assert repr(chosen) == "SolarParameters(days=(15, 172), albedo=0.3)"
    assert eval(repr(chosen), {"SolarParameters": SolarParameters}) == chosen
