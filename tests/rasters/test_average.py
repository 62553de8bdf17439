"""Averages as VRT files: every cell is the sum's times a factor, wherever both are moved."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
import rasterio

from eemt_core import rasters
from eemt_core.errors import InputError
from encoded_maps import TAGS, cells_of, grid, place, runs_of, write

FACTOR = 1 / 31
TEXTS = dict(description="Global irradiation: daily mean of <January> & co", units="Wh m-2 d-1")


def average(path, shape, **more):
    rasters.write_average_vrt(
        path, path.with_name("sum.tif"), grid(*shape), factor=FACTOR, tags=TAGS, **TEXTS, **more
    )


def times(cells):
    return (cells.astype(np.float64) * FACTOR).astype(np.float32)


@pytest.fixture
def maps(tmp_path):
    """A folder with a map and its average, which is not where they were written."""

    def make(shape):
        folder = tmp_path / "first"
        folder.mkdir()
        levels = write(folder / "sum.tif", 1e4 * cells_of(*shape))
        average(folder / "average.vrt", shape, block_cells=64)
        return folder.rename(tmp_path / "moved"), levels

    return make


@pytest.mark.parametrize("shape", [(1501, 1101), (1, 1), (1, 3000), (700, 2)])
def test_every_cell_is_the_sums_times_the_factor(maps, shape):
    folder, levels = maps(shape)
    with rasterio.open(folder / "average.vrt") as source, rasterio.open(folder / "sum.tif") as of:
        np.testing.assert_array_equal(source.read(1), times(levels[0]))
        assert (source.crs, source.transform) == (of.crs, of.transform)
        assert source.block_shapes == of.block_shapes
        assert np.isnan(source.nodata)
        assert source.descriptions == (TEXTS["description"],)
        assert source.units == (TEXTS["units"],)
        assert source.tags() == of.tags()
    assert rasters.is_whole(folder / "average.vrt", shape)
    # at reduced size GDAL reads the map's overviews, whether it lists them or not
    with rasterio.open(folder / "average.vrt") as source, rasterio.open(folder / "sum.tif") as of:
        for level in levels[1:]:
            found, wanted = (file.read(1, out_shape=level.shape) for file in (source, of))
            np.testing.assert_array_equal(found, times(wanted))


def test_the_overviews_are_those_of_the_map(maps):
    folder, levels = maps((2100, 1101))
    with rasterio.open(folder / "average.vrt") as source:
        assert source.overviews(1) == [2, 4, 8]
    for number, level in enumerate(levels[1:]):
        with rasterio.open(folder / "average.vrt", overview_level=number) as overview:
            np.testing.assert_array_equal(overview.read(1), times(level))


@pytest.mark.parametrize("shape", [(1501, 1101), (3000, 130), (1, 3000)])
def test_each_level_is_opened_as_that_of_a_map(maps, shape):
    folder, levels = maps(shape)
    for number, level in enumerate(levels):
        with (
            rasters.open_map(folder / "average.vrt", number) as opened,
            rasters.open_map(folder / "sum.tif", number) as of,
        ):
            np.testing.assert_array_equal(opened.read(1), times(level))
            assert opened.units == (TEXTS["units"],)
            assert opened.bounds == pytest.approx(of.bounds)


def test_an_average_is_whole_as_long_as_its_map_is(maps):
    folder, _ = maps((700, 300))
    path = folder / "average.vrt"
    assert not rasters.is_whole(path, (700, 301))
    content = (folder / "sum.tif").read_bytes()
    (folder / "sum.tif").write_bytes(content[:-1])
    assert not rasters.is_whole(path, (700, 300))
    (folder / "sum.tif").unlink()
    assert not rasters.is_whole(path, (700, 300))
    assert not rasters.is_whole(folder / "none.vrt", (700, 300))


def test_an_average_says_what_it_is_without_gdal(maps):
    folder, _ = maps((70, 30))
    said = rasters.average_of(folder / "average.vrt")
    assert (said.source, said.factor) == (folder / "sum.tif", FACTOR)
    assert (said.shape, said.units) == ((70, 30), "Wh m-2 d-1")
    assert said.tags["EEMT_DAYS"] == "31"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sum.tif", "/etc/passwd"),
        ("sum.tif", "../sum.tif"),
        ("sum.tif", "/vsicurl/http://host/sum.tif"),
        ("ScaleRatio", "Ratio"),
        ("rasterXSize", "width"),
        ("</VRTDataset>", ""),
        ("<VRTDataset", "\0"),
    ],
)
def test_another_vrt_is_none_of_ours(maps, old, new):
    folder, _ = maps((70, 30))
    path = folder / "average.vrt"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError, match=r"average\.vrt is no VRT of an average"):
        rasters.average_of(path)
    assert not rasters.is_whole(path, (70, 30))


def test_a_full_disk_leaves_the_old_average_and_nothing_else(tmp_path):
    average(tmp_path / "a.vrt", (70, 30))
    before = (tmp_path / "a.vrt").read_bytes()
    program = f"""
        import resource, signal, sys
        from pathlib import Path
        sys.path[:0] = {sys.path!r}
        from eemt_core.errors import ResourceError
        from test_average import average
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        try:
            average(Path("a.vrt"), (71, 30))
        except ResourceError as error:
            print(type(error).__name__, error)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tmp_path,
        env={"PYTHONPATH": __file__.rpartition("/")[0]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("ResourceError a.vrt cannot be written"), run.stdout
    assert (tmp_path / "a.vrt").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.vrt"]


def test_an_average_may_be_written_before_its_map(tmp_path):
    cells = cells_of(70, 30)
    average(tmp_path / "average.vrt", (70, 30))
    place(tmp_path / "sum.tif", (70, 30), [runs_of(cells, 64, 1, tmp_path, "run")])
    with rasterio.open(tmp_path / "average.vrt") as source:
        np.testing.assert_array_equal(source.read(1), times(cells))


def test_where_only_some_formats_may_be_opened_ours_may(maps, monkeypatch):
    folder, levels = maps((700, 300))
    monkeypatch.setenv(rasters.FORMATS_VARIABLE, "GTiff")
    path = folder / "average.vrt"
    np.testing.assert_array_equal(rasters.read_overview(path, 700)[0], times(levels[0]))
    assert rasters.raster_info(path).units == (TEXTS["units"],)
    (folder / "sum.tif").rename(folder / "real.tif")
    (folder / "sum.tif").write_text((folder / "average.vrt").read_text())
    with pytest.raises(InputError, match="is not a raster that GDAL can read"):
        rasters.raster_info(path)
    path.write_text(path.read_text().replace("sum.tif", "./real.tif"))
    with pytest.raises(InputError, match="is not a raster that GDAL can read"):
        rasters.raster_info(path)
