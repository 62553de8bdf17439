"""Two runs count as the same only if their files have the same contents and the same roles."""

import os
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import rasterio
import rasterio.io
import rasterio.shutil

from eemt_core import rasters
from eemt_core.errors import ArgumentError
from eemt_core.files import read_json
from eemt_core.manager.plan.identity import identify
from eemt_core.manager.reporter import Silent
from eemt_core.manager.request import EnergyRequest, RunRequest
from eemt_core.manager.run import run
from eemt_core.solar.turbidity import soda_grid
from geotiffs import write_geotiff
from runs import assert_same_maps, mountains, request, write_dem

pytestmark = pytest.mark.slow

HILL = np.add.outer(np.arange(20.0), np.arange(30.0)).astype(np.float32)


class Ear(Silent):
    """Keeps what it is told."""

    def __init__(self):
        self.told = []

    def say(self, sentence):
        self.told.append(sentence)


def identity(dem, *climate, **options):
    asked = RunRequest(dem=dem, out=dem.parent / "out", **options)
    return identify(asked, climate, Silent()).identity


def vrt(path, *sources):
    """Write a VRT of sources on top of each other, named relative to it."""
    parts = "".join(
        f'<ComplexSource><SourceFilename relativeToVRT="1">{os.path.relpath(s, path.parent)}'
        "</SourceFilename><SourceBand>1</SourceBand></ComplexSource>"
        for s in sources
    )
    with rasterio.open(sources[0]) as source:
        t, wkt = source.transform, source.crs.to_wkt()
    path.write_text(
        f'<VRTDataset rasterXSize="{HILL.shape[1]}" rasterYSize="{HILL.shape[0]}">'
        f"<SRS>{wkt.replace('<', '')}</SRS>"
        f"<GeoTransform>{t.c}, {t.a}, 0, {t.f}, 0, {t.e}</GeoTransform>"
        f'<VRTRasterBand dataType="Float32" band="1">{parts}</VRTRasterBand></VRTDataset>'
    )
    return path


def plain(folder):
    path = write_geotiff(folder / "a.tif", HILL)
    return path, path


def nested_vrt(folder):
    (folder / "deep").mkdir()
    path = write_geotiff(folder / "deep" / "a.tif", HILL)
    inner = vrt(folder / "deep" / "inner.vrt", path)
    return vrt(folder / "outer.vrt", inner), path


def archive(folder):
    path = write_geotiff(folder / "a.tif", HILL)
    with zipfile.ZipFile(folder / "a.zip", "w") as target:
        target.write(path, "a.tif")
    return Path(f"/vsizip/{folder}/a.zip/a.tif"), folder / "a.zip"


def subdataset(folder):
    with h5py.File(folder / "a.h5", "w") as file:
        file["group/one"] = file["group/two"] = HILL
    return Path(f'HDF5:"{folder}/a.h5"://group/one'), folder / "a.h5"


def header(folder):
    write_geotiff(folder / "a.tif", HILL)
    rasterio.shutil.copy(folder / "a.tif", folder / "a.img", driver="ENVI")
    return folder / "a.img", folder / "a.hdr"


def world_file(folder):
    path = write_geotiff(folder / "placed.tif", HILL)
    rasterio.shutil.copy(path, folder / "a.tif", driver="GTiff", PROFILE="BASELINE", TFW="YES")
    path.unlink()
    (folder / "a.tif.aux.xml").unlink()  # it holds the georeference too
    return folder / "a.tif", folder / "a.tfw"


def mask(folder):
    path = write_geotiff(folder / "a.tif", HILL)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as target:
        target.write_mask(HILL > 5)
    return path, folder / "a.tif.msk"


def aside(folder):
    """A file beside the raster with another scale factor."""
    path = write_geotiff(folder / "a.tif", HILL)
    beside = folder / "a.tif.aux.xml"
    beside.write_text(
        '<PAMDataset><PAMRasterBand band="1"><Scale>2</Scale></PAMRasterBand></PAMDataset>'
    )
    return path, beside


def flip_a_bit(path):
    """Change a file's content without changing its size or times."""
    before, content = path.stat(), bytearray(path.read_bytes())
    place = len(content) * 2 // 3
    content[place] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


KINDS = [plain, nested_vrt, archive, subdataset, header, world_file, mask, aside]


@pytest.mark.parametrize("make", KINDS)
def test_a_change_in_any_file_behind_a_name_makes_another_run(tmp_path, make):
    name, part = make(tmp_path)
    before = identity(name)
    assert identity(name) == before
    flip_a_bit(part)
    assert identity(name) != before


@pytest.mark.parametrize("make", [plain, nested_vrt, header, world_file, mask, aside])
def test_where_the_files_lie_does_not_count(tmp_path, make):
    (tmp_path / "here").mkdir()
    name, _ = make(tmp_path / "here")
    before = identity(name)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    assert identity(tmp_path / "there" / name.name) == before


def test_what_a_viewer_leaves_beside_a_raster_does_not_count(tmp_path):
    path = write_geotiff(tmp_path / "a.tif", HILL)
    before = identity(path)
    (tmp_path / "a.tif.aux.xml").write_text(
        '<PAMDataset><PAMRasterBand band="1"><Histograms><HistItem/></Histograms><Metadata>'
        '<MDI key="STATISTICS_MEAN">4</MDI></Metadata></PAMRasterBand></PAMDataset>'
    )
    with rasterio.open(path, "r") as source, rasterio.open(f"{path}.ovr", "w", **source.profile):
        pass
    assert identity(path) == before


def test_the_part_that_a_file_plays_counts(tmp_path):
    a, b = (write_geotiff(tmp_path / f"{n}.tif", HILL + n) for n in (0, 1))
    assert identity(a, twi=b) != identity(b, twi=a)
    station = tmp_path / "station.toml"
    one = EnergyRequest(station, lai=a, canopy_height=b)
    other = EnergyRequest(station, lai=b, canopy_height=a)
    assert identity(a, energy=one) != identity(a, energy=other)
    as_ndvi = EnergyRequest(station, ndvi=a, canopy_height=b)
    assert identity(a, energy=one) != identity(a, energy=as_ndvi)


def test_months_that_change_places_make_another_climate(tmp_path):
    dem = write_geotiff(tmp_path / "dem.tif", HILL)
    jan, feb = (write_geotiff(tmp_path / f"{m}.tif", HILL + n) for n, m in enumerate(("j", "f")))
    before = identity(dem, jan, feb)
    jan.rename(tmp_path / "x.tif")
    feb.rename(jan)
    (tmp_path / "x.tif").rename(feb)
    assert identity(dem, jan, feb) != before


def test_sources_of_a_vrt_that_change_places_make_another_run(tmp_path):
    a, b = (write_geotiff(tmp_path / f"{n}.tif", HILL + n) for n in (0, 1))
    name = vrt(tmp_path / "both.vrt", a, b)
    before = identity(name)
    a.rename(tmp_path / "x.tif")
    b.rename(a)
    (tmp_path / "x.tif").rename(b)
    assert identity(name) != before


def test_another_variable_of_the_same_file_is_another_input(tmp_path):
    name, _ = subdataset(tmp_path)
    assert identity(name) != identity(Path(str(name).replace("one", "two")))


def test_a_mended_source_is_computed_anew_and_said(tmp_path):
    """A change in a source of a VRT counts, although the VRT itself is unchanged."""
    cells = write_dem(tmp_path / "cells.tif", mountains((20, 30)))
    asked = request(vrt(tmp_path / "dem.vrt", cells), tmp_path / "out")
    run(asked, Silent())
    again = request(asked.dem, asked.out, resume=True)
    same = Ear()
    run(again, same)
    assert same.told == [f"{asked.out} holds all maps of this run already."]
    write_dem(cells, mountains((20, 30), seed=6))
    ear = Ear()
    run(again, ear)
    assert f"{asked.out} holds a finished run of other input files; it starts again." in ear.told
    whole = request(cells, tmp_path / "whole")
    run(whole, Silent())
    assert_same_maps(asked.out, whole.out)
    record = read_json(asked.out / "run.json")
    assert set(record["inputs"]["dem"]) == {str(asked.dem), str(cells)}


def test_the_unit_of_elevations_is_part_of_a_run(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", mountains((20, 30)))
    run(request(dem, tmp_path / "out"), Silent())
    ear = Ear()
    run(request(dem, tmp_path / "out", resume=True, elevation_unit="ft"), ear)
    assert any("other parameters; it starts again" in sentence for sentence in ear.told)


def test_no_input_may_lie_among_the_maps(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", mountains((20, 30)))
    (tmp_path / "out").mkdir()
    inside = write_dem(tmp_path / "out" / "lai.tif", mountains((20, 30)))
    station = tmp_path / "station.toml"
    for options in (
        {"twi": inside},
        {"twi": vrt(tmp_path / "twi.vrt", inside)},
        {
            "energy": EnergyRequest(station, lai=inside, canopy_height=dem),
            "days": range(1, 366),
        },
    ):
        with pytest.raises(ArgumentError, match=r"lai\.tif lies in the folder of the maps"):
            run(request(dem, tmp_path / "out", **options), Silent())


def test_a_raster_on_another_machine_is_said_to_be_out_of_sight(tmp_path):
    # in memory, which GDAL names as it does remote files
    with rasterio.io.MemoryFile() as memory:
        memory.write((write_geotiff(tmp_path / "a.tif", HILL)).read_bytes())
        found = rasters.raster_files(memory.name)
    assert found.remote == (memory.name,)
    assert found.selection == memory.name


def test_another_grid_of_turbidity_makes_another_run(tmp_path, monkeypatch):
    dem = write_dem(tmp_path / "dem.tif", HILL)
    grid = soda_grid()
    before = identity(dem, linke="auto")
    other = shutil.copy(grid, tmp_path / grid.name)
    monkeypatch.setattr("eemt_core.manager.plan.identity.soda_grid", lambda: Path(other))
    assert identity(dem, linke="auto") == before != identity(dem)
    flip_a_bit(Path(other))
    assert identity(dem, linke="auto") != before
