"""The demonstration's DEM and climate are real data with the right position and units."""

import sys
import tomllib

import numpy as np
import pytest
import rasterio

from eemt_core import demo, rasters
from eemt_core.climate.readers.station import open_station
from eemt_core.errors import ArgumentError

pytestmark = pytest.mark.slow

# as NOAA published them: degrees Fahrenheit and inches, January to December
TMIN_F = [25.4, 28.3, 35.5, 42.8, 51.0, 58.9, 63.1, 61.4, 55.4, 44.2, 36.3, 29.0]
TMAX_F = [43.6, 48.6, 57.5, 66.8, 73.9, 80.6, 83.8, 82.9, 77.1, 67.4, 56.5, 47.2]
PRCP_INCH = [4.91, 4.08, 5.46, 4.12, 5.64, 5.18, 5.14, 4.66, 3.71, 3.21, 4.66, 4.95]


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return demo.write_dem(tmp_path_factory.mktemp("demo") / "jacksboro.tif")


def test_the_dem_has_the_cells_and_heights_of_the_sample(dem):
    grid = rasters.open_dem(dem).grid
    assert grid.shape == (344, 403)
    assert (grid.dx, grid.dy) == pytest.approx((1 / 1200, 1 / 1200))
    values = rasters.read_window(dem, 0, 0, *grid.shape)
    assert (values.min(), values.max()) == (236, 1076)
    with rasterio.open(dem) as source:
        assert source.dtypes == ("int16",)
        assert source.crs.to_epsg() == 4326
        assert source.units == ("m",)


def test_the_highest_cell_is_cross_mountain(dem):
    grid = rasters.open_dem(dem).grid
    values = rasters.read_window(dem, 0, 0, *grid.shape)
    row, col = np.unravel_index(values.argmax(), values.shape)
    lon, lat = grid.centres(row, col)
    # 36 11 54 N, 84 13 50 W, 3534 ft; cells of 3 seconds, summits read off maps to 5
    assert lat == pytest.approx(36 + 11 / 60 + 54 / 3600, abs=8 / 3600)
    assert lon == pytest.approx(-(84 + 13 / 60 + 50 / 3600), abs=8 / 3600)
    assert values.max() == pytest.approx(3534 * 0.3048, abs=2)


def test_the_dem_is_reprojected_to_its_utm_zone(dem, tmp_path):
    prepared = rasters.prepare_dem(dem, tmp_path)
    assert rasterio.CRS.from_wkt(prepared.grid.crs).to_epsg() == 32616
    z = rasters.read_window(prepared.path, 0, 0, *prepared.grid.shape)
    assert np.isfinite(z).mean() > 0.9


def test_the_climate_is_the_published_one_in_our_units():
    table = tomllib.loads(demo.climate_path().read_text(encoding="utf-8"))
    monthly = table["monthly"]
    # rounded to 0.01
    for key, published in (("tmin_c", TMIN_F), ("tmax_c", TMAX_F)):
        expected = [(f - 32) * 5 / 9 for f in published]
        np.testing.assert_allclose(monthly[key], expected, atol=0.005 + 1e-9)
    np.testing.assert_allclose(monthly["prcp_mm"], np.multiply(PRCP_INCH, 25.4), atol=0.005 + 1e-9)
    assert sum(PRCP_INCH) == pytest.approx(55.72)
    assert table["elevation_m"] == 1675 * 0.3048


def test_the_climate_file_is_one_that_the_program_reads():
    station = open_station(demo.climate_path())
    assert station.periods == ("1971-2000",)
    assert station.elevation_m == pytest.approx(510.54)


def test_without_matplotlib_the_remedy_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.cbook", None)
    with pytest.raises(ArgumentError, match=r"pip install 'eemt-core\[plot\]'"):
        demo.write_dem(tmp_path / "a.tif")
    assert list(tmp_path.iterdir()) == []
