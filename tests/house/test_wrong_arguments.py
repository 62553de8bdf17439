"""Whatever a public function is given, it computes or says in one sentence what it wants."""

import datetime
import subprocess
import sys

import numpy as np
import pytest

from eemt_core import _core, climate, energy, solar, terrain, water
from eemt_core.errors import ArgumentError, EemtError
from eemt_core.machine import most_processes

SHAPE = (6, 9)
Z = np.random.default_rng(3).normal(1000.0, 30.0, SHAPE)
SLOPE, ASPECT = terrain.slope_aspect(Z, cell_size_m=30.0)
HORIZON = terrain.horizon_map(Z, cell_size_m=30.0, directions=8)
DIRECTION, _ = water.flow_direction(Z, cell_size_m=30.0)
DEM = terrain.Terrain(Z, cell_size_m=30.0, latitude_deg=40.0)
SUN, AIR, CHOICES = solar.Sun([20]), solar.Air(), energy.EnergyParameters()
WEATHER = energy.MonthClimate(8.0, 22.0, Z / 20, vapour_pressure_pa=900.0, days=30)
LIGHT = energy.MonthSun(250e3, 250e3)
CANOPY = energy.Vegetation(3.0, Z / 100)
CUT = climate.ClimateCut(
    periods=("1971-2000",),
    days=((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),),
    values={
        name: np.full((1, 12, 1, 1), value, np.float32)
        for name, value in [("tmin_c", 5.0), ("tmax_c", 15.0), ("prcp_mm", 80.0)]
    },
    reference_m=np.array([[500.0]], np.float32),
    weight=np.ones((1, 1), np.float32),
)
FAR = terrain.FarLevel(Z, 90.0, -100.0, -100.0)
MORE = {"parameters": CHOICES, "threads": 1}

# Arguments with which each of them succeeds. What the others have, `EnergyMonth` and `Irradiation`,
# are records of results, and `ClimatePlan` and `ClimateSource` protocols.
CALLS = {
    terrain.Terrain: dict(elevation_m=Z, cell_size_m=30.0, latitude_deg=40.0, convergence_deg=0.0,
                          window=(1, 2, 3, 4), anchor=(0, 0), far_field=[FAR]),
    terrain.Surface: dict(elevation_m=Z, slope_deg=SLOPE, aspect_deg=ASPECT, latitude_deg=40.0,
                          convergence_deg=0.0, horizon_deg=HORIZON, sky_view=np.ones(SHAPE)),
    terrain.FarLevel: dict(elevation_m=Z, cell_size_m=30.0, x_m=0.0, y_m=0.0),
    terrain.horizon_map: dict(elevation_m=Z, cell_size_m=30.0, directions=8, far_field=[FAR],
                              curvature=True, refraction=True, threads=1),
    terrain.sky_view_factor: dict(horizon_deg=HORIZON, slope_deg=SLOPE, aspect_deg=ASPECT,
                                  threads=1),
    terrain.slope_aspect: dict(elevation_m=Z, cell_size_m=30.0, threads=1),
    solar.irradiation: dict(surface=DEM.surface, sun=SUN, air=AIR, refraction=True, threads=1),
    solar.sunlight: dict(terrain=DEM, sun=SUN, air=AIR, shadows=True, directions=8, threads=1),
    solar.Sun: dict(days=[20, 172], groups=[0, 1], year=2001, longitude_deg=0.0, step_minutes=15.0,
                    mode="exact"),
    solar.Air: dict(linke=3.0, albedo=0.2),
    solar.SolarParameters: solar.SolarParameters(days=(20, 172), year=2001).__dict__,
    solar.day_length_hours: dict(latitude_deg=40.0, day=20, year=2001, longitude_deg=0.0),
    solar.solar_position: dict(times_utc=np.array(["2020-02-29T12"], "datetime64[s]"),
                               latitude_deg=40.0, longitude_deg=0.0),
    solar.soda_linke: dict(latitude_deg=np.array([40.0]), longitude_deg=np.array([0.0])),
    water.fill_depressions: dict(elevation_m=Z),
    water.flow_direction: dict(elevation_m=Z, cell_size_m=30.0, threads=1),
    water.specific_catchment_area: dict(direction_deg=DIRECTION, cell_size_m=30.0),
    water.topographic_wetness_index: dict(elevation_m=Z, cell_size_m=30.0, min_gradient=1e-3,
                                          threads=1),
    water.wetness_ratio: dict(wetness=Z),
    energy.saturation_vapour_pressure: dict(temperature_c=Z / 100, form="bolton", threads=1),
    energy.air_pressure: dict(elevation_m=Z, **MORE),
    energy.psychrometric_constant: dict(elevation_m=Z, temperature_c=20.0, **MORE),
    energy.solar_ratio: dict(solar_topo_wh_m2=Z, solar_flat_wh_m2=1000.0, **MORE),
    energy.solar_temperature_shift: dict(solar_ratio=Z / 1000, lai=1.0, **MORE),
    energy.net_longwave: dict(tmin_c=Z / 100, tmax_c=20.0, vapour_pressure_pa=900.0, **MORE),
    energy.net_radiation: dict(solar_wh_m2=Z, longwave_mj_m2_day=5.0, solar_days=30.0, albedo=0.2,
                               threads=1),
    energy.hamon_pet: dict(tmin_c=Z / 100, tmax_c=20.0, daylight_hours=12.0, **MORE),
    energy.pan_resistance: dict(wind_m_s=Z / 500, threads=1),
    energy.canopy_resistance: dict(wind_m_s=Z / 500, canopy_height_m=10.0, **MORE),
    energy.surface_resistance: dict(lai=Z / 500, **MORE),
    energy.penman_monteith_et: dict(
        temperature_c=Z / 100, net_radiation_mj_m2_day=12.0, vapour_pressure_deficit_pa=500.0,
        elevation_m=100.0, aerodynamic_resistance_s_m=50.0, surface_resistance_s_m=50.0, **MORE),
    energy.penman_pan_pet: dict(
        temperature_c=Z / 100, net_radiation_mj_m2_day=12.0, vapour_pressure_deficit_pa=500.0,
        elevation_m=100.0, wind_m_s=2.0, **MORE),
    energy.fu_aet: dict(prcp_mm=Z / 10, pet_mm=50.0, **MORE),
    energy.lieth_npp: dict(temperature_c=Z / 100, threads=1),
    energy.topo_npp: dict(elevation_m=Z, slope_deg=SLOPE, aspect_deg=ASPECT, latitude_deg=40.0,
                          **MORE),
    energy.canopy_npp: dict(canopy_height_m=Z / 100, **MORE),
    energy.lai_from_ndvi: dict(ndvi=Z / 2000, threads=1),
    energy.MonthClimate: dict(tmin_c=Z / 100, tmax_c=20.0, prcp_mm=50.0, vapour_pressure_pa=900.0,
                              wind_m_s=2.0, days=30, year_days=365),
    energy.MonthSun: dict(topo_wh_m2=Z, flat_wh_m2=1e5, ratio_topo_wh_m2=1e5, ratio_flat_wh_m2=1e5,
                          albedo=0.2, days=30),
    energy.Vegetation: dict(lai=3.0, canopy_height_m=Z / 100),
    energy.EnergyParameters: CHOICES.to_dict(),
    energy.eemt_trad: dict(climate=WEATHER, daylight_hours=12.0, **MORE),
    energy.eemt_topo: dict(climate=WEATHER, sun=LIGHT, surface=DEM.surface, wetness_ratio=1.0,
                           **MORE),
    energy.eemt_topo_veg: dict(climate=WEATHER, sun=LIGHT, vegetation=CANOPY, elevation_m=Z,
                               wetness_ratio=1.0, **MORE),
    climate.LapseRates: dict(tmin_c_per_km=6.0, tmax_c_per_km=6.0),
    climate.ClimateCut: dict(periods=CUT.periods, days=CUT.days, values=CUT.values,
                             reference_m=CUT.reference_m, weight=CUT.weight),
    climate.Downscaler: dict(cut=CUT, elevation_m=Z, row0=0, col0=0, lapse=climate.LapseRates()),
    climate.downscale: dict(cut=CUT, period="1971-2000", month=1, elevation_m=Z, row0=0, col0=0),
    climate.open_climate: dict(path="nowhere"),
}  # fmt: skip
ARGUMENTS = [
    pytest.param(function, name, id=f"{function.__name__}-{name}")
    for function, arguments in CALLS.items()
    for name in arguments
]
# No argument can be any of these, but a path that is a text.
NEVER = [
    object(), {1: 2}, b"1", 1j, float("-inf"), 10**400, 10**5000, float,
    datetime.date(2026, 2, 28), {"a"}, ("a", "b"), [[1.0], [2.0, 3.0]], np.array(None),
    np.zeros(SHAPE, complex), np.full(SHAPE, "a"), np.full(SHAPE, None),
    np.zeros(SHAPE, [("a", float)]), np.ma.masked_greater(Z, 1000.0),
]  # fmt: skip
SOMETIMES = [
    None, True, float("nan"), -(2**70),
    0, -1, 1.5, 1e308, 5e-324, -0.0, 366, 2**31, 2**63, "5", "north", [], [1.0, 2.0],
    range(3), (30.0, -30.0), (1, 2, 3), np.float32(3.0), np.int64(5), np.array(3.0), np.ones(3),
    np.ones((2, 3, 4)), np.ones(SHAPE, int), np.ones(SHAPE, np.float32), np.ones((1, 1)),
    np.full(SHAPE, np.nan), np.full(SHAPE, np.inf), np.full(SHAPE, -1e6), Z.T, DEM, SUN, WEATHER,
    np.zeros(SHAPE, ">f8"), np.zeros((0, 9)),
]  # fmt: skip
LONGEST_SENTENCE = 600


def call(function, name, value):
    try:
        function(**{**CALLS[function], name: value})
        return
    except EemtError as error:
        refused = error
    text = str(refused)
    assert refused.field
    assert "\n" not in text
    assert max(len(text), len(repr(refused.value))) < LONGEST_SENTENCE
    raise refused


@pytest.mark.parametrize(("function", "name"), ARGUMENTS)
def test_what_no_argument_can_be_is_refused_in_one_sentence(function, name):
    for value in NEVER:
        with pytest.raises(ArgumentError):
            call(function, name, value)


@pytest.mark.parametrize(("function", "name"), ARGUMENTS)
def test_nothing_but_a_result_or_a_sentence_comes_of_an_odd_argument(function, name):
    for value in SOMETIMES:
        with np.errstate(all="ignore"):
            try:
                call(function, name, value)
            except EemtError:
                continue


def test_every_public_function_and_group_is_tried():
    packages = (terrain, solar, water, energy, climate)
    public = {getattr(package, name) for package in packages for name in package.__all__}
    results = {energy.EnergyMonth, solar.Irradiation, climate.ClimatePlan, climate.ClimateSource}
    assert public - results == CALLS.keys()


def test_more_threads_than_the_machine_bears_are_refused():
    most = most_processes()
    terrain.slope_aspect(Z, cell_size_m=30.0, threads=most)
    for threads in (-1, most + 1, 2.5):
        with pytest.raises(ArgumentError, match=r"^threads must ") as raised:
            terrain.slope_aspect(Z, cell_size_m=30.0, threads=threads)
        assert (raised.value.field, raised.value.value) == ("threads", threads)


@pytest.mark.parametrize(
    ("cell_size_m", "level"),
    [
        (1.0, terrain.FarLevel(Z, 1e7, 0.0, 0.0)),
        (1.0, terrain.FarLevel(Z, 30.0, 1e9, 0.0)),
        ((1e-4, 1e4), FAR),
    ],
)
def test_a_far_field_beyond_what_steps_count_is_refused(cell_size_m, level):
    with pytest.raises(ArgumentError, match=r"must span fewer than 2\*\*24 edges"):
        terrain.horizon_map(Z, cell_size_m=cell_size_m, far_field=[level])
    x, y = cell_size_m if isinstance(cell_size_m, tuple) else (cell_size_m, cell_size_m)
    with pytest.raises(ValueError, match=r"must span fewer than 2\*\*24 edges"):
        _core.terrain.horizon_map(
            Z, cell_x_m=x, cell_y_m=y, window=(0, 0, *SHAPE), directions=8, anchor=(0, 0),
            far_field=[(Z, level.cell_size_m, level.cell_size_m, level.x_m, level.y_m)],
            curvature=True, refraction=True,
        )  # fmt: skip


ELEVATIONS = [
    (function, name)
    for function, arguments in CALLS.items()
    if function.__module__.split(".")[1] in ("terrain", "water", "solar", "climate")
    for name in arguments
    if name == "elevation_m"
]


@pytest.mark.parametrize(("function", "name"), ELEVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("fill", [3.4e38, -3.4e38, -32768.0, 9001.0])
def test_an_elevation_that_no_ground_has_is_refused(function, name, dtype, fill):
    holed = Z.astype(dtype)
    holed[2, 3], holed[0, 0] = fill, np.nan
    arguments = {**CALLS[function], name: holed}
    for other in ("far_field", "slope_deg", "aspect_deg", "horizon_deg", "sky_view"):
        arguments.pop(other, None)  # of the other type
    with pytest.raises(ArgumentError, match=r"\(-11500 to 9000 m\), got .*: write no") as raised:
        function(**arguments)
    assert (raised.value.field, raised.value.value) == (name, holed[2, 3])


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        (
            "tmin_c",
            Z / 100 + 273.15,
            "tmin_c must hold temperature .* subtract 273.15 from kelvins",
        ),
        ("tmax_c", np.where(Z > 1000, 20.0, -9999.0), "got -9999: .* write no data as NaN"),
        ("prcp_mm", np.where(Z > 1000, 20.0, -9999.0), "prcp_mm must hold precipitation"),
        ("vapour_pressure_pa", Z / 1000, "not above 1.* Pa, .* multiply kilopascals by 1000"),
        ("vapour_pressure_pa", np.where(Z > 1000, 900.0, 3.4e38), "must hold vapour pressure"),
        ("wind_m_s", np.where(Z > 1000, 2.0, 255.0), "wind_m_s must hold wind speed"),
    ],
)
def test_a_climate_of_arrays_in_another_unit_is_refused(name, values, sentence):
    weather = {**CALLS[energy.MonthClimate], "tmin_c": Z / 100}
    with pytest.raises(ArgumentError, match=sentence) as raised:
        energy.MonthClimate(**{**weather, name: values})
    assert raised.value.field == name


def test_of_many_cells_a_wrong_unit_is_seen_too():
    kelvins = np.full((130, 300), 290.0, np.float32)
    with pytest.raises(ArgumentError, match=r"subtract 273\.15 from kelvins"):
        energy.MonthClimate(kelvins, 20.0, 50.0, days=30)


def test_polar_nights_have_little_vapour():
    cold_c = np.full(SHAPE, -60.0)
    energy.MonthClimate(cold_c, cold_c, Z, vapour_pressure_pa=np.full(SHAPE, 1.0), days=30)


def test_an_error_names_the_remedy_of_a_masked_array():
    masked = np.ma.masked_greater(Z, 1000.0)
    with pytest.raises(ArgumentError) as raised:
        terrain.slope_aspect(masked, cell_size_m=30.0)
    assert raised.value.remedy == 'fill it, for example with .astype("float32").filled(np.nan)'
    slope_deg, _ = terrain.slope_aspect(masked.astype(float).filled(np.nan), cell_size_m=30.0)
    np.testing.assert_array_equal(np.isnan(slope_deg), Z > 1000.0)


def test_too_little_memory_is_an_exception_with_a_sentence():
    code = (
        "import resource, numpy\n"
        "from eemt_core import terrain\n"
        "elevation_m = numpy.zeros((6000, 6000), numpy.float32)\n"
        "terrain.slope_aspect(elevation_m[:, :9], cell_size_m=1.0, threads=1)\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 150_000_000,) * 2)\n"
        "try:\n"
        "    terrain.horizon_map(elevation_m, cell_size_m=1.0, directions=1, threads=1)\n"
        "except MemoryError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("too little memory for so many cells: work on one window")
