"""The file of encoded layers: each record is read by itself, and what lies is found."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoded import level_cells
from eemt_core.blocks.codec import Codec
from eemt_core.blocks.layers import Piece, decode_share
from eemt_core.blocks.pyramid import Pyramid
from eemt_core.errors import ResourceError
from eemt_core.tiles.encoded import LayerWriter, Layout, read_index
from eemt_core.tiles.result import InvalidResultError
from oracles.blocks import halve, round_mantissa

PIECE = Piece(128, 0, 100, 128, Pyramid(1500, 128, 64), 2)
CODEC = Codec(bits=12)
LAYERS = {"total": 3, "slope": None}
PUT = [("total", 2), ("slope", None), ("total", 0), ("total", 1)]


def cells(number):
    values = np.random.default_rng(number).uniform(0, 100, (100, 128)).astype(np.float32)
    values[number * 5 : number * 9] = np.nan
    return values


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The content of a file, whose layers came out of order, and what was told of it."""
    path = tmp_path_factory.mktemp("encoded") / "results"
    writer = LayerWriter(path, PIECE)
    for number, (name, layer) in enumerate(PUT):
        writer.put(name, layer, cells(number), CODEC)
    told = writer.finish()
    return path.read_bytes(), told, path


def index_of(path, content):
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return read_index(descriptor, len(content), Layout(PIECE, LAYERS))
    finally:
        os.close(descriptor)


def test_each_layer_is_found_by_one_read(written):
    _, told, path = written
    assert told.layers == LAYERS
    assert told.bytes == path.stat().st_size
    descriptor = os.open(path, os.O_RDONLY)
    try:
        layout = Layout(PIECE, LAYERS)
        index = read_index(descriptor, told.bytes, layout)
        for number, (name, layer) in enumerate(PUT):
            record = layout.record(descriptor, told.bytes, name, layer)
            assert record.offset == index.record(name, layer).offset
            whole = round_mantissa(cells(number), 12)
            half = round_mantissa(halve(whole), 9)
            assert level_cells(descriptor, record, CODEC).tobytes() == whole.tobytes()
            assert level_cells(descriptor, record, CODEC, 1).tobytes() == half.tobytes()
            offset, length = record.share
            share = decode_share(os.pread(descriptor, length, offset), (25, 32), CODEC)
            assert share.tobytes() == round_mantissa(halve(half), 9).tobytes()
            assert record.statistics.gaps == np.isnan(whole).sum()
            assert index.statistics(name)[layer or 0] == record.statistics
    finally:
        os.close(descriptor)


def records(content):
    """The records of a file, to be changed, and the bytes before them."""
    layout = Layout(PIECE, LAYERS)
    end = len(content) - layout.count * layout.kind.itemsize
    return content[:end], np.frombuffer(content[end:], layout.kind).copy()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("offset", 0),
        ("offset", 2**63),
        ("offset", 2**64 - 1),
        ("lengths", 0),
        ("lengths", 2**32 - 1),
        ("cells", 2**64 - 1),
        ("cells", 0),
        ("gaps", 2**63),
        ("total", np.nan),
        ("total", np.inf),
        ("total", -1.0),
        ("total", 1e9),
        ("low", np.nan),
        ("low", 1e9),
        ("high", np.inf),
        ("high", -1.0),
    ],
)
def test_a_record_that_cannot_be_is_found(written, tmp_path, field, value):
    blocks, changed = records(written[0])
    changed[field][1] = value
    with pytest.raises(InvalidResultError, match=r"its result (is damaged|tells statistics)"):
        index_of(tmp_path / "results", blocks + changed.tobytes())


def test_swapped_lengths_and_records_of_another_place_are_found(written, tmp_path):
    blocks, changed = records(written[0])
    assert index_of(tmp_path / "results", blocks + changed.tobytes()).records.size == 4
    changed["offset"][0] += 1
    changed["lengths"][0, 0] -= 1
    with pytest.raises(InvalidResultError, match="damaged"):
        index_of(tmp_path / "results", blocks + changed.tobytes())


@given(data=st.data())
def test_a_file_that_is_cut_off_or_longer_is_found(written, tmp_path_factory, data):
    content, path = written[0], tmp_path_factory.getbasetemp() / "cut"
    wrong = data.draw(st.integers(0, len(content) - 1).map(lambda end: content[:end]))
    longer = wrong + data.draw(st.binary(min_size=1, max_size=500))
    for other in (wrong, content + b"\0", longer):
        if other == content:
            continue
        with pytest.raises(InvalidResultError):
            index_of(path, other)


def test_a_full_disk_is_told(tmp_path):
    os.symlink("/dev/full", tmp_path / "results")
    writer = LayerWriter(tmp_path / "results", PIECE)
    with pytest.raises(ResourceError, match=r"cannot be written \(No space left on device\)") as e:
        writer.put("slope", None, cells(0), CODEC)
    assert e.value.lack == "disk"
    writer.close()


def test_a_layer_that_is_missing_or_comes_twice_is_a_mistake(tmp_path):
    writer = LayerWriter(tmp_path / "results", PIECE)
    writer.put("total", 1, cells(0), CODEC)
    with pytest.raises(AssertionError):
        writer.put("total", 1, cells(0), CODEC)
    with pytest.raises(AssertionError, match="a layer is missing"):
        writer.finish()
    writer.close()
