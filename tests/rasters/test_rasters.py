"""Reading windows, and writing maps completely or leaving no file."""

import math
import subprocess
import sys
import textwrap
import tracemalloc
from contextlib import closing

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rasterio.enums import ColorInterp

from eemt_core import rasters
from eemt_core.errors import ArgumentError, InputError, ResourceError
from eemt_core.grids.grid import Grid
from geotiffs import write_geotiff

UTM13_WKT = rasterio.CRS.from_epsg(32613).to_wkt()


def grid(rows, cols):
    return Grid(rows, cols, 500_000.0, 4_000_000.0, 10.0, 20.0, 1.0, UTM13_WKT)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return the same 50 x 70 cells as a north-up and a south-up file, and as an array."""
    folder = tmp_path_factory.mktemp("rasters")
    values = np.random.default_rng(3).integers(0, 999, (50, 70)).astype(np.int16)
    values[values < 100] = -1
    tiled = {"tiled": True, "blockxsize": 16, "blockysize": 32, "nodata": -1}
    north_up = write_geotiff(folder / "north.tif", values, **tiled)
    upwards = Affine(10, 0, 500_000, 0, 10, 4_000_000 - 500)
    south_up = write_geotiff(folder / "south.tif", values[::-1], transform=upwards, **tiled)
    return north_up, south_up, np.where(values == -1, np.nan, values).astype(np.float32)


@given(st.integers(-90, 90), st.integers(-90, 90), st.integers(1, 99), st.integers(1, 99))
def test_a_window_is_a_slice_of_the_whole_with_nan_outside(files, row0, col0, rows, cols):
    north_up, south_up, values = files
    padded = np.full((400, 400), np.nan, np.float32)
    padded[100:150, 100:170] = values
    expected = padded[100 + row0 : 100 + row0 + rows, 100 + col0 : 100 + col0 + cols]
    for path in (north_up, south_up):
        window = rasters.read_window(path, row0, col0, rows, cols)
        assert window.dtype == np.float32
        np.testing.assert_array_equal(window, expected)


def test_rows_that_run_north_are_turned(files):
    assert rasters.raster_info(files[0]).grid == rasters.raster_info(files[1]).grid


def test_scale_and_offset_are_applied_and_infinities_are_nodata(tmp_path):
    path = write_geotiff(tmp_path / "a.tif", np.array([[0, 10, -99]], np.int16), nodata=-99)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.5,), (100.0,)
    np.testing.assert_array_equal(rasters.read_window(path, 0, 0, 1, 3), [[100, 105, np.nan]])
    path = write_geotiff(tmp_path / "b.tif", np.array([[np.inf, -np.inf, 1.0]]))
    np.testing.assert_array_equal(rasters.read_window(path, 0, 0, 1, 3), [[np.nan, np.nan, 1]])


def test_bands_of_a_file_have_each_its_scale_and_all_the_band_of_opacity(tmp_path):
    bands = np.array([[[0, 10, 20]], [[4, 6, 8]], [[0, 9, 9]]], np.int16)
    path = write_geotiff(tmp_path / "a.tif", bands)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.5, 1.0, 1.0), (100.0, 0.0, 0.0)
        target.colorinterp = (ColorInterp.gray, ColorInterp.gray, ColorInterp.alpha)
    plain = write_geotiff(tmp_path / "b.tif", bands, nodata=9)
    expected = {
        path: [[[np.nan, 105, 110]], [[np.nan, 6, 8]], [[0, 9, 9]]],
        plain: [[[0, 10, 20]], [[4, 6, 8]], [[0, np.nan, np.nan]]],
    }
    for _ in range(3):  # what was known of a file that is closed is not said of the next
        for file, cells in expected.items():
            with closing(rasters.WindowReader(file)) as reader:
                for _ in range(2):
                    found = reader.read_bands([1, 2, 3], 0, 0, 1, 3)
                    np.testing.assert_array_equal(found, cells)


def test_info_says_what_the_file_says(tmp_path):
    path = write_geotiff(tmp_path / "a.tif", np.zeros((2, 3, 4), np.float32), nodata=-9999)
    with rasterio.open(path, "r+") as target:
        target.update_tags(SOURCE="somewhere")
        target.update_tags(2, month="2")
        target.set_band_unit(1, "degC")
        target.set_band_description(2, "tmin")
    info = rasters.raster_info(path)
    assert info.grid.shape == (3, 4)
    assert info.grid.unit_m == 1.0
    assert (info.bands, info.dtype, info.nodata) == (2, "float32", (-9999.0, -9999.0))
    assert info.units == ("degC", None)
    assert info.descriptions == (None, "tmin")
    assert info.tags["SOURCE"] == "somewhere"
    assert info.band_tags[1]["month"] == "2"


def test_a_band_that_is_not_there_is_named(files):
    with pytest.raises(InputError, match="has 1 bands, so there is no band 2"):
        rasters.read_window(files[0], 0, 0, 1, 1, band=2)


def test_a_file_cut_short_is_called_damaged(tmp_path):
    values = np.random.default_rng(0).normal(size=(512, 512)).astype(np.float32)
    path = write_geotiff(tmp_path / "cut.tif", values, compress="deflate")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="damaged or cut short"):
        rasters.read_window(path, 0, 0, 512, 512)


def test_an_overview_covers_the_same_ground_and_keeps_the_mean(tmp_path):
    values = np.random.default_rng(0).normal(size=(400, 200)).astype(np.float32)
    values[:40] = np.nan
    path = write_geotiff(tmp_path / "a.tif", values, nodata=np.nan)
    small, small_grid = rasters.read_overview(path, 100)
    assert small.shape == small_grid.shape == (100, 50)
    assert small_grid.bounds == pytest.approx(rasters.raster_info(path).grid.bounds)
    np.testing.assert_allclose(
        small[10:], values[40:].reshape(90, 4, 50, 4).mean((1, 3)), atol=1e-6
    )
    assert np.isnan(small[:10]).all()
    whole, _ = rasters.read_overview(path, 1000)
    np.testing.assert_array_equal(whole, values)


# --- write_map ---


def blocks_of(values, size):
    for row0 in range(0, values.shape[0], size):
        for col0 in range(0, values.shape[1], size):
            yield row0, col0, values[row0 : row0 + size, col0 : col0 + size]


def write(path, values, blocks=None, **more):
    blocks = blocks_of(values, 300) if blocks is None else blocks
    rasters.write_map(path, grid(*values.shape), blocks, description="d", units="m", **more)


def test_a_map_is_a_cloud_optimised_geotiff_that_says_what_it_holds(tmp_path):
    values = np.random.default_rng(0).normal(size=(1500, 1100)).astype(np.float32)
    values[300:400, 500:] = np.nan
    rasters.write_map(
        tmp_path / "map.tif",
        grid(1500, 1100),
        blocks_of(values, 300),
        description="Global irradiation, January",
        units="Wh m-2",
        tags={"EEMT_PARAMETERS": '{"step_minutes": 15}'},
    )
    with rasterio.open(tmp_path / "map.tif") as source:
        structure = source.tags(ns="IMAGE_STRUCTURE")
        assert structure["LAYOUT"] == "COG"
        assert structure["COMPRESSION"] == "DEFLATE"
        assert structure["PREDICTOR"] == "3"
        assert source.block_shapes == [(512, 512)]
        assert source.overviews(1) == [2, 4]
        assert np.isnan(source.nodata)
        assert source.units == ("Wh m-2",)
        assert source.descriptions == ("Global irradiation, January",)
        assert source.tags()["EEMT_PARAMETERS"] == '{"step_minutes": 15}'
        assert source.tags()["TIFFTAG_SOFTWARE"].startswith("eemt-core ")
        np.testing.assert_array_equal(source.read(1), values)
    assert rasters.raster_info(tmp_path / "map.tif").grid.shape == (1500, 1100)
    assert [p.name for p in tmp_path.iterdir()] == ["map.tif"]


def test_the_order_of_blocks_changes_no_byte_of_the_cells(tmp_path):
    values = np.random.default_rng(0).normal(size=(700, 900)).astype(np.float32)
    forward = list(blocks_of(values, 250))
    write(tmp_path / "a.tif", values, forward)
    write(tmp_path / "b.tif", values, forward[::-1])
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


SIDES = st.one_of(st.integers(1, 40), st.integers(1, 700), st.integers(500, 9000))
SHAPES = st.tuples(SIDES, SIDES).filter(lambda shape: shape[0] * shape[1] < 2_000_000)


@pytest.mark.slow
@settings(max_examples=25)
@given(SHAPES)
@example((2049, 25))
@example((8193, 481))
@example((1, 20_000))
@example((20_000, 1))
@example((1, 1))
def test_a_map_of_any_shape_is_written_with_all_its_overviews(tmp_path_factory, shape):
    values = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    path = tmp_path_factory.mktemp("shapes") / "map.tif"
    write(path, values, [(0, 0, values)])
    with rasterio.open(path) as source:
        np.testing.assert_array_equal(source.read(1), values)
        levels = len(source.overviews(1))
    # each half as large as the one before, rounded up, until one fits into a block of 512 cells
    assert levels == max(0, math.ceil(math.log2(max(shape) / 512)))
    for level in range(levels):
        with rasterio.open(path, overview_level=level) as overview:
            assert overview.shape == tuple(-(-n // 2 ** (level + 1)) for n in shape)
            assert np.isfinite(overview.read(1)).all()
    path.unlink()


def test_what_no_block_covers_is_nodata(tmp_path):
    values = np.ones((600, 600), np.float32)
    write(tmp_path / "a.tif", values, [(512, 0, values[512:, :512])])
    back = rasters.read_window(tmp_path / "a.tif", 0, 0, 600, 600)
    assert np.isnan(back[:512]).all()
    assert np.isnan(back[512:, 512:]).all()
    assert (back[512:, :512] == 1).all()


def test_whole_numbers_keep_their_dtype_and_nodata(tmp_path):
    values = np.arange(600, dtype=np.int32).reshape(20, 30)
    write(tmp_path / "a.tif", values, dtype="int32", nodata=0)
    with rasterio.open(tmp_path / "a.tif") as source:
        assert (source.dtypes, source.nodata) == (("int32",), 0)
        np.testing.assert_array_equal(source.read(1), values)


def test_a_failure_leaves_the_old_map_and_nothing_else(tmp_path):
    old = np.full((50, 60), 7, np.float32)
    write(tmp_path / "a.tif", old)
    before = (tmp_path / "a.tif").read_bytes()

    def failing():
        yield 0, 0, np.zeros((10, 10), np.float32)
        raise ValueError("a tile failed")

    with pytest.raises(ValueError, match="a tile failed"):
        write(tmp_path / "a.tif", old, failing())
    with pytest.raises(ArgumentError, match=r"10 x 10 cells at \(45, 0\) reaches beyond"):
        write(tmp_path / "a.tif", old, [(45, 0, np.zeros((10, 10), np.float32))])
    assert (tmp_path / "a.tif").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def test_what_a_killed_run_left_is_removed_with_the_next(tmp_path):
    for name in (".a.tif.7.plain.tif", ".a.tif.7.cog.tif", ".a.tif.7.cog.tif.ovr.tmp"):
        (tmp_path / name).touch()
    write(tmp_path / "a.tif", np.zeros((5, 5), np.float32))
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ResourceError, match=r"a\.tif cannot be written: check that its folder"):
        write(tmp_path / "no" / "a.tif", np.zeros((5, 5), np.float32))


@pytest.mark.parametrize("limit_bytes", [100_000, 4_200_000])
def test_a_full_disk_is_a_resource_error_and_leaves_nothing(tmp_path, limit_bytes):
    # A limit on the size of files fails writes as a full disk does: the low one already
    # in the plain file, the high one (above its 1024 x 1024 x 4 bytes) in the final map,
    # which random bits and overviews make larger.
    program = f"""
        import resource, signal
        import numpy as np
        from eemt_core import rasters
        from eemt_core.errors import ResourceError
        from eemt_core.grids.grid import Grid
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_bytes}, {limit_bytes}))
        bits = np.random.default_rng(0).integers(0, 2**30, (1024, 1024), dtype=np.uint32)
        values = bits.view(np.float32)
        grid = Grid(1024, 1024, 0.0, 0.0, 1.0, 1.0, 1.0, {UTM13_WKT!r})
        try:
            rasters.write_map("a.tif", grid, [(0, 0, values)], description="d", units="m")
        except ResourceError as error:
            print(type(error).__name__, error)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("ResourceError a.tif cannot be written"), run.stdout + run.stderr
    assert run.stdout.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_map(tmp_path):
    block = np.ones((512, 4096), np.float32)
    tracemalloc.start()
    rasters.write_map(
        tmp_path / "a.tif",
        grid(4096, 4096),
        ((row0, 0, block) for row0 in range(0, 4096, 512)),
        description="d",
        units="m",
    )
    rasters.open_dem(tmp_path / "a.tif")
    rasters.read_overview(tmp_path / "a.tif", 200)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # the map has 64 MiB; a block has 8, and its check needs a copy and two masks
    assert peak < 32 * 2**20
