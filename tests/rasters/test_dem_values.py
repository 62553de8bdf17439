"""Undeclared fill values of a DEM: found wherever they are, and left out on demand."""

import json

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.shutil import copy

from eemt_core import rasters
from eemt_core.errors import InputError
from geotiffs import write_geotiff
from oracles.relief import relief
from runs import eemt_run, maps_of, mountains, write_dem

HIGH = 1500 + relief((150, 130), 3, roughness=3.0, height_m=200.0, dtype=np.float32)
DEGREES = Affine(1 / 1200, 0, -84.4, 0, -1 / 1200, 36.7)


def with_block(value, place=np.s_[60:70, 20:31], base=HIGH):
    values = base.copy()
    values[place] = value
    return values


@pytest.mark.parametrize("fill", [-9999, -32768, -3.4028235e38, -999, -99, 1e20, 9999, 32767, -77])
@pytest.mark.parametrize("place", [np.s_[60:70, 20:31], np.s_[:4, :], np.s_[-2:, -3:]])
def test_a_fill_is_found_wherever_it_lies_and_the_remedy_works(tmp_path, fill, place):
    path = write_geotiff(tmp_path / "a.tif", with_block(fill, place))
    count = np.zeros(HIGH.shape)[place].size
    with pytest.raises(InputError, match="which is no elevation: give nodata=") as caught:
        rasters.open_dem(path)
    remedy = str(caught.value).partition("nodata=")[2].partition(", or")[0]
    assert f"{remedy} ({count} cells)" in str(caught.value)
    prepared = rasters.prepare_dem(path, tmp_path, nodata=[float(remedy)])
    cells = rasters.read_window(prepared.path, 0, 0, *HIGH.shape)
    assert np.isnan(cells[place]).all()
    assert np.isnan(cells).sum() == count


def test_all_fills_are_named_at_once_with_one_remedy(tmp_path):
    values = with_block(-9999)
    values[0, :5], values[-1, :7], values[40:44, 100:] = -32768, -999, 1e20
    path = write_geotiff(tmp_path / "a.tif", values, nodata=-1)
    message = (
        r"-32768 \(5 cells\), -9999 \(110 cells\), -999 \(7 cells\) and 1e\+20 \(120 cells\), which"
        r" are no elevations: give nodata=-32768,-9999,-999,1e\+20, or"
    )
    with pytest.raises(InputError, match=message):
        rasters.open_dem(path)
    rasters.open_dem(path, nodata=[-32768, -9999, -999, 1e20])


@pytest.mark.parametrize("width", [24, 3000])
def test_a_fill_that_fills_a_window_and_meets_the_next_ones_is_found(tmp_path, width):
    # windows are 1024 rows high where blocks are rows
    tall = np.full((4 * 1024, width), 1500.0, np.float32)
    for fill in (-9999, -999):
        tall[1024:2048] = fill
        path = write_geotiff(tmp_path / "a.tif", tall)
        with pytest.raises(InputError, match=f"give nodata={fill}"):
            rasters.open_dem(path)


@pytest.mark.parametrize(
    "kind",
    ["trench", "dead sea", "shore", "canyon lake", "towers", "cliff", "int16 bathymetry", "feet"],
)
def test_real_ground_is_no_fill(tmp_path, kind):
    i, j = np.indices((200, 220))
    options = {}
    if kind == "trench":  # 450 m cells, integer depths, -9999 among them
        values = (-10400 + 4 * np.hypot(i - 100, j - 110)).astype(np.int16)
        assert (values == -9999).any()
        options["transform"] = Affine(450, 0, 5e5, 0, -450, 4e6)
    elif kind == "dead sea":
        values = np.maximum(-430.5, -500 + 8.0 * i).astype(np.float32)
    elif kind == "shore":
        values = np.maximum(0, (i - 60) * 3 - 20).astype(np.int16)
        values[:20] = -1
    elif kind == "canyon lake":  # walls of 60 degrees around a lake of one level
        values = np.maximum(300, 1.73 * 10 * (np.abs(j - 110) - 30)).astype(np.float32)
    elif kind == "towers":  # a surface model of 1 m cells: roofs of one height over streets
        values = np.where((i % 40 < 20) & (j % 50 < 25), 80, 12).astype(np.int16)
        options["transform"] = Affine(1, 0, 5e5, 0, -1, 4e6)
    elif kind == "cliff":  # two plateaus, and a wall between them
        values = np.where(j < 110, 12, 312).astype(np.int16)
        options["transform"] = Affine(30, 0, 5e5, 0, -30, 4e6)
    elif kind == "int16 bathymetry":
        values = (-1003 + (i + j) // 40).astype(np.int16)
    else:
        values = (9990 + 0.1 * i).astype(np.float32).round()
        options["units"] = "ft"
    rasters.open_dem(write_geotiff(tmp_path / "a.tif", values, **options))


def test_zeros_are_told_with_the_remedy_and_the_rest_goes_on(tmp_path):
    collar = with_block(0, np.s_[:, :13])
    notes = rasters.open_dem(write_geotiff(tmp_path / "a.tif", collar)).notes
    assert len(notes) == 1
    assert "10 % of the cells are exactly 0: give <<nodata=0>> if they are not land; " in notes[0]
    assert "beside ground that is far higher" in notes[0]
    i, _ = np.indices((200, 220))
    sea = np.maximum(0, (i - 49) * 1.5).astype(np.float32)
    notes = rasters.open_dem(write_geotiff(tmp_path / "a.tif", sea)).notes
    assert "25 % of the cells are exactly 0: give <<nodata=0>> if they are not land." in notes[0]
    path = write_geotiff(tmp_path / "a.tif", with_block(0, np.s_[0, :4]))
    assert "0.0205 % of the cells" in rasters.open_dem(path).notes[0]
    assert rasters.open_dem(path, nodata=[0]).notes == ()
    for none in (np.zeros((9, 9)), i + 1.0):
        path = write_geotiff(tmp_path / "a.tif", none.astype(np.float32))
        assert rasters.open_dem(path).notes == ()


def test_values_that_are_no_fills_but_no_elevations_name_their_range(tmp_path):
    centimetres = write_geotiff(tmp_path / "a.tif", HIGH * 100)
    with pytest.raises(InputError, match=r"values from \d+.* in 19500 cells, which are no elev"):
        rasters.open_dem(centimetres)


def test_a_stored_value_is_what_is_named_where_the_file_scales_it(tmp_path):
    stored = with_block(-9999, base=(HIGH * 10)).astype(np.int32)
    path = write_geotiff(tmp_path / "a.tif", stored)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.1,), (100.0,)
    with pytest.raises(InputError, match="give nodata=-9999, or"):
        rasters.open_dem(path)
    prepared = rasters.prepare_dem(path, tmp_path, nodata=[-9999])
    cells = rasters.read_window(prepared.path, 0, 0, *HIGH.shape)
    assert np.isnan(cells).sum() == 110
    np.testing.assert_allclose(cells[:60], HIGH[:60] + 100, atol=0.11)


def test_a_sea_is_told_and_a_stored_zero_found_where_the_file_has_an_offset(tmp_path):
    sea = np.maximum(0, np.indices((200, 220))[0] - 99) * 2.0
    path = write_geotiff(tmp_path / "a.tif", ((sea + 1000) * 10).astype(np.uint16))
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.1,), (-1000.0,)
    notes = rasters.open_dem(path).notes
    assert "50 % of the cells are exactly 0: give <<nodata=10000>> if" in notes[0]
    prepared = rasters.prepare_dem(path, tmp_path, nodata=[10000])
    assert np.isnan(rasters.read_window(prepared.path, 0, 0, *sea.shape)).mean() == 0.5
    path = write_geotiff(tmp_path / "b.tif", with_block(0, base=(HIGH + 1000)).astype(np.uint16))
    with rasterio.open(path, "r+") as target:
        target.offsets = (-1000.0,)
    with pytest.raises(InputError, match=r"-1000 \(110 cells\), .*: give nodata=0, or"):
        rasters.open_dem(path)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
@pytest.mark.parametrize("degrees", [False, True])
def test_an_alpha_band_marks_nodata_whatever_its_type(tmp_path, dtype, degrees):
    # gdalwarp -dstalpha makes the band in the type of the elevations
    ground = (with_block(0) / 20).astype(dtype)
    bands = np.stack([ground, np.where(with_block(0) == 0, 0, 100).astype(dtype)])
    place = dict(crs="EPSG:4326", transform=DEGREES) if degrees else {}
    path = write_geotiff(tmp_path / "a.tif", bands, **place)
    with rasterio.open(path, "r+") as target:
        target.colorinterp = [ColorInterp.gray, ColorInterp.alpha]
    assert not any("exactly 0" in note for note in rasters.open_dem(path).notes)
    prepared = rasters.prepare_dem(path, tmp_path)
    cells = rasters.read_window(prepared.path, 0, 0, *prepared.grid.shape)
    assert np.nanmin(cells) >= 0.99 * ground[ground > 0].min()
    assert degrees or np.isnan(cells).sum() == 110


def test_a_value_that_is_left_out_pulls_no_neighbour_down_in_reprojection(tmp_path):
    options = dict(crs="EPSG:4326", transform=DEGREES)
    filled = write_geotiff(tmp_path / "a.tif", with_block(0), **options)
    marked = write_geotiff(tmp_path / "b.tif", with_block(np.nan), nodata=np.nan, **options)
    cells = []
    for name, path, nodata in (("one", filled, [0]), ("two", marked, [])):
        folder = tmp_path / name
        folder.mkdir()
        prepared = rasters.prepare_dem(path, folder, nodata=nodata)
        cells.append(rasters.read_window(prepared.path, 0, 0, *prepared.grid.shape))
        assert [p.name for p in folder.iterdir()] == ["dem.tif"]
    np.testing.assert_array_equal(*cells)


@pytest.mark.slow
def test_a_run_leaves_the_value_out_of_every_map_and_says_so(tmp_path):
    z = 500 + mountains((30, 35))
    z[:, :10] = 0
    marked = np.where(z == 0, np.nan, z)
    zeros = write_dem(tmp_path / "zeros.tif", z)
    nans = write_dem(tmp_path / "nans.tif", marked, nodata=np.nan)
    options = ("--days", "172", "--step", "60", "--no-pictures", "--no-shadows")
    told = eemt_run(zeros, "-o", tmp_path / "told", *options)
    assert told.returncode == 0
    assert "28.6 % of the cells are exactly 0" in told.stderr
    assert "give --nodata 0 if they are not land" in told.stderr
    left = eemt_run(zeros, "-o", tmp_path / "left", "--nodata", "0", *options)
    assert left.returncode == 0, left.stderr
    right = eemt_run(nans, "-o", tmp_path / "right", *options)
    assert right.returncode == 0
    one, other = maps_of(tmp_path / "left"), maps_of(tmp_path / "right")
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)
    record = json.loads((tmp_path / "left" / "run.json").read_text())
    assert record["parameters"]["nodata"] == ["0"]
    with rasterio.open(tmp_path / "left" / "slope.tif") as source:
        assert json.loads(source.tags()["EEMT_PARAMETERS"])["nodata"] == ["0"]
    # another nodata value makes another run, also if it is set by the environment
    again = eemt_run(zeros, "-o", tmp_path / "left", "--resume", *options)
    assert "it starts again" in again.stderr
    same = eemt_run(
        zeros, "-o", tmp_path / "told", "--overwrite", *options, env={"EEMT_NODATA": "0"}
    )
    assert same.returncode == 0
    assert np.isnan(maps_of(tmp_path / "told")["slope.tif"][:, :9]).all()


def test_a_dem_that_declares_more_cells_than_there_is_space_for_is_refused_at_once(tmp_path):
    small = write_geotiff(tmp_path / "small.tif", HIGH)
    vrt = tmp_path / "vast.vrt"
    copy(small, vrt, driver="VRT")
    text = vrt.read_text()
    for axis, n in (("X", 130), ("Y", 150)):
        text = text.replace(f'raster{axis}Size="{n}"', f'raster{axis}Size="300000"', 1)
    vrt.write_text(text)
    done = eemt_run(vrt, "-o", tmp_path / "out", "--days", "172")
    assert done.returncode == 4
    assert "vast.vrt has 300000 x 300000 cells: a run of it needs about" in done.stderr
    assert not (tmp_path / "out").exists()
