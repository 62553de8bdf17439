"""DataArrays: the same values as from arrays and from the command, and kept coordinates."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
import rasterio

import eemt_core.xarray as ours
import xarray as xr
from eemt_core import energy, solar, terrain, water
from eemt_core.errors import ArgumentError
from runs import eemt_run, mountains, write_dem

UTM = "EPSG:32613"
SIZE_M = 30.0


def dem(values=None, crs=UTM, **attrs):
    values = mountains((96, 128)) if values is None else values
    rows, cols = values.shape
    y = 4_000_000.0 - SIZE_M * (np.arange(rows) + 0.5)
    x = 500_000.0 + SIZE_M * (np.arange(cols) + 0.5)
    made = xr.DataArray(values, {"y": y, "x": x}, ("y", "x"), attrs=attrs)
    return made.rio.write_crs(crs) if crs else made


@pytest.fixture(autouse=True, scope="module")
def _rioxarray():
    import rioxarray  # noqa: F401


DAYS = [20, 172]


def test_values_are_those_of_the_arrays():
    given = dem()
    place = ours._place.Place.of(given)
    latitude = np.degrees(place.geometry.latitude_rad.expand(0, 0, *given.shape))
    north = np.degrees(place.geometry.convergence_rad.expand(0, 0, *given.shape))
    here = terrain.Terrain(
        given.values,
        cell_size_m=place.cell_size_m,
        latitude_deg=latitude.astype(given.dtype),
        convergence_deg=north.astype(given.dtype),
    )
    longitude = float(np.degrees(place.geometry.longitude_rad.expand(48, 64, 1, 1)[0, 0]))
    sums = solar.sunlight(here, solar.Sun(DAYS, longitude_deg=longitude))
    light = given.eemt.sunlight(days=DAYS)
    # degrees there and back are rounded in the last bit of float32: some 1e-7 of an angle
    np.testing.assert_allclose(light.total_wh_m2, sums.total_wh_m2, rtol=2e-5, atol=0.1)
    np.testing.assert_allclose(light.hours, sums.hours, atol=0.01)
    slopes = given.eemt.slope_aspect()
    np.testing.assert_array_equal(slopes.slope_deg, here.surface.slope_deg)
    np.testing.assert_array_equal(slopes.aspect_deg, here.surface.aspect_deg)


@pytest.mark.slow
@pytest.mark.parametrize("tile_cells", [64, 1024])
def test_a_dask_array_gives_the_maps_of_the_command(tile_cells, tmp_path):
    """Halo and far field included: the cut into tiles is the command's."""
    path = write_dem(tmp_path / "dem.tif", mountains((128, 640)))
    options = ("--days", "172", "--step", "60", "--daily", "--no-pictures", "--precision", "full")
    done = eemt_run(path, "-o", tmp_path / "out", *options, "--tile-size", tile_cells)
    assert done.returncode == 0, done.stderr
    with xr.open_dataarray(path, engine="rasterio") as file:
        source = file.load().chunk({"x": 100, "y": 50})
        longitude = float(
            np.degrees(
                ours._place.Place.of(source).geometry.longitude_rad.expand(64, 320, 1, 1)[0, 0]
            )
        )
        sun = solar.Sun([172], longitude_deg=longitude, step_minutes=60)
        light = source.eemt.sunlight(sun, tile_cells=tile_cells)
        assert light.total_wh_m2.chunks is not None
        ours_wh = light.total_wh_m2.sel(day=172).compute()
    with rasterio.open(tmp_path / "out/global/daily/total_sun_day_172.tif") as file:
        np.testing.assert_allclose(ours_wh, file.read(1), rtol=1e-6)


def test_blocks_of_any_size_give_the_slopes_of_the_whole():
    given = dem()
    for name in ("slope_deg", "aspect_deg"):
        whole = given.eemt.slope_aspect()[name]
        parts = given.chunk({"y": 17, "x": 40}).eemt.slope_aspect()[name]
        assert parts.chunks == ((17, 17, 17, 17, 17, 11), (40, 40, 40, 8))
        np.testing.assert_array_equal(whole, parts.compute())


def test_sky_view_and_horizons_are_those_of_the_arrays_whole_and_in_tiles():
    """Within what the far field's coarser cells change of the skyline of tiles."""
    given = dem()
    horizon_deg = terrain.horizon_map(given.values, cell_size_m=cell_size_of(given))
    slope_deg, aspect_deg = terrain.slope_aspect(given.values, cell_size_m=cell_size_of(given))
    expected = terrain.sky_view_factor(horizon_deg, slope_deg, aspect_deg)
    seen = given.eemt.sky_view_factor()
    assert (seen.dims, seen.attrs["units"], seen.dtype) == (("y", "x"), "1", given.dtype)
    np.testing.assert_allclose(seen, expected, atol=1e-5)  # angles in degrees and back
    np.testing.assert_allclose(given.eemt.horizon_map(), horizon_deg, atol=1e-4)
    tiles = given.chunk(x=50).eemt
    np.testing.assert_allclose(tiles.sky_view_factor(tile_cells=64), expected, atol=1e-3)
    for lazy in (tiles.sky_view_factor(), tiles.horizon_map(), tiles.surface().slope_deg):
        assert lazy.chunks is not None
        assert lazy.dtype == lazy.compute().dtype
        assert lazy.name in (None, "slope_deg")


def cell_size_of(given):
    return ours._place.Place.of(given).cell_size_m


def test_the_wetness_ratio_is_that_of_the_arrays():
    wetness = dem().eemt.topographic_wetness_index()
    ratio = ours.wetness_ratio(wetness)
    np.testing.assert_array_equal(ratio, water.wetness_ratio(wetness.values))
    assert ratio.rio.crs == wetness.rio.crs
    with pytest.raises(ArgumentError, match=r"load it first, with wetness\.load"):
        ours.wetness_ratio(wetness.chunk(x=20))


def test_methods_have_the_functions_signatures_and_help():
    for name in ("slope_aspect", "sunlight", "sky_view_factor", "topographic_wetness_index"):
        of_dem, function = getattr(dem().eemt, name), getattr(ours, name)
        options = list(inspect.signature(function).parameters)
        assert list(inspect.signature(of_dem).parameters) == options[1:]
        assert of_dem.__doc__ == function.__doc__


@pytest.mark.parametrize("order", [("y", "x"), ("x", "y")])
@pytest.mark.parametrize("steps", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
def test_the_order_of_axes_and_coordinates_does_not_matter(order, steps):
    given = dem()
    turned = given[:: steps[0], :: steps[1]].transpose(*order)
    expected, found = given.eemt.sunlight(days=[20]), turned.eemt.sunlight(days=[20])
    assert found.hours.dims == ("day", "y", "x")
    np.testing.assert_array_equal(found.y, turned.y)
    xr.testing.assert_equal(found.sortby("y").sortby("x"), expected.sortby("y").sortby("x"))


def test_coordinates_crs_and_units_are_kept():
    given = dem().assign_coords(station=("x", np.arange(128)))
    light = given.eemt.sunlight(solar.Sun(range(15, 46), groups="months"))
    assert light.total_wh_m2.dims == ("month", "y", "x")
    assert list(light.month) == [1, 2]
    assert "station" in light.coords
    assert light.rio.crs == given.rio.crs
    assert light.hours.rio.crs == given.rio.crs
    assert {v.attrs["units"] for v in light.values()} == {"Wh m-2", "h"}
    assert light.total_wh_m2.dtype == given.dtype
    horizon = given.eemt.horizon_map(directions=8)
    assert list(horizon.direction_deg) == [0, 45, 90, 135, 180, 225, 270, 315]


def test_a_band_of_one_and_fills_of_integers_are_understood():
    values = mountains((40, 50)).round().astype(np.int16)
    values[3, 4] = -32768
    given = dem(values, _FillValue=-32768).expand_dims("band")
    slopes = given.eemt.slope_aspect().slope_deg
    assert slopes.dtype == np.float32
    assert np.argwhere(np.isnan(slopes.values)).tolist() == [[3, 4]]


@pytest.mark.parametrize("fill", [np.nan, -9999, 70_000])
def test_a_fill_that_no_cell_can_have_hides_none(fill):
    values = mountains((40, 50)).round().astype(np.uint16)
    expected = dem(values).eemt.slope_aspect().slope_deg
    found = dem(values, _FillValue=fill).eemt.slope_aspect().slope_deg
    np.testing.assert_array_equal(found, expected)


def test_packed_elevations_are_unpacked():
    metres = mountains((40, 50)).round()
    packed = dem((metres / 2).astype(np.float32), scale_factor=2.0, add_offset=0.0)
    expected = dem(metres.astype(np.float32)).eemt.slope_aspect().slope_deg
    np.testing.assert_array_equal(packed.eemt.slope_aspect().slope_deg, expected)


def test_the_balance_works_cell_by_cell_on_blocks_too():
    ground = dem().eemt.surface()
    light = dem().eemt.sunlight(solar.Sun(range(152, 182), groups="months")).sel(month=6)
    climate = xr.Dataset(
        {
            name: xr.full_like(ground.elevation_m, value)
            for name, value in {
                "tmin_c": 8.0,
                "tmax_c": 22.0,
                "prcp_mm": 60.0,
                "vapour_pressure_pa": 900.0,
            }.items()
        }
    )
    whole = ours.eemt_topo(climate, light, ground, wetness_ratio=1.0, days=30)
    parts = ours.eemt_topo(climate.chunk(x=50), light, ground, wetness_ratio=1.0, days=30)
    assert parts.eemt_mj_m2.chunks is not None
    xr.testing.assert_equal(whole, parts.compute())
    weather = energy.MonthClimate(
        *(climate[n].values for n in ("tmin_c", "tmax_c", "prcp_mm")), days=30
    )
    trad = energy.eemt_trad(weather, daylight_hours=14.5)
    found = ours.eemt_trad(climate, daylight_hours=14.5, days=30)
    np.testing.assert_array_equal(found.e_bio_mj_m2, trad.e_bio_mj_m2)
    assert found.eemt_mj_m2.attrs["units"] == "MJ m-2"
    with pytest.raises(ArgumentError, match="tmax_c is missing"):
        ours.eemt_trad(climate.drop_vars("tmax_c"), daylight_hours=12, days=30)


def test_a_climate_may_be_numbers_and_the_vegetation_too():
    ground = dem().eemt.surface()
    light = dem().eemt.sunlight(solar.Sun(range(152, 182), groups="months")).sel(month=6)
    ratio = ours.wetness_ratio(dem().eemt.topographic_wetness_index())
    weather = {"tmin_c": 8.0, "tmax_c": 22.0, "prcp_mm": 60.0, "vapour_pressure_pa": 900.0}
    numbers = xr.Dataset(weather)
    spread = xr.Dataset({n: xr.full_like(ground.elevation_m, v) for n, v in weather.items()})
    topo, same = (
        ours.eemt_topo(climate, light, ground, wetness_ratio=ratio, days=30)
        for climate in (numbers, spread)
    )
    xr.testing.assert_equal(topo, same)
    height_m = ratio * 5.0
    found = ours.eemt_topo_veg(
        numbers,
        light,
        xr.Dataset({"lai": 3.0, "canopy_height_m": height_m}),
        elevation_m=ground.elevation_m,
        wetness_ratio=ratio,
        days=30,
    )
    expected = energy.eemt_topo_veg(
        energy.MonthClimate(8.0, 22.0, 60.0, vapour_pressure_pa=900.0, days=30),
        energy.MonthSun(light.total_wh_m2.values, light.flat_total_wh_m2.values),
        energy.Vegetation(3.0, height_m.values),
        elevation_m=ground.elevation_m.values,
        wetness_ratio=ratio.values,
    )
    np.testing.assert_array_equal(found.e_ppt_mj_m2, expected.e_ppt_mj_m2)
    np.testing.assert_array_equal(found.e_bio_mj_m2, expected.e_bio_mj_m2)
    with pytest.raises(ArgumentError, match=r"climate must be an xarray Dataset .* MonthClimate"):
        ours.eemt_trad(energy.MonthClimate(8.0, 22.0, 60.0, days=30), daylight_hours=12, days=30)


REFUSED = {
    "degrees": (
        lambda: dem(crs=None).assign_coords(
            y=np.linspace(40, 39, 96), x=np.linspace(-110, -109, 128)
        ).rio.write_crs(4326),
        "are degrees, not lengths: reproject it first",
    ),
    "mercator": (
        lambda: dem(crs=3857).assign_coords(y=9_000_000.0 - 3000 * np.arange(96)),
        "off by up to .* on the ground: reproject it first",
    ),
    "no CRS": (lambda: dem(crs=None), "has neither a CRS nor coordinates in metres"),
    "two layers": (
        lambda: xr.concat([dem(), dem()], "band"),
        r"select one layer, .*\.isel\(band=0\)",
    ),
    "no axes": (lambda: dem().rename(x="a"), "must have one x axis"),
    "uneven": (lambda: dem().isel(x=[0, 1, 2, 5]), "must rise or fall in even steps"),
    "feet": (lambda: dem(units="ft"), "the elevations are in ft: convert them to metres"),
    "a single row": (lambda: dem().isel(y=[0]), "at least two cells along y"),
    "no numbers": (lambda: dem().values, "dem must be a DataArray, got ndarray"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_placed_is_refused_with_the_remedy(case):
    make, sentence = REFUSED[case]
    with pytest.raises(ArgumentError, match=sentence):
        ours.sunlight(make(), days=[172])


def test_water_wants_the_whole_and_says_so():
    with pytest.raises(ArgumentError, match=r"load it first, with dem\.load\(\)"):
        dem().chunk(x=64).eemt.topographic_wetness_index()
    assert dem().eemt.topographic_wetness_index().attrs["units"] == "1"
    assert (dem().eemt.fill_depressions() >= dem()).all()


def test_without_a_place_on_earth_there_are_slopes_but_no_sun():
    given = dem(crs=None)
    for axis in ("x", "y"):
        given[axis].attrs["units"] = "m"
    assert given.eemt.slope_aspect().slope_deg.max() > 0
    with pytest.raises(ArgumentError, match="has no CRS"):
        given.eemt.sunlight(days=[172])
    with pytest.raises(ArgumentError, match="give the sun or its days"):
        ours.sunlight(dem())


@pytest.mark.slow
def test_the_accessor_comes_with_the_import_alone():
    code = (
        "import numpy, xarray, eemt_core\n"
        "print('xarray' in eemt_core.__all__, hasattr(xarray.DataArray(numpy.zeros(2)), 'eemt'))\n"
        "import eemt_core.xarray\n"
        "print(xarray.DataArray(numpy.zeros(2)).eemt is not None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]
