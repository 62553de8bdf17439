"""Encoded blocks placed in a map: what readers and validators find in the file."""

import numpy as np
import pytest
import rasterio
import tifffile

from cog_judges import validated
from eemt_core import rasters
from eemt_core.blocks.codec import Codec
from eemt_core.blocks.pyramid import Pyramid
from eemt_core.errors import ArgumentError, InputError
from eemt_core.grids.grid import Grid
from encoded_maps import TAGS, TEXTS, UTM13_WKT, cells_of, levels_of, place, runs_of, write


def assert_holds(path, levels):
    for number, cells in enumerate(levels):
        which = {"overview_level": number - 1} if number else {}
        with rasterio.open(path, **which) as source:
            np.testing.assert_array_equal(source.read(1), cells)
            assert np.isnan(source.nodata)


@pytest.mark.parametrize("compress", ["deflate", "zstd"])
@pytest.mark.parametrize(
    ("shape", "edge"),
    [
        ((1500, 1100), 512),
        ((1024, 2048), 256),
        ((1025, 641), 64),
        ((1, 3000), 64),
        ((3000, 2), 64),
        ((500, 1), 128),
        ((1, 1), 512),
    ],
)
def test_validators_accept_a_map_and_readers_find_every_cell(tmp_path, shape, edge, compress):
    path = tmp_path / "map.tif"
    levels = write(path, cells_of(*shape), edge, compress=compress)
    assert validated(path) == []
    assert_holds(path, levels)
    with rasterio.open(path) as source:
        assert source.block_shapes == [(edge, edge)]
        assert len(source.overviews(1)) == len(levels) - 1
        structure = source.tags(ns="IMAGE_STRUCTURE")
        assert (structure["COMPRESSION"], structure["PREDICTOR"]) == (compress.upper(), "3")
    assert rasters.is_whole(path, shape)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["blocks", "map.tif"]


def test_gdal_accepts_a_long_map_of_one_column(tmp_path):
    # rio-cogeo takes the ratio of widths, which stays 1, for that of the overviews
    path = tmp_path / "map.tif"
    levels = write(path, cells_of(1030, 1))
    assert set(validated(path)) == {f"Invalid Decimation 1 for overview level {n}" for n in (0, 1)}
    assert_holds(path, levels)


def test_all_directories_come_first_and_the_map_itself_last(tmp_path):
    path = tmp_path / "map.tif"
    levels = write(path, cells_of(1100, 1500))
    with tifffile.TiffFile(path) as file:
        assert not file.is_bigtiff
        pages = list(file.pages)
    assert [page.shape for page in pages] == [level.shape for level in levels]
    assert [page.is_reduced for page in pages] == [False, True, True]
    # the blocks of all levels, the smallest level first and row by row, fill the file to its end
    ranges = [
        (at, at + length)
        for page in reversed(pages)
        for at, length in zip(page.dataoffsets, page.databytecounts, strict=True)
    ]
    ends = [end for _, end in ranges]
    assert [at for at, _ in ranges[1:]] == ends[:-1]
    assert ends[-1] == path.stat().st_size
    assert max(page.offset for page in pages) < ranges[0][0]


@pytest.mark.parametrize("crs", [UTM13_WKT, rasterio.CRS.from_epsg(4326).to_wkt(), ""])
def test_a_map_says_of_itself_what_one_of_plain_arrays_says(tmp_path, crs):
    cells = cells_of(40, 70)
    where = Grid(40, 70, -100.0, 40.0, 0.01, 0.02, 0.0, crs)
    rasters.write_map(tmp_path / "plain.tif", where, [(0, 0, cells)], tags=TAGS, **TEXTS)
    runs = [runs_of(cells, 64, 1, tmp_path, "run")]
    rasters.write_cog(
        tmp_path / "placed.tif",
        where,
        pyramid=Pyramid(40, 70, 64),
        codec=Codec(),
        levels=runs,
        tags=TAGS,
        **TEXTS,
    )
    plain, placed = (rasters.raster_info(tmp_path / f"{name}.tif") for name in ("plain", "placed"))
    assert {**vars_of(plain), "nodata": 0} == {**vars_of(placed), "nodata": 0}
    assert np.isnan([plain.nodata, placed.nodata]).all()
    assert placed.tags["EEMT_DAYS"] == "31"
    assert placed.units == ("Wh m-2",)


def vars_of(info):
    return {name: getattr(info, name) for name in info.__slots__}


def test_the_bytes_depend_on_the_blocks_and_not_on_their_runs(tmp_path):
    cells = cells_of(700, 900)
    for side in (1, 2, 3, 100):
        write(tmp_path / f"{side}.tif", cells, side=side)
    files = {(tmp_path / f"{side}.tif").read_bytes() for side in (1, 2, 3, 100)}
    assert len(files) == 1
    runs = [
        runs_of(level, 64, 3, tmp_path, f"again-{number}")[::-1]
        for number, level in enumerate(levels_of(cells, 2))
    ]
    place(tmp_path / "reversed.tif", cells.shape, runs)
    assert files == {(tmp_path / "reversed.tif").read_bytes()}


def test_blocks_that_are_not_stored_are_nodata(tmp_path):
    cells = cells_of(600, 300)
    cells[64:192, :128] = np.nan
    cells[-88:, -44:] = np.nan
    levels = levels_of(cells, 2)
    runs = [runs_of(level, 64, 1, tmp_path, f"{n}") for n, level in enumerate(levels)]
    gone = 0
    for number, level in enumerate(levels):
        for index, run in enumerate(runs[number]):
            here = level[run.row * 64 :, run.col * 64 :][:64, :64]
            if np.isnan(here).all():
                runs[number][index] = run._replace(lengths=np.array([0]))
                gone += 1
    assert gone > 4
    place(tmp_path / "map.tif", cells.shape, runs)
    assert_holds(tmp_path / "map.tif", levels)
    assert validated(tmp_path / "map.tif") == []
    assert rasters.is_whole(tmp_path / "map.tif", cells.shape)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda runs: [runs[0][1:], runs[1]], "4 of a level's 10 x 5 blocks are in no run"),
        (lambda runs: [runs[0] + runs[0][:1], runs[1]], "holds one that another run holds"),
        (lambda runs: [[runs[0][0]._replace(row=9)], runs[1]], r"\(9, 0\) with 4 lengths reaches"),
        (lambda runs: [[runs[0][0]._replace(rows=1)], runs[1]], "1 x 2 blocks"),
        (lambda runs: runs[:1], "do not fit|does not fit"),
    ],
)
def test_runs_that_do_not_make_up_the_map_are_refused(tmp_path, change, match):
    levels = levels_of(cells_of(600, 300), 2)
    runs = [runs_of(level, 64, 2, tmp_path, f"{n}") for n, level in enumerate(levels)]
    with pytest.raises(ArgumentError, match=match):
        place(tmp_path / "map.tif", (600, 300), change(runs))
    assert not list(tmp_path.glob("*map.tif*"))


@pytest.mark.parametrize("damage", ["short", "missing"])
def test_a_source_that_is_not_whole_leaves_the_old_map_and_nothing_else(tmp_path, damage):
    cells = cells_of(600, 300)
    levels = levels_of(cells, 2)
    runs = [runs_of(level, 64, 2, tmp_path, f"{n}") for n, level in enumerate(levels)]
    place(tmp_path / "map.tif", cells.shape, runs)
    before = (tmp_path / "map.tif").read_bytes()
    last = runs[0][-1]
    if damage == "short":
        content = last.file.read_bytes()
        last.file.write_bytes(content[: 5 + int(sum(last.lengths)) - 1])
        match = f"{last.file.name} ends before the blocks that it should hold: resume computes"
    else:
        last.file.unlink()
        match = rf"{last.file.name} cannot be read \(No such file or directory\): resume computes"
    with pytest.raises(InputError, match=match):
        place(tmp_path / "map.tif", cells.shape, runs)
    assert (tmp_path / "map.tif").read_bytes() == before
    assert not list(tmp_path.glob(".*"))
