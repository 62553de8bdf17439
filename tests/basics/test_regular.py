"""Pipes, devices, sockets and folders given as input files are refused at once, in a sentence."""

import os
import socket
import tracemalloc
import zipfile

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.shutil import copy

from climate_files import STATION
from eemt_core import rasters
from eemt_core.errors import InputError
from eemt_core.files import read_file
from geotiffs import write_geotiff
from runs import eemt_run, mountains, write_dem


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


@pytest.fixture
def station(tmp_path):
    path = tmp_path / "station.toml"
    path.write_text(STATION)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "code"),
    [
        ("DEM", 3),
        ("--linke", 3),
        ("--twi", 3),
        ("--climate", 3),
        ("--lai", 3),
        ("--config", 2),
        ("--password-file", 2),
    ],
)
def test_a_pipe_in_the_place_of_any_input_is_refused_at_once(tmp_path, pipe, station, option, code):
    dem = write_dem(tmp_path / "dem.tif", mountains((40, 40)))
    asked = {"DEM": dem, "--climate": station, "-o": tmp_path / "out", option: pipe}
    if option == "--lai":
        asked["--canopy-height"] = write_dem(tmp_path / "canopy.tif", np.full((40, 40), 9.0))
    if option == "--password-file":
        asked["--manager-port"] = 0
    dem = asked.pop("DEM")
    done = eemt_run(dem, *(part for pair in asked.items() for part in pair))
    assert done.returncode == code, done.stderr
    assert "is a pipe" in done.stderr


def test_links_folders_archives_and_vrts_are_followed(tmp_path, pipe):
    link = tmp_path / "link.tif"
    link.symlink_to(pipe)
    vrt = tmp_path / "mosaic.vrt"
    dem = write_geotiff(tmp_path / "dem.tif", np.zeros((9, 9), np.float32))
    copy(dem, vrt, driver="VRT")
    vrt.write_text(vrt.read_text().replace("dem.tif", "pipe"))
    folder = tmp_path / "grid"
    folder.mkdir()
    os.mkfifo(folder / "hdr.adf")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    for name, what in [
        (link, "is a pipe"),
        (vrt, f"pipe, which {vrt} names, is a pipe"),
        (folder, "hdr.adf, which is a pipe"),
        (tmp_path / "socket", "is a socket"),
        ("/dev/zero", "is a device"),
        ("/vsistdin/", "is no file"),
        (f"/vsizip/{pipe}/a.tif", "is a pipe"),
        (f'NETCDF:"{pipe}":tmin', "is a pipe"),
        (f"GTIFF_DIR:1:{pipe}", "is a pipe"),
    ]:
        with pytest.raises(InputError, match=what):
            rasters.raster_info(name)


def test_what_gdal_would_read_beside_a_raster_is_looked_at_too(tmp_path):
    dem = write_geotiff(tmp_path / "dem.tif", np.zeros((9, 9), np.float32))
    os.mkfifo(tmp_path / "dem.tif.aux.xml")
    with pytest.raises(InputError, match=r"aux\.xml, which is a pipe: remove it"):
        rasters.raster_info(dem)


def test_a_vrt_that_names_a_missing_file_says_which(tmp_path):
    dem = write_geotiff(tmp_path / "dem.tif", np.zeros((9, 9), np.float32))
    copy(dem, tmp_path / "mosaic.vrt", driver="VRT")
    dem.unlink()
    with pytest.raises(InputError, match=r"dem.tif, which .*mosaic.vrt names, does not exist: put"):
        rasters.raster_info(tmp_path / "mosaic.vrt")


def test_the_files_behind_a_name_are_found(tmp_path):
    dem = write_geotiff(tmp_path / "dem.tif", np.zeros((9, 9), np.float32))
    inner, outer = tmp_path / "inner.vrt", tmp_path / "outer.vrt"
    copy(dem, inner, driver="VRT")
    outer.write_text(inner.read_text().replace("dem.tif", "inner.vrt"))
    assert rasters.source_files(str(outer)) == (outer, inner, dem)
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.write(dem, "deep/dem.tif")
    name = f"/vsizip/{archive}/deep/dem.tif"
    assert rasters.source_files(name) == (archive,)
    assert rasters.raster_info(name).bands == 1
    assert rasters.source_files("/vsicurl/https://example.org/a.tif") == ()
    assert rasters.source_files(f"GTIFF_DIR:1:{dem}") == (dem,)


def test_a_file_that_is_too_long_is_not_read(tmp_path):
    path = tmp_path / "station.toml"
    with path.open("wb") as file:
        file.truncate(10**13)
    with pytest.raises(OSError, match="longer than 1048576 bytes"):
        read_file(path)


def test_a_raster_of_one_giant_block_is_not_read(tmp_path):
    path = tmp_path / "one.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=17000, width=17000, dtype="float32",
        crs="EPSG:32613", transform=Affine(9, 0, 0, 0, -9, 0), blockysize=17000,
        compress="deflate", sparse_ok=True,
    ):  # fmt: skip
        pass
    with pytest.raises(InputError, match="blocks of 17000 x 17000 cells, too large"):
        rasters.raster_info(path)


def test_a_small_file_takes_no_more_room_than_it_needs_however_much_is_allowed(tmp_path):
    (tmp_path / "small").write_bytes(b"x" * 100)
    tracemalloc.start()
    try:
        assert len(read_file(tmp_path / "small", 2**28)) == 100
        # a task may have little more memory than its arrays take
        assert tracemalloc.get_traced_memory()[1] < 2**18
    finally:
        tracemalloc.stop()
