"""Where only some formats may be opened, no file leads to another."""

import pytest
import rasterio

from eemt_core.errors import InputError
from eemt_core.rasters import FORMATS_VARIABLE, raster_files, raster_info, read_window
from geotiffs import write_geotiff
from runs import mountains

VRT = """<VRTDataset rasterXSize="8" rasterYSize="8"><SRS>EPSG:32613</SRS>
<GeoTransform>500000,10,0,4000000,0,-10</GeoTransform>
<VRTRasterBand dataType="Float32" band="1"><SimpleSource>
<SourceFilename>{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>
</VRTDataset>"""


@pytest.fixture
def plain(tmp_path):
    return write_geotiff(tmp_path / "plain.tif", mountains((8, 8)))


@pytest.fixture
def limited(monkeypatch):
    monkeypatch.setenv(FORMATS_VARIABLE, "GTiff,netCDF")


def test_a_format_that_may_be_opened_is_read_as_ever(plain, monkeypatch):
    free = read_window(plain, 0, 0, 8, 8)
    monkeypatch.setenv(FORMATS_VARIABLE, "GTiff")
    assert read_window(plain, 0, 0, 8, 8).tobytes() == free.tobytes()
    assert [file for _, file in raster_files(plain).files] == [plain]


def test_another_format_is_no_raster(plain, tmp_path, monkeypatch):
    vrt = tmp_path / "vrt.tif"
    vrt.write_text(VRT.format(plain))
    assert raster_info(vrt).bands == 1
    monkeypatch.setenv(FORMATS_VARIABLE, "GTiff")
    with pytest.raises(InputError, match="not a raster that GDAL can read"):
        raster_info(vrt)


def test_nothing_is_told_of_files_that_another_format_names(plain, tmp_path, limited):
    said = set()
    for name in (plain, tmp_path / "missing.tif", "/dev/zero"):
        vrt = tmp_path / "vrt.tif"
        vrt.write_text(VRT.format(name))
        with pytest.raises(InputError) as caught:
            raster_info(vrt)
        said.add(str(caught.value))
    assert len(said) == 1


def test_a_file_may_not_name_its_overviews(plain, tmp_path, monkeypatch):
    other = write_geotiff(tmp_path / "other.tif", mountains((4, 4)))
    with rasterio.open(plain, "r+") as target:
        target.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(other))
    assert raster_info(plain).bands == 1
    monkeypatch.setenv(FORMATS_VARIABLE, "GTiff")
    for read in (raster_info, raster_files):
        with pytest.raises(InputError, match="names another file that holds its overviews"):
            read(plain)
