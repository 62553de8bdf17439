"""Impossible values of vegetation, wetness and turbidity are found before computation starts.

The tests also run the command that a message proposes, after which the raster must be accepted.
"""

import contextlib
import json
import shlex
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from climate_files import STATION
from eemt_core.errors import InputError
from eemt_core.grids.tiling import Window
from eemt_core.manager.plan.layers import LeafAreaFromNdvi, RasterKind, RasterLayer
from eemt_core.manager.reporter import Silent
from eemt_core.plausible import CANOPY_HEIGHT, LEAF_AREA, LINKE, NDVI, WETNESS
from eemt_core.rasters import prepare_dem, read_matched
from geotiffs import write_geotiff
from runs import eemt_run, maps_of, mountains, write_dem

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # rio's docstrings have invalid escape sequences
    from rasterio.rio.main import main_group

SHAPE = (40, 50)
WHOLE = Window(0, 0, *SHAPE)
COARSE = Affine(37, 0, 500_000 - 60, 0, -37, 4_000_000 + 60)  # not aligned with the DEM's cells
RNG = np.random.default_rng(7)


@dataclass
class Said(Silent):
    """A reporter that keeps what it hears."""

    sentences: list[str] = field(default_factory=list)

    def say(self, sentence):
        self.sentences.append(sentence)


@pytest.fixture
def dem(tmp_path):
    z = 500 + mountains(SHAPE)
    z[:, 40:] = np.nan
    path = write_dem(tmp_path / "dem.tif", z, nodata=np.nan)
    return prepare_dem(path, tmp_path)


def opened(path, dem, quantity, reporter=None, monthly=True):
    kind = RasterKind(quantity, is_monthly=monthly)
    return RasterLayer.open(path, dem, kind, reporter=reporter or Said())


def refusal(path, dem, quantity):
    with pytest.raises(InputError) as caught:
        opened(path, dem, quantity)
    text = str(caught.value)
    assert Path(path).name in text
    assert "\n" not in text
    return text


def carry_out(sentence, folder):
    """Run the command in a sentence; return the file that it made or changed."""
    command = shlex.split(sentence[sentence.index("rio ") :])
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rio calls what pyparsing will drop
        main_group(command[1:], standalone_mode=False)
    return folder / command[-1]


FILLS = [
    (WETNESS, 8.0, -9999.0),
    (WETNESS, 8.0, -32768.0),
    (WETNESS, 8.0, -3.4028235e38),
    (LEAF_AREA, 3.0, 255.0),
    (NDVI, 0.4, -2.0),
    (CANOPY_HEIGHT, 20.0, -1.0),
    (CANOPY_HEIGHT, 20.0, 102.0),
    (LINKE, 3.0, 0.0),
    (LINKE, 3.0, 255.0),
]


@pytest.mark.parametrize(("quantity", "value", "fill"), FILLS)
def test_a_fill_under_the_dem_is_named_with_its_cells_and_the_remedy_works(
    tmp_path, dem, quantity, value, fill
):
    cells = np.full(SHAPE, value, np.float32)
    cells[5:8, 10:14] = fill
    path = write_geotiff(tmp_path / "a.tif", cells)
    text = refusal(path, dem, quantity)
    assert f" in 12 cells of the DEM, which is no {quantity.name}" in text
    layer = opened(carry_out(text, tmp_path), dem, quantity)
    expected = np.where(cells == np.float32(fill), np.nan, cells)
    np.testing.assert_array_equal(layer.cut(WHOLE), expected)


def test_two_fills_are_named_at_once_and_one_command_mends_both(tmp_path, dem):
    cells = np.full(SHAPE, 8.0, np.float32)
    cells[0, :3], cells[9, 9], cells[20, 20] = -9999, 1e20, -77
    path = write_geotiff(tmp_path / "a b.tif", cells, nodata=-77)
    text = refusal(path, dem, WETNESS)
    assert "-9999 in 3 cells of the DEM and 1e+20 in 1 cell of the DEM, which are no" in text
    got = opened(carry_out(text, tmp_path), dem, WETNESS).cut(WHOLE)
    np.testing.assert_array_equal(got, np.where(cells == 8, cells, np.nan))


def test_a_fill_is_found_where_it_is_mixed_with_its_neighbours(tmp_path, dem):
    cells = np.full((20, 25), 8.0, np.float32)
    cells[6, 7] = -30.4  # interpolated with its neighbours it would be in the range of wetness
    path = write_geotiff(tmp_path / "a.tif", cells, transform=COARSE)
    mixed = read_matched(path, dem.grid, *WHOLE.numbers)
    assert mixed.min() > WETNESS.lowest
    reached = int((np.abs(mixed - 8) > 1e-4).sum())
    assert f"-30.4 in {reached} cells of the DEM" in refusal(path, dem, WETNESS)


@pytest.mark.parametrize("transform", [None, COARSE, Affine(3, 0, 499_990, 0, -3, 4_000_010)])
def test_what_lies_where_the_dem_has_no_elevation_is_nobody_s_concern(tmp_path, dem, transform):
    place = transform or Affine(10, 0, 500_000, 0, -10, 4_000_000)
    shape = SHAPE if transform is None else (int(560 / place.a), int(700 / place.a))
    cells = np.full(shape, 3.0, np.float32)
    # the DEM ends 400 m from its corner; raster cells up to one DEM cell away are used
    east = place.c + (np.arange(shape[1]) + 0.5) * place.a - 500_000
    cells[:, east > 400 + 1.5 * max(place.a, 10)] = -9999
    path = write_geotiff(tmp_path / "a.tif", cells, transform=place)
    got = opened(path, dem, LINKE).cut(WHOLE)
    assert (got[:, :40] == 3).all()
    assert not (got < 1).any()  # the run's own check of turbidity finds nothing
    cells[:, (east > 390) & (east < 400)] = -9999
    if transform is not COARSE:
        refusal(write_geotiff(tmp_path / "a.tif", cells, transform=place), dem, LINKE)


def stored(path, values, scale, offset=0.0, **options):
    write_geotiff(path, values, **options)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (scale,) * len(values), (offset,) * len(values)
    return path


@pytest.mark.parametrize("transform", [None, COARSE])
def test_scale_and_offset_of_a_file_are_applied_on_any_grid(tmp_path, dem, transform):
    shape = SHAPE if transform is None else (20, 25)
    path = stored(
        tmp_path / "a.tif",
        np.full((12, *shape), 4500, np.int16),
        1e-4,
        -0.05,
        transform=transform,
        nodata=-3000,
    )
    got = opened(path, dem, NDVI).cut(WHOLE)
    np.testing.assert_allclose(got, 0.4, atol=1e-6)


def test_a_flag_of_a_scaled_file_is_named_as_it_is_stored(tmp_path, dem):
    cells = np.full((1, *SHAPE), 35, np.uint8)
    cells[0, 3, 4:6] = 249
    path = stored(tmp_path / "a.tif", cells, 0.1)
    text = refusal(path, dem, LEAF_AREA)
    assert "24.9 in 2 cells of the DEM (stored as 249), which is no leaf area index" in text
    got = opened(carry_out(text, tmp_path), dem, LEAF_AREA).cut(WHOLE)
    assert np.isnan(got).sum() == 2
    np.testing.assert_allclose(np.nanmax(got), 3.5, rtol=1e-6)


@pytest.mark.parametrize(
    ("quantity", "values", "divisor", "fills"),
    [
        (LEAF_AREA, RNG.integers(5, 70, SHAPE).astype(np.uint8), 10, range(249, 256)),
        (NDVI, RNG.integers(-200, 9000, SHAPE).astype(np.int16), 10_000, [-30_000]),
        (CANOPY_HEIGHT, RNG.integers(0, 450, SHAPE).astype(np.int16), 10, [-32768, 32767]),
        (LINKE, RNG.integers(40, 120, SHAPE).astype(np.uint8), 20, [0]),
    ],
)
def test_values_stored_times_ten_or_more_are_mended_with_their_flags_at_once(
    tmp_path, dem, quantity, values, divisor, fills
):
    cells = values.copy()
    for col, fill in enumerate(fills):
        cells[11, col] = fill
    path = write_geotiff(tmp_path / "a.tif", np.stack([cells] * 12))
    text = refusal(path, dem, quantity)
    assert f"if it is stored times {divisor}, make it anew with rio calc" in text
    got = opened(carry_out(text, tmp_path), dem, quantity).cut(WHOLE)
    expected = np.where(cells == values, values / divisor, np.nan)
    np.testing.assert_allclose(got[7], expected, rtol=1e-6)


@pytest.mark.parametrize("fill", [101.0, 255.0])
def test_a_flag_in_cells_larger_than_the_dems_is_no_other_scale(tmp_path, dem, fill):
    # a few of the raster's large cells cover more DEM cells than the raster has cells
    cells = np.full((20, 25), 15, np.uint8)
    cells[6:9, 6:9] = fill
    path = write_geotiff(tmp_path / "a.tif", cells, transform=COARSE)
    text = refusal(path, dem, CANOPY_HEIGHT)
    assert f"holds {fill:g} in " in text
    assert "times" not in text
    got = opened(carry_out(text, tmp_path), dem, CANOPY_HEIGHT).cut(WHOLE)
    assert np.isnan(got).any()
    assert (got[np.isfinite(got)] == 15).all()


@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_all_flags_of_modis_leaf_area_are_named_and_left_out(tmp_path, dem, scale):
    values = np.full((1, *SHAPE), 30, np.uint8)
    values[0, 4, :7] = range(249, 256)
    path = stored(tmp_path / "a.tif", values, scale)
    text = refusal(path, dem, LEAF_AREA)
    assert ("if it is stored times 10, " in text) == (scale == 1)
    got = opened(carry_out(text, tmp_path), dem, LEAF_AREA).cut(WHOLE)
    assert np.isnan(got).sum() == 7
    np.testing.assert_allclose(got[np.isfinite(got)], 3, rtol=1e-6)


@pytest.mark.parametrize("nodata", [None, -3000])
@pytest.mark.parametrize("scale", [1.0, 1e-4])
def test_the_fill_of_modis_ndvi_is_left_out_by_one_command(tmp_path, dem, scale, nodata):
    values = np.full((1, *SHAPE), 6000, np.int16)
    values[0, 4, :7] = -3000
    path = stored(tmp_path / "a.tif", values, scale, nodata=nodata)
    if scale == 1.0 or nodata is None:
        path = carry_out(refusal(path, dem, NDVI), tmp_path)
    got = opened(path, dem, NDVI).cut(WHOLE)
    assert np.isnan(got).sum() == 7
    np.testing.assert_allclose(got[np.isfinite(got)], 0.6, rtol=1e-6)


def test_ndvi_serves_as_leaf_area_with_gaps_only_where_it_has_them(tmp_path, dem):
    cells = np.full(SHAPE, 0.5, np.float32)
    cells[2, 2] = np.nan
    layer = LeafAreaFromNdvi(opened(write_geotiff(tmp_path / "a.tif", cells), dem, NDVI))
    assert np.isnan(layer.cut(WHOLE)).sum() == 1


@pytest.mark.parametrize("transform", [None, COARSE], ids=["same grid", "coarser"])
@pytest.mark.parametrize("quantity", [LINKE, LEAF_AREA, CANOPY_HEIGHT], ids=lambda q: q.name)
def test_gaps_over_the_dem_are_counted_and_told(tmp_path, dem, transform, quantity):
    values = np.full(SHAPE, 3.0)
    values[10:14, 8:13] = np.nan
    values[:, 45:] = np.nan  # where the DEM has no elevation
    place = {} if transform is None else {"transform": transform}
    path = write_geotiff(tmp_path / "v.tif", values, nodata=np.nan, **place)
    said = Said()
    layer = opened(path, dem, quantity, said)
    ground = np.isfinite(read_matched(dem.path, dem.grid, *WHOLE.numbers))
    without = int(np.count_nonzero(ground & np.isnan(layer.cut(WHOLE))))
    assert without > 0
    assert f"no value in {without} of the DEM's cells" in said.sentences[0]


def test_a_raster_without_gaps_is_not_spoken_of(tmp_path, dem):
    said = Said()
    opened(write_geotiff(tmp_path / "v.tif", np.full(SHAPE, 3.0)), dem, LINKE, said)
    assert said.sentences == []


def test_turbidity_below_clean_air_is_taken_as_that_and_told(tmp_path, dem):
    cells = np.full((12, *SHAPE), 2.5, np.float32)
    cells[3, 4:6, 7] = 0.65
    cells[5, 4:6, 8] = 14.0
    said = Said()
    layer = opened(write_geotiff(tmp_path / "a.tif", cells), dem, LINKE, said)
    got = layer.cut(WHOLE)
    assert (got[3, 4:6, 7] == 1).all()
    assert got.max() == 14
    assert len(said.sentences) == 1
    assert (
        "below 1, that of clean dry air (0.65 in 2 cells of the DEM): they are taken as 1."
        in (said.sentences[0])
    )


def test_a_raster_of_far_more_cells_than_the_dem_is_refused_at_once(tmp_path, dem):
    path = tmp_path / "fine.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=100_000, width=100_000, dtype="uint8",
        crs="EPSG:32613", transform=Affine(0.005, 0, 500_000, 0, -0.005, 4_000_000), tiled=True,
        sparse_ok=True, blockxsize=2048, blockysize=2048, bigtiff="yes",
    ):  # fmt: skip
        pass
    # 400 m x 400 m under valid cells and no more; 8e9 cells of 5 mm lie over the whole
    text = refusal(path, dem, CANOPY_HEIGHT)
    assert "8.2e+09 cells over the 40 x 50 of the DEM: bring it to about" in text


def test_a_run_names_the_fill_of_a_raster_before_it_computes_anything(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", 1500 + mountains((30, 30)))
    station = tmp_path / "station.toml"
    station.write_text(STATION)
    wetness = np.full((30, 30), 8.0, np.float32)
    wetness[::3, ::2] = -9999
    path = write_geotiff(tmp_path / "wetness.tif", wetness)
    done = eemt_run(dem, "-o", tmp_path / "out", "--climate", station, "--twi", path)
    assert done.returncode == 3
    assert "wetness.tif holds -9999 in 150 cells of the DEM" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("linke", ["auto", "14"])
def test_a_run_under_the_clearest_and_the_most_turbid_air_ends_well(tmp_path, linke):
    # Valais, where SoDa's grid goes down to 0.65
    transform = Affine(30, 0, 399_300, 0, -30, 5_119_900)
    z = 2500 + mountains((30, 30))
    dem = write_dem(tmp_path / "dem.tif", z, crs="EPSG:32632", transform=transform)
    done = eemt_run(
        dem, "-o", tmp_path / "out", "--linke", linke, "--days", "15", "--step", "60",
        "--no-pictures",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = "The SoDa grid holds turbidities below 1, that of clean dry air" in done.stderr
    assert told == (linke == "auto")
    maps = maps_of(tmp_path / "out")
    assert all(np.isfinite(cells).all() for cells in maps.values())
    assert maps["global/annual/total_sun_annual.tif"].min() > 0
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["parameters"]["solar"]["linke"] in ("auto", [14.0])


def test_a_raster_on_other_cells_must_say_where_it_lies(tmp_path, dem):
    values = np.full(SHAPE, 0.5, np.float32)
    path = write_geotiff(tmp_path / "ndvi.tif", values, crs=None)
    assert opened(path, dem, NDVI).cover == 1.0  # the DEM's own cells
    coarse = write_geotiff(tmp_path / "coarse.tif", values[::2, ::2], crs=None)
    assert "coarse.tif has no coordinate reference system: declare it" in refusal(coarse, dem, NDVI)
