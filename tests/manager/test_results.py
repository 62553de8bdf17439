"""A worker's statements about a tile are used only as far as they can be checked."""

import json
import math
import shutil
import struct
from contextlib import closing, contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eemt_core.files import xxh3_file
from eemt_core.grids import pyramid
from eemt_core.journal.store import compact
from eemt_core.manager.folder import OutFolder
from eemt_core.manager.inputs.tile_inputs import TileInputs
from eemt_core.manager.plan.plan import make_plan
from eemt_core.manager.provenance import record
from eemt_core.manager.reporter import Silent
from eemt_core.manager.schedule.block_check import check_block
from eemt_core.manager.schedule.expected_result import ExpectedResult
from eemt_core.manager.schedule.verify import account, verified_result
from eemt_core.rasters import read_window
from eemt_core.tiles import compute
from eemt_core.tiles.contract import BLOCKS_FILE, RESULT_FILE
from eemt_core.tiles.encoded import read_index
from eemt_core.tiles.result import InvalidResultError
from eemt_core.tiles.task import Resources
from lies import with_cell
from runs import mountains_with_gaps, request, write_dem


class Tile:
    """A tile of a real plan with its real result."""

    def __init__(self, folder):
        ground = mountains_with_gaps((64, 64))
        dem = write_dem(folder / "dem.tif", ground)
        out = OutFolder(folder / "out")
        out.open(overwrite=False, resume=False)
        out.make_folders()
        self.plan = make_plan(request(dem, folder / "out", days=(15, 172)), out, Silent())
        out.close()
        coarse = pyramid.build(
            lambda window: read_window(dem, *window.numbers),
            *self.plan.grid.shape,
            cell_size_m=self.plan.grid.cell_size_m,
            levels=0,
            folder=folder / "pyramid",
        )
        (self.tile,) = self.plan.tiling
        self.folder = folder / self.tile.name
        with closing(TileInputs(self.plan, coarse)) as inputs:
            inputs.write(self.tile, self.folder, Resources(1, 1000, 100))
            self.expected = replace(
                ExpectedResult.of(inputs), ground=lambda window: ~np.isnan(ground)
            )
        compute.run(self.folder)
        self.path = self.folder / RESULT_FILE
        self.text = self.path.read_text()

    @property
    def document(self):
        return json.loads(self.text)

    def verified(self):
        return verified_result(self.folder, self.tile, self.expected)

    def judge(self, text):
        """Judge a result whose text is replaced by another."""
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            return self.verified()
        finally:
            self.path.write_text(self.text)


@pytest.fixture(scope="module")
def tile(tmp_path_factory):
    return Tile(tmp_path_factory.mktemp("tile"))


def check(tile, judged):
    """A result is refused with a reason, or leads to the same maps and to sound records."""
    result, why = judged
    if result is None:
        assert why.startswith("it")
        assert why.isprintable()
        assert len(why) < 200
        return
    good, _ = tile.verified()
    assert (result["bytes"], result["xxh3"]) == (good["bytes"], good["xxh3"])
    assert json.loads(compact(account(result)))["xxh3"] == good["xxh3"]
    written = record(
        tile.plan,
        {0: result},
        {spec.path: {} for spec in tile.plan.maps},
        started="",
        seconds={},
    )
    json.dumps(written, allow_nan=False)


def test_the_true_result_counts_with_its_checksum_and_what_it_took(tile):
    result, why = tile.verified()
    assert why == ""
    assert result["xxh3"] == xxh3_file(tile.folder / BLOCKS_FILE)
    assert result["bytes"] == (tile.folder / BLOCKS_FILE).stat().st_size
    assert result.keys() - {"bytes", "xxh3"} == {
        "seconds", "statistics", "peak_memory_mb", "host", "instruction_set",
    }  # fmt: skip


def paths(value, path=()):
    """Paths to all values in a document that could be changed."""
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from paths(item, (*path, key))


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 2**63, -1, 0, 0.5, -0.0, 1e308, math.inf, math.nan])
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["results.blocks", "../results.blocks", "tile-000000", "\ud800", "\x1b[2J"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def changed(document, path, value):
    if not path:
        return value
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


@given(data=st.data())
def test_any_other_value_is_refused_or_changes_no_map(tile, data):
    document = tile.document
    path = data.draw(st.sampled_from(sorted(paths(document), key=str)))
    check(tile, tile.judge(json.dumps(changed(document, path, data.draw(VALUES)))))


@given(data=st.data())
def test_anything_left_out_is_refused_or_changes_no_map(tile, data):
    document = tile.document
    path = data.draw(st.sampled_from(sorted(filter(None, paths(document)), key=str)))
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    check(tile, tile.judge(json.dumps(document)))


@given(data=st.data())
def test_any_other_bytes_are_refused_or_change_no_map(tile, data):
    content = bytearray(tile.text.encode())
    place = data.draw(st.integers(0, len(content) - 1))
    length = data.draw(st.integers(0, 40))
    content[place : place + length] = data.draw(st.binary(max_size=40))
    check(tile, tile.judge(bytes(content)))


def leaves(value, path=()):
    """Paths to the numbers and texts of a document."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from leaves(item, (*path, key))
    else:
        yield path, value


def test_whatever_a_result_says_is_read_by_somebody(tile):
    """Any other value is refused, or appears in the run's record: none is ignored."""
    told = tile.document
    told["statistics"] = {"solar_ratio_limited_cells": 2}

    def recorded(document):
        result, why = tile.judge(json.dumps(document))
        if result is None:
            return why
        maps = {spec.path: {} for spec in tile.plan.maps}
        return record(tile.plan, {0: result}, maps, started="", seconds={})["tiles"]

    true = recorded(told)
    assert true["solar_ratio_limited_cells"] == 2
    for path, value in leaves(told):
        other = f"{value}x" if isinstance(value, str) else (value or 0) + 1
        assert recorded(changed(json.loads(json.dumps(told)), path, other)) != true, path


def lie(path, value):
    return lambda document: json.dumps(changed(document, path, value))


def without(path):
    def tell(document):
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        return json.dumps(document)

    return tell


ENCODED = ("encoded",)
SLOPE = ("encoded", "layers", "slope")


@pytest.mark.parametrize(
    ("tell", "why"),
    [
        (lambda d: "[" * 100_000, "its result is damaged"),
        (lambda d: "[" * 10_000 + "]" * 10_000, "its result is damaged"),
        (lambda d: '{"a":' * 5000 + "1" + "}" * 5000, "its result is damaged"),
        (lambda d: json.dumps([d]), "its result is damaged"),
        (lambda d: json.dumps(d) + " " * 10**6, "its result is damaged"),
        (lambda d: json.dumps(d).replace(": ", ": NaN, ", 1), "its result is damaged"),
        (without(SLOPE), "its result slope is missing"),
        (without(("seconds",)), "its result does not tell its seconds"),
        (without(("statistics",)), "its result does not tell its statistics"),
        (without(("host",)), "its result does not tell its host"),
        (without(("fingerprint",)), "its result is damaged"),
        (lie(("fingerprint",), 3), "its result is of unknown origin"),
        (lie(("name",), "tile-000001"), "its result is of another task"),
        (lie(("schema",), "2"), "its result is of another task"),
        (lie(ENCODED, None), "its result is damaged"),
        (lie(ENCODED, []), "its result is damaged"),
        (lie((*ENCODED, "layers"), []), "its result is damaged"),
        (lie((*ENCODED, "layers", "more"), 1), "its result holds arrays that nobody asked for"),
        (lie(("outputs", "more"), {}), "its result holds arrays that nobody asked for"),
        (lie((*ENCODED, "bytes"), 64), "its result is damaged"),
        (lie((*ENCODED, "bytes"), -64), "its result is damaged"),
        (lie((*ENCODED, "bytes"), 2**80), "its result is damaged"),
        (lie((*ENCODED, "bytes"), 0.0), "its result is damaged"),
        (lie((*ENCODED, "bytes"), False), "its result is damaged"),
        (lie((*ENCODED, "xxh3"), "0" * 32), "its result is damaged"),
        (lie((*ENCODED, "xxh3"), None), "its result is damaged"),
        (lie(SLOPE, 1), "its result slope has another number of layers"),
        (lie(SLOPE, 2**80), "its result is damaged"),
        (lie(SLOPE, "1"), "its result is damaged"),
        (lie((*ENCODED, "layers", "total"), 1), "its result total has another number of layers"),
        (lie((*ENCODED, "layers", "total"), None), "its result total has another number of"),
        (lie(("seconds",), [1.0]), "its result does not tell its seconds"),
        (lie(("seconds", "sunlight"), "1"), "its result does not tell its sunlight"),
        (lie(("seconds", "sunlight"), -1), "its result tells a sunlight that cannot be"),
        (lie(("seconds", "sunlight"), 1e300), "its result tells a sunlight that cannot be"),
        (lie(("seconds", "x" * 1000), 1.0), "its result does not tell its seconds"),
        (lie(("seconds",), {str(n): 1 for n in range(1000)}),
         "its result does not tell its seconds"),
        (lie(("statistics", "solar_ratio_limited_cells"), 1e12),
         "its result tells a solar_ratio_limited_cells that cannot be"),
        (lie(("statistics", "solar_ratio_limited_cells"), {}),
         "its result does not tell its solar_ratio_limited_cells"),
        (lie(("peak_memory_mb",), 1.5), "its result does not tell its peak_memory_mb"),
        (lie(("peak_memory_mb",), 10**4000), "its result tells a peak_memory_mb that cannot be"),
        (lie(("peak_memory_mb",), True), "its result does not tell its peak_memory_mb"),
        (lie(("peak_memory_mb",), -1), "its result tells a peak_memory_mb that cannot be"),
        (lie(("seconds",), None), "its result does not tell its seconds"),
        (lie(("statistics", "solar_ratio_limited_cells"), -1),
         "its result tells a solar_ratio_limited_cells that cannot be"),
        (lie(("statistics", "solar_ratio_limited_cells"), 10**4000),
         "its result tells a solar_ratio_limited_cells that cannot be"),
        (lie(("host",), 7), "its result does not tell its host"),
        (lie(("instruction_set",), ["v3"]), "its result does not tell its instruction_set"),
    ],
)  # fmt: skip
def test_a_lie_is_named(tile, tell, why):
    result, met = tile.judge(tell(tile.document))
    assert result is None
    assert met.startswith(why)


def test_a_host_of_any_name_is_told_in_letters_that_can_be_printed(tile):
    result, why = tile.judge(lie(("host",), "\x1b[2J\ud800node\n" + "x" * 1000)(tile.document))
    assert why == ""
    assert result["host"].startswith("?[2J?node?xxx")
    assert result["host"].isprintable()
    assert len(result["host"]) == 255


@contextmanager
def told_otherwise(tile, *lie, **options):
    """The tile's result with one cell changed."""
    before = (tile.folder / BLOCKS_FILE).read_bytes()
    try:
        with_cell(tile.folder, *lie, **options)
        yield
    finally:
        (tile.folder / BLOCKS_FILE).write_bytes(before)
        tile.path.write_text(tile.text)


@pytest.mark.parametrize(
    ("name", "place", "value", "why"),
    [
        ("slope", (1, 1), np.nan, "its result slope lacks a value in 1 cells"),
        ("slope", (37, 37), np.nan, "its result slope lacks a value in 1 cells"),
        ("slope", (20, 20), 0.1, "its result slope has values in 1 cells without ground"),
        ("slope", (1, 1), np.inf, "its result tells statistics that cannot be"),
        ("slope", (1, 1), -np.inf, "its result tells statistics that cannot be"),
        ("slope", (1, 1), -9999, "its result slope holds -9999, which cannot be"),
        ("slope", (1, 1), 92, "its result slope holds 92, which cannot be"),
        ("aspect", (1, 1), 361, "its result aspect holds 361, which cannot be"),
        ("sky_view", (1, 1), 1.1, "its result sky_view holds 1.1, which cannot be"),
        ("total", (1, 1), -1e4, "its result total holds -10000, which cannot be"),
        ("total", (1, 1), -1, "its result total holds -1, which cannot be"),
        ("total", (1, 1), 1e6, "its result total holds 1e+06, which cannot be"),
        ("annual_hours", (1, 1), 50.0, "its result annual_hours holds 50, which cannot be"),
    ],
)
def test_cells_that_cannot_be_are_refused(tile, name, place, value, why):
    with told_otherwise(tile, name, place, value):
        assert tile.verified() == (None, why)


def looked_at(tile, name, number=0):
    """Look at a block of the first layer of an array."""
    layout, array = tile.expected.layout(tile.tile), tile.expected.arrays[name]
    with (tile.folder / BLOCKS_FILE).open("rb") as file:
        index = read_index(file.fileno(), (tile.folder / BLOCKS_FILE).stat().st_size, layout)
        record = index.record(name, None if array.layers is None else 0)
        encoding, ground = tile.expected.encoding(tile.tile), tile.expected.ground(tile.tile.core)
        check_block(file.fileno(), record, number, name, array, encoding, ground)


@pytest.mark.parametrize(
    ("name", "place", "value", "why"),
    [
        ("slope", (1, 1), np.nan, "its result slope lacks a value in 1 cells"),
        ("slope", (20, 20), 0.1, "its result slope has values in 1 cells without ground"),
        ("slope", (1, 1), np.inf, "its result slope holds inf, which cannot be"),
        ("aspect", (1, 1), 361, "its result aspect holds 361, which cannot be"),
        ("total", (1, 1), 1e6, "its result total holds 1e\\+06, which cannot be"),
    ],
)
def test_a_lie_that_statistics_hide_is_seen_in_the_block_that_is_looked_at(
    tile, name, place, value, why
):
    looked_at(tile, name)
    with told_otherwise(tile, name, place, value, is_told=False):
        with pytest.raises(InvalidResultError, match=why):
            looked_at(tile, name)
        # of all that are looked at by chance, some are this one
        met = {tile.verified()[1] for _ in range(400)}
    assert met == {"", why.replace("\\", "")}


@pytest.mark.parametrize("harm", ["link", "folder", "long", "short", "gone"])
def test_a_file_of_layers_that_is_none_is_damage(tile, tmp_path, harm):
    path, kept = tile.folder / BLOCKS_FILE, tmp_path / "kept"
    path.rename(kept)
    try:
        if harm == "link":
            path.symlink_to(kept)
        elif harm == "folder":
            path.mkdir()
        elif harm != "gone":
            content = kept.read_bytes()
            path.write_bytes(content + struct.pack("<f", 0) if harm == "long" else content[:-4])
        assert tile.verified() == (None, "its result is damaged")
    finally:
        if path.is_dir():
            shutil.rmtree(path)
        kept.rename(path)
    assert tile.verified()[1] == ""
