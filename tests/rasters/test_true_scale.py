"""Slopes, aspects and sunlight of the same surface, with DEMs in many projections.

The surface is a cone with a rounded tip, as a function of metres east and north of a point on the
Earth (in a transverse Mercator about that point, exact to 1e-7 over these kilometres).
"""

import numpy as np
import pytest
from affine import Affine
from rasterio.crs import CRS

from eemt_core import rasters
from eemt_core.errors import InputError
from eemt_core.terrain._slope import slope_aspect_rad
from geotiffs import write_geotiff
from runs import eemt_run, maps_of
from solar_sums import irradiation, sunlight

DAYMET = "+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42.5 +lon_0=-100 +ellps=WGS84 +units=m"
UNEVEN = "+proj=sinu +lon_0=10 +datum=WGS84"  # axes 50 degrees off at 70 N, 70 E
STEEP = 0.5

# name: CRS, longitude, latitude, expected message
PLACES = {
    "UTM": ("EPSG:32632", 9.4, 61.5, None),
    "UTM, far off its zone": ("EPSG:32632", 24.0, 50.0, "on the ground"),
    "web mercator": ("EPSG:3857", 8.3, 61.5, "on the ground"),
    "Daymet": (DAYMET, -105.0, 44.0, "on the ground"),
    "Daymet, far north": (DAYMET, -140.0, 66.0, "on the ground"),
    "Albers": ("EPSG:5070", -100.0, 51.0, "on the ground"),
    "equal area cylinder": ("EPSG:6933", 25.0, 60.0, "on the ground"),
    "plate carree": ("EPSG:4087", 25.0, 60.0, "on the ground"),
    "Lambert's, far off": ("EPSG:3035", 40.0, 70.0, "is reprojected"),
    "sinusoidal": (UNEVEN, 70.0, 70.0, "off right angles; it is reprojected"),
    "polar, north is down": ("EPSG:3413", 135.0, 72.0, None),
    "polar, north is right": ("EPSG:3031", -90.0, -74.0, None),
    "Hartebeesthoek": ("EPSG:2053", 29.3, -29.0, None),
    "Cape": ("EPSG:22275", 19.2, -33.5, None),
    "Krovak": ("EPSG:5513", 15.0, 49.8, "mirror the ground; it is reprojected"),
    "Krovak of Ferro": ("EPSG:2065", 18.0, 49.0, "mirror the ground; it is reprojected"),
    "feet": ("EPSG:2231", -105.5, 40.0, None),
}


def surface(east, north):
    """Elevation [m], slope and aspect [rad] at metres from the middle."""
    round_m = 200.0
    far = np.sqrt(east**2 + north**2 + round_m**2)
    steep = STEEP * np.hypot(east, north) / far
    return 2000 - STEEP * far, np.arctan(steep), np.arctan2(east, north) % (2 * np.pi)


def local_of(crs, lon, lat, x, y):
    about = f"+proj=tmerc +lat_0={lat} +lon_0={lon} +datum=WGS84"
    return rasters.transform_points(crs, about, x, y)


def dem_of(path, crs, lon, lat, *, cells=60, ground_m=30.0, signs=(1, -1), unit="m"):
    """Write the surface on a grid of that CRS with cells of about 30 m on the ground."""
    wkt = CRS.from_user_input(crs).to_wkt(version="WKT2_2019")
    nearby = [lon, lon + ground_m / 111_320 / np.cos(np.radians(lat)), lon]
    x, y = rasters.transform_points("EPSG:4326", wkt, nearby, [lat, lat, lat + ground_m / 111_200])
    # the longest step along either axis, so that no cell is smaller than asked for
    dx, dy = np.abs(np.diff(x[[0, 1, 0, 2]])).max(), np.abs(np.diff(y[[0, 1, 0, 2]])).max()
    a, e = signs[0] * dx, signs[1] * dy
    transform = Affine(a, 0, x[0] - a * cells / 2, 0, e, y[0] - e * cells / 2)
    rows, cols = np.indices((cells, cells)) + 0.5
    at_x, at_y = transform.c + a * cols, transform.f + e * rows
    z = surface(*local_of(wkt, lon, lat, at_x, at_y))[0].astype(np.float32)
    return write_geotiff(path, z, crs=CRS.from_wkt(wkt), transform=transform, units=unit)


def seen(path, folder):
    """Return the prepared DEM, its cells, and where they are."""
    prepared = rasters.prepare_dem(path, folder)
    grid = prepared.grid
    z = rasters.read_window(prepared.path, 0, 0, *grid.shape)
    place = rasters.geometry(grid)
    latitude, convergence = (
        lattice.expand(0, 0, *grid.shape).astype(np.float32)
        for lattice in (place.latitude_rad, place.convergence_rad)
    )
    return prepared, z, latitude, convergence


def inside(z, cells=4):
    """Cells at least that many cells away from the edge of the data."""
    there = np.isfinite(z)
    for axis in (0, 1):
        for shift in range(-cells, cells + 1):
            moved = np.roll(np.isfinite(z), shift, axis)
            edge = [slice(None)] * 2
            edge[axis] = slice(None, shift) if shift > 0 else slice(shift or len(z), None)
            moved[tuple(edge)] = False
            there = there & moved
    return there


@pytest.mark.slow
@pytest.mark.parametrize("signs", [(1, -1), (-1, 1)], ids=["rows south", "turned in the file"])
@pytest.mark.parametrize("name", PLACES)
def test_slope_aspect_and_sun_are_those_of_the_ground(tmp_path, name, signs):
    crs, lon, lat, said = PLACES[name]
    dem = dem_of(tmp_path / "a.tif", crs, lon, lat, signs=signs)
    prepared, z, latitude, convergence = seen(dem, tmp_path)
    if said is None:
        assert prepared.note is None
    else:
        assert said in prepared.note
    grid = prepared.grid
    x, y = np.meshgrid(*grid.centres(np.arange(grid.rows), np.arange(grid.cols)))
    _, slope, aspect = surface(*local_of(grid.crs, lon, lat, x, y))
    size = grid.cell_size_m
    got, facing = slope_aspect_rad(z, cell_size_m=size)
    cells = inside(z)
    assert cells.sum() > 900
    # Horn's differences over 30 m of a bowl 200 m wide are off by (30 / 200)^2 / 3 or less of
    # its slope near its rim, by nothing outside; and a resampled surface by as much again
    np.testing.assert_allclose(np.tan(got[cells]), np.tan(slope[cells]), atol=0.012)
    steep = cells & (slope > 0.3)
    off = np.angle(np.exp(1j * (facing + convergence - aspect)))[steep]
    assert np.abs(off).max() < np.radians(0.8)
    assert abs(np.degrees(got[steep] - slope[steep]).mean()) < 0.1
    options = {"latitude_rad": latitude, "days": [60, 250], "step_minutes": 30.0}
    light = sunlight(
        z, cell_size_m=size, convergence_rad=convergence, shadows=False, albedo=0, **options
    )
    level = irradiation(z, 0 * z, 0 * z, **options).total_wh_m2
    true = irradiation(
        z, slope.astype(np.float32), aspect.astype(np.float32), albedo=0, **options
    ).total_wh_m2
    for day in (0, 1):
        # near the pole's winter half a degree of slope or aspect is 3 % of the beam
        error = (light.total_wh_m2[day] - true[day])[steep] / true[day][steep].mean()
        assert np.abs(error).max() < 0.04
        assert abs(error.mean()) < 0.002
        np.testing.assert_allclose(light.flat_total_wh_m2[day][cells], level[day][cells], rtol=5e-4)


@pytest.mark.slow
def test_the_run_maps_the_ground_s_slope(tmp_path):
    plane = np.indices((60, 60))[1] * 15.0
    mercator = Affine(62.87, 0, 924_000, 0, -62.87, 8_737_000)  # cells of 30 m at 61.5 N
    dem = write_geotiff(tmp_path / "m.tif", plane, crs="EPSG:3857", transform=mercator)
    ended = eemt_run(dem, "-o", tmp_path / "out", "--days", "172", "--no-pictures")
    assert ended.returncode == 0, ended.stderr
    assert "on the ground, not 62.87 x 62.87 m" in ended.stderr
    slope = maps_of(tmp_path / "out")["slope.tif"]
    assert np.degrees(np.arctan(0.5)) == pytest.approx(np.median(slope), abs=0.1)


@pytest.mark.slow
def test_mode_rsun_takes_the_direction_next_to_north_for_north(tmp_path):
    # in this grid the south is up; here in the south the sun shines on slopes that face north
    crs, lon, lat, _ = PLACES["Hartebeesthoek"]
    dem = dem_of(tmp_path / "h.tif", crs, lon, lat, signs=(-1, 1))
    ended = eemt_run(
        *(dem, "-o", tmp_path / "out", "--days", "172", "--no-pictures", "--mode", "rsun")
    )
    assert ended.returncode == 0, ended.stderr
    maps = maps_of(tmp_path / "out")
    facing, total = maps["aspect.tif"], maps["global/annual/total_sun_annual.tif"]
    north, south = np.cos(np.radians(facing)) > 0.9, np.cos(np.radians(facing)) < -0.9
    assert facing[5, 30] == pytest.approx(180, abs=3)
    assert total[north].mean() > 1.8 * total[south].mean()


def test_a_projection_that_changes_over_the_dem_is_left_and_that_is_said(tmp_path):
    rows, cols = 80, 60  # 8 degrees of latitude in web mercator
    z = np.add.outer(np.arange(rows), np.arange(cols)) * 10.0
    wide = Affine(20_000, 0, 1_000_000, 0, -20_000, 8_900_000)
    dem = write_geotiff(tmp_path / "w.tif", z, crs="EPSG:3857", transform=wide)
    prepared = rasters.prepare_dem(dem, tmp_path)
    assert "where lengths on the ground are 0.46" in prepared.note
    assert "it is reprojected to a fitted Lambert Conic Conformal" in prepared.note
    x, y = prepared.grid.cell_size_m
    assert x == pytest.approx(20_000 * 0.52, rel=0.05)
    assert y == pytest.approx(x, rel=0.01)


def test_a_dem_too_wide_for_any_projection_keeps_its_own_and_says_how_far_it_is_off(tmp_path):
    world = Affine(200_000, 0, -19_000_000, 0, -200_000, 9_000_000)
    dem = write_geotiff(tmp_path / "w.tif", np.ones((90, 190)), crs="EPSG:3857", transform=world)
    note = rasters.prepare_dem(dem, tmp_path).note
    assert "no projection fits so wide a DEM much better" in note
    assert "slopes are off by up to 3" in note


def test_true_sizes_do_not_make_grids_different():
    from eemt_core.grids.grid import Grid

    wkt = CRS.from_epsg(3857).to_wkt()
    grid = Grid(10, 10, 0.0, 8_400_000.0, 10.0, 10.0, 1.0, wkt)
    true = rasters.true_size(grid)
    assert true == grid
    assert Grid.from_dict(true.to_dict()).cell_size_m == true.cell_size_m != grid.cell_size_m
    assert true.window(2, 3, 4, 5).cell_size_m == true.cell_size_m


def test_a_pole_within_is_refused(tmp_path):
    transform = Affine(1000, 0, -20_500, 0, -1000, 20_500)
    dem = write_geotiff(tmp_path / "p.tif", np.ones((41, 41)), crs="EPSG:3413", transform=transform)
    with pytest.raises(InputError, match="holds a pole"):
        rasters.geometry(rasters.prepare_dem(dem, tmp_path).grid)
