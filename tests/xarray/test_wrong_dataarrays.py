"""Whatever DataArray a function is given, it computes or says in one sentence what it wants."""

import numpy as np
import pytest

import eemt_core.xarray as ours
import xarray as xr
from eemt_core import energy, solar, water
from eemt_core.errors import ArgumentError
from runs import mountains

ROWS, COLS = 24, 32
METRES = mountains((ROWS, COLS)).astype(np.float32)
UTM, OTHER = "EPSG:32613", "EPSG:32614"


def dem(values=METRES, crs=UTM, **attrs):
    y, x = 4_000_000.0 - 30.0 * np.arange(ROWS), 500_000.0 + 30.0 * np.arange(COLS)
    return xr.DataArray(values, {"y": y, "x": x}, ("y", "x"), attrs={"crs": crs} | attrs)


def refused(call, sentence, field):
    with pytest.raises(ArgumentError, match=sentence) as raised:
        call()
    error = raised.value
    assert error.field == field
    assert "\n" not in str(error)
    assert len(str(error)) < 600
    return error


def dates(count):
    return np.datetime64("2020-01-01") + np.arange(count)


WRONG_DEMS = {
    "dates": (lambda: dem().assign_coords(x=dates(COLS)), "along x must be a row of numbers"),
    "words": (lambda: dem().assign_coords(y=list(map(str, range(ROWS)))), "a row of numbers"),
    "objects": (
        lambda: dem().assign_coords(y=np.array([None] * ROWS)), "along y must be a row of numbers",
    ),
    "2-D": (
        lambda: dem().drop_vars(["x", "y"]).assign_coords(
            lon=(("y", "x"), METRES), lat=(("y", "x"), METRES)
        ),
        "must have coordinates of at least two cells along y",
    ),
    "2-D x": (
        lambda: dem().drop_vars("x").assign_coords(x=(("y", "x"), METRES)),
        r"along x must be a row of numbers, got float32 of the dimensions \(y, x\)",
    ),
    "no scale": (lambda: dem(scale_factor=0), "must be a number but 0 .* got 0 and 0: correct"),
    "huge": (lambda: dem(scale_factor=1e300), "at most 1e.12, got 1e.300 and 0: correct them"),
    "complex": (lambda: dem(METRES.astype(complex)), r"real numbers, .* complex128: convert them"),
    "text": (lambda: dem(METRES.astype(str)), "must hold real numbers, got values of type <U"),
    "object": (lambda: dem(METRES.astype(object)), "must hold real numbers, .* type object"),
    "bool": (lambda: dem(METRES > 0), "must hold real numbers, got values of type bool"),
    "scale": (lambda: dem(scale_factor="tenth"), "scale_factor of dem .* number, got 'tenth'"),
    "offset": (lambda: dem(add_offset=[1, 2]), r"add_offset of dem must be .* got \[1, 2\]"),
    "fill": (lambda: dem(_FillValue="none"), "_FillValue of dem must be .* got 'none': correct"),
    "fills": (lambda: dem(_FillValue=[-1, "a"]), "_FillValue of dem must be .* got 'a'"),
    "mappings": (lambda: dem(grid_mapping=["crs"]), "grid_mapping of dem must be the name of one"),
    "crs": (lambda: dem(crs="here"), "the CRS of dem cannot be read, got 'here': set it anew"),
    "undeclared": (
        lambda: dem(np.where(METRES.mean() < METRES, METRES, np.float32(3.4e38))),
        r"dem must hold elevation \(-11500 to 9000 m\), got 3.4e\+38: write no data as NaN",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_DEMS)
@pytest.mark.parametrize("name", ["sunlight", "slope_aspect", "fill_depressions"])
def test_a_wrong_dem_is_refused_in_one_sentence(name, case):
    make, sentence = WRONG_DEMS[case]
    options = {"days": [172]} if name == "sunlight" else {}
    refused(lambda: getattr(ours, name)(make(), **options), sentence, "dem")


BLOCKWISE = ("slope_aspect", "surface", "horizon_map", "sky_view_factor", "sunlight")


@pytest.mark.parametrize("name", BLOCKWISE)
@pytest.mark.parametrize("wrong", [{"threads": -1}, {"threads": "2"}, {"tile_cells": "x"}])
def test_options_are_checked_when_the_function_is_called(name, wrong):
    (field,) = wrong
    if field == "tile_cells" and name in ("slope_aspect", "surface"):
        return
    options = wrong | ({"days": [172]} if name == "sunlight" else {})
    refused(lambda: getattr(ours, name)(dem().chunk(x=16), **options), f"^{field} must ", field)


@pytest.mark.parametrize(
    ("options", "sentence", "field"),
    [
        (dict(sun=[172]), r"sun must be a Sun, got list: sun=Sun\(\[172\]\) or days", "sun"),
        (dict(days=[172], air=[3.0]), "air must be an Air, got list: air=Air", "air"),
        (dict(days=[172], shadows="no"), "shadows must be True or False, got 'no'", "shadows"),
        (dict(days="june"), "days must be a list of numbers, got 'june'", "days"),
    ],
)
def test_wrong_suns_and_airs_are_refused(options, sentence, field):
    refused(lambda: ours.sunlight(dem(), **options), sentence, field)


@pytest.mark.parametrize("where", ["attrs", "encoding"])
@pytest.mark.parametrize("kind", [np.int16, np.float32, np.dtype(">f4")])
@pytest.mark.parametrize("fill", [-32768, [-32768.0], np.float64(-32768), [-1, -32768]])
def test_a_fill_is_no_data_wherever_it_is_declared(where, kind, fill):
    values = METRES.round().astype(kind)
    values[3, 4] = -32768
    given = dem(values)
    getattr(given, where)["missing_value" if isinstance(fill, list) else "_FillValue"] = fill
    slopes = ours.slope_aspect(given).slope_deg
    assert np.argwhere(np.isnan(slopes.values)).tolist() == [[3, 4]]


def test_the_fill_of_numbers_that_a_reader_unpacked_hides_none():
    """A packed 1000 is no data; an unpacked 1000 is ground."""
    given = dem(np.where(METRES.mean() < METRES, METRES, np.float32(1000.0)))
    expected = ours.slope_aspect(given)
    given.encoding |= {"_FillValue": 1000, "scale_factor": 0.1, "dtype": "int16"}
    xr.testing.assert_equal(ours.slope_aspect(given), expected)


def test_a_file_is_the_same_decoded_or_not(tmp_path):
    import rioxarray

    values = METRES.round().astype(np.int16)
    values[3, 4] = -32768
    dem(values).rio.write_crs(UTM).rio.write_nodata(-32768).rio.to_raster(tmp_path / "dem.tif")
    raw, decoded = (
        rioxarray.open_rasterio(tmp_path / "dem.tif", masked=masked) for masked in (False, True)
    )
    assert "_FillValue" in raw.attrs
    assert "_FillValue" in decoded.encoding
    with raw, decoded:
        found = [ours.slope_aspect(each).slope_deg.values for each in (raw, decoded)]
    np.testing.assert_array_equal(*found)
    assert np.isnan(found[0]).sum() == 1


def test_water_ways_are_those_of_the_arrays_in_any_order_of_coordinates():
    given = ours.fill_depressions(dem())
    ways = given.eemt.flow_direction()
    size = ours._place.Place.of(given).cell_size_m
    direction_deg, gradient = water.flow_direction(given.values, cell_size_m=size)
    np.testing.assert_array_equal(ways.direction_deg, direction_deg)
    np.testing.assert_array_equal(ways.gradient, gradient)
    area = ours.specific_catchment_area(ways.direction_deg)
    expected = water.specific_catchment_area(direction_deg, cell_size_m=size)
    np.testing.assert_array_equal(area, expected)
    assert (area.attrs["units"], ways.direction_deg.attrs["units"]) == ("m", "degrees")
    south_up = ours.flow_direction(given[::-1].transpose("x", "y"))
    xr.testing.assert_equal(south_up.sortby("y", ascending=False), ways)
    xr.testing.assert_equal(ours.specific_catchment_area(south_up.direction_deg)[::-1], area)
    lazy = ways.direction_deg.chunk(x=10)
    refused(lambda: ours.specific_catchment_area(lazy), "load it first", "direction_deg")
    refused(lambda: ours.specific_catchment_area(3.0), "must be a DataArray", "direction_deg")
    refused(lambda: ours.wetness_ratio([1.0]), "wetness must be a DataArray, got list", "wetness")
    rest = ways.direction_deg.drop_vars(["x", "y"])
    refused(lambda: ours.specific_catchment_area(rest), "direction_deg must have", "direction_deg")


def test_sums_of_months_are_months_however_many_days_they_have():
    light = dem().eemt.sunlight(solar.Sun([15, 46], groups="months"))
    assert light.hours.dims == ("month", "y", "x")
    assert list(light.month) == [1, 2]
    assert dem().eemt.sunlight(days=[15, 46]).hours.dims == ("day", "y", "x")


NUMBERS = {"tmin_c": 8.0, "tmax_c": 22.0, "prcp_mm": 60.0, "vapour_pressure_pa": 900.0}


def june():
    ground = ours.surface(dem())
    light = ours.sunlight(dem(), solar.Sun([172], groups="months")).isel(month=0)
    climate = xr.Dataset({n: xr.full_like(ground.elevation_m, v) for n, v in NUMBERS.items()})
    return {"climate": climate, "sun": light, "surface": ground, "wetness_ratio": 1.0, "days": 30}


def shifted(dataset):
    return dataset.assign_coords(x=dataset.x + 7.0)


MISFITS = {
    "coordinates": (
        lambda given: {"sun": shifted(given["sun"])},
        "same cells as climate.tmin_c, but its coordinates along x differ", "sun.total_wh_m2",
    ),
    "size": (
        lambda given: {"surface": given["surface"].isel(x=slice(9))},
        r"its numbers of cells along x \(9 and 32\) differ", "surface.elevation_m",
    ),
    "dimensions": (
        lambda given: {"sun": given["sun"].rename(x="lon", y="lat")},
        r"its dimensions \(lat, lon\) and \(y, x\) differ", "sun.total_wh_m2",
    ),
    "crs": (
        lambda given: {"wetness_ratio": dem(METRES, OTHER)},
        "wetness_ratio must have the CRS of climate.tmin_c, got another one", "wetness_ratio",
    ),
    "all months": (
        lambda given: {"sun": given["sun"].expand_dims("month")},
        r"dimensions of sun.total_wh_m2 are \(month, y, x\): .* select a month",
        "sun.total_wh_m2",
    ),
    "text": (
        lambda given: {"climate": given["climate"].assign(tmax_c="warm")},
        "climate.tmax_c must be a finite number or a DataArray, got .*warm", "climate.tmax_c",
    ),
    "complex": (
        lambda given: {"climate": given["climate"].astype(complex)},
        "climate.tmin_c must hold real numbers", "climate.tmin_c",
    ),
    "bare": (
        lambda given: {"wetness_ratio": np.ones((ROWS, COLS))},
        "wetness_ratio must be a finite number or a DataArray", "wetness_ratio",
    ),
    "list": (lambda given: {"surface": [1]}, "surface must be an xarray Dataset", "surface"),
    "kelvins": (
        lambda given: {"climate": given["climate"].assign(tmin_c=given["climate"].tmin_c + 273)},
        r"tmin_c must hold temperature .* got 281: subtract 273.15 from kelvins", "tmin_c",
    ),
    "days": (lambda given: {"days": "thirty"}, "days must be a number, got 'thirty'", "days"),
    "parameters": (lambda given: {"parameters": 3}, "must be an EnergyParameters", "parameters"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISFITS)
def test_what_does_not_fit_a_balance_is_refused_in_one_sentence(case):
    change, sentence, field = MISFITS[case]
    given = june()
    refused(lambda: ours.eemt_topo(**{**given, **change(given)}), sentence, field)


def test_a_lazy_balance_is_checked_when_it_is_called():
    given = june()
    given["climate"] = given["climate"].chunk(x=8)
    refused(lambda: ours.eemt_topo(**{**given, "days": 400}), "days must lie in", "days")
    given["sun"] = shifted(given["sun"])
    refused(lambda: ours.eemt_topo(**given), "coordinates along x differ", "sun.total_wh_m2")


def test_turned_cells_and_declared_fills_of_a_climate_are_understood():
    given = june()
    expected = ours.eemt_topo(**given)
    turned = {**given, "climate": given["climate"].transpose("x", "y")}
    xr.testing.assert_equal(ours.eemt_topo(**turned).transpose("y", "x"), expected)
    prcp_mm = given["climate"].prcp_mm.copy()
    prcp_mm[0, 0] = -9999.0
    given["climate"]["prcp_mm"] = prcp_mm.assign_attrs(_FillValue=-9999.0)
    found = ours.eemt_topo(**given).eemt_mj_m2
    assert np.isnan(found[0, 0])
    np.testing.assert_array_equal(found[1:], expected.eemt_mj_m2[1:])


def test_numbers_alone_are_no_cells():
    climate = xr.Dataset(NUMBERS)
    refused(
        lambda: ours.eemt_trad(climate, daylight_hours=12.0, days=30),
        r"all variables are numbers: .* have the dimensions \(y, x\)", "climate.tmin_c",
    )  # fmt: skip
    assert energy.MonthClimate(*list(NUMBERS.values())[:3], days=30).tmin_c == 8.0
