"""What a map says of itself, in the very bytes that GDAL writes for it."""

import numpy as np
import pytest
import rasterio

from eemt_core.grids.grid import Grid
from eemt_core.rasters._template import metadata_fields, template
from eemt_core.rasters._tiff import numbers, read_first_directory
from encoded_maps import TAGS, TEXTS, UTM13_WKT, cells_of, place, runs_of

UTM = Grid(40, 70, 500_000.0, 4_000_000.0, 10.0, 20.0, 1.0, UTM13_WKT)
DEGREES = Grid(7, 9, -100.0, 40.0, 0.01, 0.02, 0.0, rasterio.CRS.from_epsg(4326).to_wkt())
NOWHERE = Grid(40, 70, 0.0, 40.0, 1.0, 1.0, 0.0, "")
NAN = float("nan")
ODD = (
    "plain", "", " ", " before", "after ", "a < b > c & d &amp; \"e\" 'f'", "sunläuft ² 日本",
    "two\nlines\tand a tab", "=", "a=b", "\\ @ %s {0} {} $x", "x" * 20_000,
)  # fmt: skip


def of_gdal(grid, description, units, tags, nodata):
    with template(grid, description, units, tags, nodata) as memory:
        fields = read_first_directory(bytes(memory.getbuffer()))
    said = {field.tag: field for field in metadata_fields(grid, "", "", {}, nodata)}
    how_stored = {256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 339}
    assert said.keys().isdisjoint(how_stored)
    return [field for field in fields if field.tag not in how_stored]


@pytest.mark.parametrize("grid", [UTM, DEGREES, NOWHERE])
@pytest.mark.parametrize("nodata", [NAN, -9999.0, 0.0])
def test_fields_are_those_of_gdal_for_every_grid(grid, nodata):
    for tags in ({}, TAGS, {**TAGS, "EEMT_DAYS": "28", "TIFFTAG_IMAGEDESCRIPTION": "irradiation"}):
        asked = (grid, *TEXTS.values(), tags, nodata)
        assert metadata_fields(*asked) == of_gdal(*asked)


@pytest.mark.parametrize("text", ODD)
def test_fields_are_those_of_gdal_for_every_text(text):
    names = ("EEMT_A", "STATISTICS_MEAN", "TIFFTAG_IMAGEDESCRIPTION", "TIFFTAG_SOFTWARE", "other")
    for texts in ((text, "m"), ("Slope", text), ("Slope", "m"), (text, text)):
        for tags in ({name: text} for name in names):
            asked = (UTM, *texts, {**tags, "EEMT_B": "next"}, NAN)
            assert metadata_fields(*asked) == of_gdal(*asked)


def test_maps_that_differ_in_texts_keep_their_own():
    fields = [
        metadata_fields(UTM, f"Map {n}", "K", {"EEMT_N": f"<{n}>", "STATISTICS_MEAN": f"{n}"}, NAN)
        for n in range(1100)
    ]
    for n in (0, 9, 10, 999, 1000, 1099):
        tags = {"EEMT_N": f"<{n}>", "STATISTICS_MEAN": f"{n}"}
        assert fields[n] == of_gdal(UTM, f"Map {n}", "K", tags, NAN)
    many = {f"EEMT_{n:04d}": f"text {n}" for n in range(1100)}
    assert metadata_fields(UTM, "Map", "K", many, NAN) == of_gdal(UTM, "Map", "K", many, NAN)


@pytest.mark.parametrize("text", ODD)
def test_readers_find_the_texts_of_a_placed_map(tmp_path, text):
    runs = [runs_of(cells_of(30, 30), 64, 1, tmp_path, "run")]
    place(tmp_path / "map.tif", (30, 30), runs, tags={"EEMT_TEXT": text})
    with rasterio.open(tmp_path / "map.tif") as source:
        assert source.tags().get("EEMT_TEXT", "") == text.lstrip(" ")


@pytest.mark.parametrize(("kind", "dtype"), [(3, "<u2"), (4, "<u4"), (16, "<u8")])
def test_a_few_numbers_are_written_as_many_are(kind, dtype):
    few, many = numbers(1, kind, [1, 2, 65535]), numbers(1, kind, np.array([1, 2, 65535]))
    assert few == many
    assert few.content == np.array([1, 2, 65535], dtype).tobytes()
