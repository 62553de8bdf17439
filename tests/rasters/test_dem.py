"""DEMs: refused files and their messages, and the accuracy of reprojection."""

import html
import warnings

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning

from eemt_core import rasters
from eemt_core.errors import ArgumentError, InputError
from geotiffs import write_geotiff

HILL = np.add.outer(np.arange(30.0), np.arange(40.0)).astype(np.float32)
FEET_CRS = "EPSG:2231"  # NAD83 / Colorado North, US survey feet
DEGREES = Affine(1 / 1200, 0, -84.4, 0, -1 / 1200, 36.7)


def picture(path):
    rgb = np.zeros((3, 8, 8), np.uint8)
    return write_geotiff(path, rgb, photometric="RGB")


def placeless(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return write_geotiff(path, HILL, transform=Affine(1, 0, 0, 0, 1, 0))


BAD = {
    "no CRS": (
        lambda p: write_geotiff(p, HILL, crs=None),
        "has no coordinate reference system: declare it",
    ),
    "rotated": (
        lambda p: write_geotiff(p, HILL, transform=Affine(9, 5, 5e5, 5, -9, 4e6)),
        "has a rotated or sheared grid",
    ),
    "no place": (
        placeless,
        "does not say where its cells lie",
    ),
    "local": (
        lambda p: write_geotiff(p, HILL, crs='LOCAL_CS["site",UNIT["metre",1]]'),
        "not tied to the Earth",
    ),
    "all nodata": (
        lambda p: write_geotiff(p, np.full((300, 300), -5.0, np.float32), nodata=-5),
        "has no valid cell",
    ),
    "all NaN": (
        lambda p: write_geotiff(p, np.full((30, 30), np.nan, np.float32)),
        "has no valid cell",
    ),
    "complex": (lambda p: write_geotiff(p, HILL.astype(np.complex64)), "complex numbers"),
    "picture": (picture, "is a coloured picture"),
    "feet without a unit": (
        lambda p: write_geotiff(p, HILL, crs=FEET_CRS),
        "US survey foot and elevations without a unit: say theirs with elevation_unit",
    ),
    "odd unit": (
        lambda p: write_geotiff(p, HILL, units="fathom"),
        "gives its elevations in 'fathom': say what that is with elevation_unit",
    ),
    "undeclared nodata": (
        lambda p: write_geotiff(p, np.where(HILL > 50, -9999, HILL).astype(np.float32)),
        r"cells of -9999 \(171 cells\), which is no elevation: give nodata=-9999, or declare it",
    ),
    "undeclared lowest float": (
        lambda p: write_geotiff(p, np.where(HILL > 50, -3.4e38, HILL).astype(np.float32)),
        "which is no elevation",
    ),
    "missing": (lambda p: p, "does not exist: check the path"),
    "text": (lambda p: p.write_text("elevation") and p, "is not a raster that GDAL can read"),
    "empty": (lambda p: p.write_bytes(b"") or p, "is not a raster that GDAL can read"),
    "folder": (lambda p: p.mkdir() or p, "is an empty folder"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_dem_that_cannot_serve_is_one_sentence_with_the_remedy(tmp_path, kind):
    make, message = BAD[kind]
    with pytest.raises(InputError, match=message) as caught:
        rasters.open_dem(make(tmp_path / "bad.tif"))
    text = str(caught.value)
    assert "bad.tif" in text
    assert "\n" not in text
    assert ":" in text  # what is wrong, colon, what to do
    assert not text.endswith(".")


def test_one_valid_cell_in_the_last_window_is_enough(tmp_path):
    values = np.full((5000, 1100), -9999, np.int16)
    values[-1, -1] = 12
    path = write_geotiff(tmp_path / "a.tif", values, nodata=-9999, compress="deflate")
    assert rasters.open_dem(path).grid.shape == (5000, 1100)


def test_a_projected_dem_in_metres_is_used_in_place(tmp_path):
    path = write_geotiff(tmp_path / "a.tif", HILL)
    said = []
    prepared = rasters.prepare_dem(path, tmp_path, said.append)
    assert (prepared.path, prepared.note, said) == (path, None, [])
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]
    assert prepared.grid.bounds == (500_000, 3_999_700, 500_400, 4_000_000)


def test_of_many_bands_the_first_is_taken_and_that_is_said(tmp_path):
    path = write_geotiff(tmp_path / "a.tif", np.stack([HILL, HILL + 1]))
    assert "2 bands; the first is taken" in rasters.prepare_dem(path, tmp_path).note


@pytest.mark.parametrize("right", [1, -1])
@pytest.mark.parametrize("down", [1, -1])
def test_rows_and_columns_may_run_either_way(tmp_path, right, down):
    transform = Affine(
        10 * right, 0, 500_000 if right > 0 else 500_400, 0, -10 * down, 4_000_150 + 150 * down
    )
    path = write_geotiff(tmp_path / "a.tif", HILL, transform=transform)
    prepared = rasters.prepare_dem(path, tmp_path)
    assert prepared.grid.bounds == (500_000, 4_000_000, 500_400, 4_000_300)
    turned = HILL[::down, ::right]
    np.testing.assert_array_equal(rasters.read_window(prepared.path, 0, 0, 30, 40), turned)
    part = rasters.read_window(prepared.path, 3, 5, 7, 50)
    np.testing.assert_array_equal(part[:, :35], turned[3:10, 5:])
    assert np.isnan(part[:, 35:]).all()
    small, _ = rasters.read_overview(prepared.path, 40, resampling="nearest")
    np.testing.assert_array_equal(small, turned)


@pytest.mark.parametrize(
    ("band_unit", "asked", "metres"),
    [
        ("ft", None, 0.3048),
        ("US survey foot", None, 1200 / 3937),
        (None, "ft", 0.3048),
        (None, "us-ft", 1200 / 3937),
        ("metre", None, 1.0),
        ("metre", "ft", 0.3048),  # the user's choice overrides the file
        (None, "m", 1.0),
    ],
)
def test_elevations_become_metres(tmp_path, band_unit, asked, metres):
    path = write_geotiff(tmp_path / "a.tif", HILL, crs=FEET_CRS, units=band_unit)
    prepared = rasters.prepare_dem(path, tmp_path, elevation_unit=asked)
    values = rasters.read_window(prepared.path, 0, 0, 30, 40)
    np.testing.assert_allclose(values, HILL * metres, rtol=1e-6)
    assert prepared.grid.unit_m * prepared.grid.dx == pytest.approx(10 * 1200 / 3937)
    # far from its zone, which the true size shows
    assert prepared.grid.cell_size_m == pytest.approx((10 * 1200 / 3937,) * 2, rel=0.01)
    assert (prepared.path == path) == (metres == 1.0)
    assert prepared.grid == rasters.raster_info(prepared.path).grid


def test_a_compound_crs_says_the_unit_of_heights(tmp_path):
    path = write_geotiff(tmp_path / "a.tif", HILL, crs="EPSG:32613+6360")  # NAVD88, US feet
    prepared = rasters.prepare_dem(path, tmp_path)
    values = rasters.read_window(prepared.path, 0, 0, 30, 40)
    np.testing.assert_allclose(values, HILL * 1200 / 3937, rtol=1e-6)
    assert CRS.from_wkt(prepared.grid.crs).to_epsg() == 32613


def vrt_with_crs(folder, crs):
    """Return a DEM with its full CRS; a GeoTIFF would lose bound CRS and grid files."""
    cells = write_geotiff(folder / "cells.tif", HILL, crs=None)
    wkt = html.escape(CRS.from_user_input(crs).to_wkt(version="WKT2_2019"))
    path = folder / "dem.vrt"
    path.write_text(f"""<VRTDataset rasterXSize="40" rasterYSize="30">
        <SRS dataAxisToSRSAxisMapping="1,2">{wkt}</SRS>
        <GeoTransform>500000, 10, 0, 4000000, 0, -10</GeoTransform>
        <VRTRasterBand dataType="Float32" band="1"><SimpleSource>
        <SourceFilename>{cells}</SourceFilename><SourceBand>1</SourceBand>
        </SimpleSource></VRTRasterBand></VRTDataset>""")
    return path


UTM32 = "+proj=utm +zone=32 +ellps=bessel"
SHIFT = "+towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7"


@pytest.mark.parametrize(
    ("crs", "metres"),
    [
        (f"{UTM32} +geoidgrids=egm96_15.gtx", 1.0),
        (f"{UTM32} +geoidgrids=egm96_15.gtx +vunits=us-ft", 1200 / 3937),
        (f"{UTM32} {SHIFT} +geoidgrids=nowhere.gtx +vunits=ft", 0.3048),
        (f"{UTM32} {SHIFT}", 1.0),
        (f"{UTM32} +nadgrids=@null", 1.0),
        ("EPSG:32632+5773", 1.0),  # EGM96
        ("+proj=utm +zone=32 +datum=WGS84 +vunits=us-ft +type=crs", 1200 / 3937),  # of three axes
    ],
)
def test_a_crs_may_be_bound_to_grids_of_a_geoid_and_say_its_unit(tmp_path, crs, metres):
    """Elevations above a geoid are not changed, whether or not its grid is installed."""
    prepared = rasters.prepare_dem(vrt_with_crs(tmp_path, crs), tmp_path)
    values = rasters.read_window(prepared.path, 0, 0, 30, 40)
    np.testing.assert_allclose(values, HILL * metres, rtol=1e-6)
    latitude = rasters.geometry(prepared.grid).latitude_rad.expand(0, 0, 1, 1).item()
    # 4,000 km north of the equator; the datums are some hundred metres apart
    assert np.degrees(latitude) == pytest.approx(36.14, abs=0.01)


@pytest.mark.parametrize(
    ("crs", "sentence"),
    [
        (f"{UTM32} +nadgrids=nowhere.gsb", "needs the grid nowhere.gsb, which PROJ does not have"),
        ("EPSG:32632+5715", "of depths, which count downwards"),
        ("EPSG:4978", "neither geographic nor projected"),
        ("EPSG:5773", "neither geographic nor projected"),
        ('COMPD_CS["x",LOCAL_CS["site",UNIT["metre",1]],VERT_CS["h",VERT_DATUM["d",2005],'
         'UNIT["metre",1],AXIS["Up",UP]]]', "neither geographic nor projected"),
        ('COMPD_CS["x",' + CRS.from_epsg(32632).to_wkt(version="WKT1_GDAL") + ',VERT_CS["h",'
         'VERT_DATUM["d",2005],UNIT["fathom",1.8288],AXIS["Up",UP]]]', "in 'fathom'"),
    ],
)  # fmt: skip
def test_a_crs_that_cannot_serve_is_named(tmp_path, crs, sentence):
    path = vrt_with_crs(tmp_path, crs)
    with pytest.raises(InputError, match=sentence):
        rasters.geometry(rasters.prepare_dem(path, tmp_path).grid)


def test_an_unknown_elevation_unit_is_an_argument_error(tmp_path):
    with pytest.raises(ArgumentError, match="elevation_unit must be m, ft or us-ft, got 'yard'"):
        rasters.open_dem(tmp_path / "a.tif", "yard")


# --- reprojection ---


def surface(lon_deg, lat_deg):
    """Return hills of some kilometres [m], smooth over cells of 100 m."""
    return 500 + 200 * np.sin(lon_deg * 120) * np.cos(lat_deg * 100)


def geographic_dem(path, transform, shape, crs="EPSG:4326"):
    rows, cols = np.indices(shape)
    lon, lat = transform.c + transform.a * (cols + 0.5), transform.f + transform.e * (rows + 0.5)
    values = surface(lon, lat)
    values[: shape[0] // 4, : shape[1] // 4] = np.nan
    return write_geotiff(
        path, values.astype(np.float32), crs=crs, transform=transform, nodata=np.nan
    )


def test_reprojection_keeps_the_height_of_every_place_and_the_size_of_cells(tmp_path):
    path = geographic_dem(tmp_path / "a.tif", DEGREES, (300, 260))
    said = []
    prepared = rasters.prepare_dem(path, tmp_path, said.append)
    assert CRS.from_wkt(prepared.grid.crs).to_epsg() == 32616
    assert said == [prepared.note]
    assert "a.tif is in geographic coordinates; it is reprojected to" in prepared.note
    # three seconds of arc at 36.6 degrees on the ellipsoid, times UTM's scale 2.3 degrees off
    dx, dy = prepared.grid.cell_size_m
    assert dx == pytest.approx(30.922 * 3 * np.cos(np.radians(36.575)), rel=4e-3)
    assert dy == pytest.approx(30.922 * 3, rel=4e-3)
    rows, cols = np.indices(prepared.grid.shape)
    lon, lat = rasters.transform_points(
        prepared.grid.crs, "EPSG:4326", *prepared.grid.centres(rows, cols)
    )
    z = rasters.read_window(prepared.path, 0, 0, *prepared.grid.shape)
    r, c = rasters.raster_info(path).grid.index_of(lon, lat)
    inside = (r > 1) & (r < 298) & (c > 1) & (c < 258) & ~((r < 77) & (c < 67))
    # cubic convolution of waves of 60 cells, and a hundredth of a cell on slopes of 0.25
    np.testing.assert_allclose(z[inside], surface(lon, lat)[inside], atol=0.5)
    outside = (r < -1) | (r > 300) | (c < -1) | (c > 260) | ((r < 73) & (c < 63))
    assert outside.any()
    assert np.isnan(z[outside]).all()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tif", "dem.tif"]


def test_a_file_that_ends_early_leaves_no_reprojected_dem(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 100, (3000, 600)).astype(np.float32)
    path = write_geotiff(
        tmp_path / "a.tif", values, crs="EPSG:4326", transform=DEGREES, compress="deflate"
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError):
        rasters.prepare_dem(path, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.parametrize(
    ("source", "extent", "expected"),
    [
        ("EPSG:4326", (-84.4, 36.4, -84.1, 36.7), 32616),
        ("EPSG:4269", (-84.4, 36.4, -84.1, 36.7), 26916),
        ("EPSG:6318", (-105.1, 40.0, -104.9, 40.2), 6342),  # NAD83(2011) / UTM zone 13N
        ("EPSG:4258", (8.0, 46.0, 9.0, 47.0), 25832),
        ("EPSG:4269", (144.0, 13.0, 145.0, 14.0), 32655),  # Guam: NAD83 has no zone there
        ("EPSG:4326", (-60.0, -33.0, -54.0, -31.0), 32721),
        ("EPSG:4326", (179.0, -18.0, 181.0, -17.0), 32701),
    ],
)
def test_the_utm_zone_is_that_of_the_centre(source, extent, expected):
    assert rasters.fitted_crs(CRS.from_user_input(source), *extent).to_epsg() == expected


@pytest.mark.parametrize(
    ("extent", "method"),
    [
        ((-125, 25, -66, 50), "Lambert Conic Conformal"),
        ((-75, -56, -53, -21), "Lambert Conic Conformal"),
        ((10, -6, 30, 6), "Mercator"),
        ((-60, 80, -10, 86), "Polar Stereographic"),
        ((100, -88, 160, -75), "Polar Stereographic"),
    ],
)
def test_wide_extents_get_a_fitted_projection_that_keeps_angles(extent, method):
    crs = rasters.fitted_crs(CRS.from_epsg(4326), *extent)
    assert method in crs.to_dict(projjson=True)["conversion"]["method"]["name"]
    west, south, east, north = extent
    lon, lat = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
    step = 1e-4
    ends = [(lon, lat), (lon + step / np.cos(np.radians(lat)), lat), (lon, lat + step)]
    (x0, y0), (xe, ye), (xn, yn) = (
        rasters.transform_points("EPSG:4326", crs.to_wkt(), *e) for e in ends
    )
    # east and north on the ground, on a sphere: lengths differ by the ellipsoid's 0.7 %
    east_m, north_m = np.hypot(xe - x0, ye - y0), np.hypot(xn - x0, yn - y0)
    np.testing.assert_allclose(east_m, north_m, rtol=8e-3)
    across = (xe - x0) * (xn - x0) + (ye - y0) * (yn - y0)
    np.testing.assert_allclose(across / (east_m * north_m), 0, atol=1e-4)
    # and their scale stays within 8 % over a continent
    np.testing.assert_allclose(north_m, np.radians(step) * 6.371e6, rtol=0.08)


@pytest.mark.parametrize("extent", [(-180, -60, 180, 60), (-10, -85, 10, 85)])
def test_an_extent_that_no_such_projection_holds_is_refused(extent):
    with pytest.raises(InputError, match="cut the DEM to the region that matters"):
        rasters.fitted_crs(CRS.from_epsg(4326), *extent)


def test_a_dem_across_the_date_line_is_whole(tmp_path):
    transform = Affine(0.01, 0, 179.0, 0, -0.01, -17.0)
    path = write_geotiff(
        tmp_path / "a.tif", HILL.repeat(5, 1), crs="EPSG:4326", transform=transform
    )
    prepared = rasters.prepare_dem(path, tmp_path)
    z = rasters.read_window(prepared.path, 0, 0, *prepared.grid.shape)
    assert np.isfinite(z).mean() > 0.85  # the rest is nodata at the edges: the new grid is rotated
    assert np.nanmax(z) == pytest.approx(HILL.max(), abs=1)


def test_the_crs_of_the_reprojected_file_is_that_of_its_grid(tmp_path):
    path = write_geotiff(
        tmp_path / "a.tif", HILL, crs="EPSG:4269", transform=Affine(0.3, 0, -110, 0, -0.3, 45)
    )
    prepared = rasters.prepare_dem(path, tmp_path)
    with rasterio.open(prepared.path) as source:
        assert source.crs == CRS.from_wkt(prepared.grid.crs)
    assert "a fitted Lambert Conic Conformal" in prepared.note
