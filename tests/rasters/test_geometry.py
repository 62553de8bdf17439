"""Latitude and meridian convergence against the formulas of the projections."""

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.errors import InputError
from eemt_core.grids.grid import Grid
from eemt_core.rasters import geometry, transform_points

E2 = 0.00669437999014  # WGS84, first eccentricity squared
DAYMET = "+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42.5 +lon_0=-100 +datum=WGS84 +units=m"


def grid_around(crs, lon_deg, lat_deg, *, cells=200, cell_m=30.0):
    wkt = rasterio.CRS.from_user_input(crs).to_wkt(version="WKT2_2019")
    x, y = transform_points("EPSG:4326", wkt, [lon_deg], [lat_deg])
    half = cells / 2 * cell_m
    return Grid(cells, cells, x[0] - half, y[0] + half, cell_m, cell_m, 1.0, wkt)


def expanded(grid):
    """Return longitude, latitude and convergence of all cells [rad]."""
    found = geometry(grid)
    lattices = (found.longitude_rad, found.latitude_rad, found.convergence_rad)
    return [lattice.expand(0, 0, *grid.shape) for lattice in lattices]


def transverse_mercator_convergence(lon, lat, central_lon):
    """Return the convergence by its series on the ellipsoid, good to 1e-9 rad in a UTM zone.

    Redfearn (1948), Survey Review 9(69), 318-322, terms up to the fifth power of longitude.
    """
    t2 = np.tan(lat) ** 2
    eta2 = E2 / (1 - E2) * np.cos(lat) ** 2
    w = (lon - central_lon) * np.cos(lat)
    series = 1 + w**2 / 3 * (1 + 3 * eta2 + 2 * eta2**2) + w**4 / 15 * (2 - t2)
    return np.tan(lat) * w * series


@given(st.integers(1, 60), st.floats(-2.9, 2.9), st.floats(-75, 80))
def test_utm_convergence_follows_the_transverse_mercator_series(zone, east_deg, lat_deg):
    central = zone * 6 - 183
    code = (32600 if lat_deg >= 0 else 32700) + zone
    grid = grid_around(f"EPSG:{code}", central + east_deg, lat_deg)
    lon, lat, convergence = expanded(grid)
    expected = transverse_mercator_convergence(lon, lat, np.radians(central))
    # 3 km off a control point, bilinear interpolation is off by up to 1e-7 rad at 80 degrees
    np.testing.assert_allclose(convergence, expected, atol=1e-7)


def test_grid_north_lies_east_of_true_north_in_the_north_east_of_a_zone():
    for code, east_deg, sign in [(32613, 2, 1), (32613, -2, -1), (32713, 2, -1), (32713, -2, 1)]:
        lat_deg = 45 if code < 32700 else -45
        convergence = expanded(grid_around(f"EPSG:{code}", -105 + east_deg, lat_deg))[2]
        assert (np.sign(convergence) == sign).all()


@given(st.floats(-130, -60), st.floats(15, 70))
def test_conic_convergence_is_the_cone_constant_times_longitude(lon_deg, lat_deg):
    grid = grid_around(DAYMET, lon_deg, lat_deg, cell_m=1000.0, cells=60)
    lon, _, convergence = expanded(grid)
    # Snyder (1987), USGS Professional Paper 1395, equation 15-8, on the ellipsoid
    first, second = np.radians([25.0, 60.0])

    def m(lat):
        return np.cos(lat) / np.sqrt(1 - E2 * np.sin(lat) ** 2)

    def t(lat):
        e = np.sqrt(E2)
        s = np.sin(lat)
        return np.tan(np.pi / 4 - lat / 2) / ((1 - e * s) / (1 + e * s)) ** (e / 2)

    n = np.log(m(first) / m(second)) / np.log(t(first) / t(second))
    # both are interpolated over cells of 50 km: their errors are equal but for rounding
    np.testing.assert_allclose(convergence, n * (lon - np.radians(-100)), atol=1e-8)


@pytest.mark.parametrize("lon_deg", [-170, -45, 0, 100, 179.9])
def test_polar_stereographic_convergence_is_longitude(lon_deg):
    grid = grid_around("EPSG:3413", lon_deg, 75.0)  # central meridian 45 W
    lon, _, convergence = expanded(grid)
    difference = convergence - lon - np.radians(45)
    np.testing.assert_allclose(np.angle(np.exp(1j * difference)), 0, atol=1e-8)


@pytest.mark.parametrize(
    ("crs", "lon_deg", "lat_deg", "cell_m"),
    [
        ("EPSG:32613", -106.6, 35.8, 10.0),
        ("EPSG:32613", -102.1, 80.0, 30.0),
        (DAYMET, -84.0, 50.0, 1000.0),
        ("EPSG:3031", 30.0, -78.0, 200.0),
    ],
)
def test_interpolated_places_are_those_of_every_cell(crs, lon_deg, lat_deg, cell_m):
    grid = grid_around(crs, lon_deg, lat_deg, cell_m=cell_m)
    lon, lat, _ = expanded(grid)
    rows, cols = np.indices(grid.shape)
    x, y = grid.centres(rows, cols)
    exact_lon, exact_lat = transform_points(grid.crs, "EPSG:4326", x, y)
    # the bound on a sphere, (h / R)^2 / 8 * tan(latitude) for control points h apart,
    # doubled as it bends along x and y; and what 1 mm is on the ground
    h = 64 * cell_m if 64 * cell_m <= 50_000 else 50_000.0
    bound = 2 * (h / 6.371e6) ** 2 / 8 * abs(np.tan(np.radians(lat_deg))) + 2e-10
    assert np.abs(lat - np.radians(exact_lat)).max() < bound
    scaled = np.cos(lat) * (lon - np.radians(exact_lon))
    assert np.abs(scaled).max() < 3 * bound
    assert bound < np.radians(0.01)


def test_longitude_runs_on_across_the_date_line():
    grid = grid_around("EPSG:3832", 180.0, -18.0, cell_m=100.0)  # a Pacific Mercator
    lon, _, convergence = expanded(grid)
    assert np.abs(np.diff(lon, axis=1)).max() < 1e-4
    assert lon.min() < np.pi < lon.max() or lon.min() < -np.pi < lon.max()
    np.testing.assert_allclose(convergence, 0, atol=1e-9)


def test_a_grid_in_feet_has_the_same_geometry():
    metres = grid_around("EPSG:26953", -105.5, 40.0)  # Colorado North, metres
    feet_wkt = rasterio.CRS.from_epsg(2231).to_wkt()  # the same in US survey feet
    foot = 1200 / 3937
    feet = Grid(200, 200, metres.x0 / foot, metres.y0 / foot, 30 / foot, 30 / foot, foot, feet_wkt)
    for a, b in zip(expanded(metres), expanded(feet), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)


def test_a_grid_that_holds_a_pole_is_refused():
    with pytest.raises(InputError, match="holds a pole"):
        geometry(grid_around("EPSG:3413", 0.0, 89.99, cell_m=1000.0))


def test_a_grid_beyond_its_projection_is_refused():
    wkt = rasterio.CRS.from_epsg(3031).to_wkt()
    sphere = rasterio.CRS.from_proj4("+proj=ortho +lat_0=0 +lon_0=0 +datum=WGS84").to_wkt()
    assert geometry(Grid(10, 10, 1e6, 1e6, 100.0, 100.0, 1.0, wkt)).latitude_rad.values.size
    with pytest.raises(InputError, match="outside the region"):
        geometry(Grid(10, 10, 7e6, 7e6, 100.0, 100.0, 1.0, sphere))
