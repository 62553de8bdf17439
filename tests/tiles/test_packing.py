"""Packed grids: every bit comes back, damage is told, and terrain becomes small."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eemt_core import _core
from eemt_core.tiles import packing
from eemt_core.tiles.packing import pack
from oracles import packing as oracle
from runs import mountains

TOLD = "cut short|another size|content size|decompress|is packed"
SHAPES = st.one_of(
    st.sampled_from([(1, 1), (1, 7), (7, 1), (12, 1, 1)]),
    hnp.array_shapes(min_dims=2, max_dims=3, max_side=20),
)
bits = SHAPES.flatmap(lambda shape: hnp.arrays(np.uint32, shape))
# whole numbers of metres, tenths, hundredths, ..., and thirds, which are none
parts = st.tuples(
    SHAPES.flatmap(lambda shape: hnp.arrays(np.int32, shape, elements=st.integers(-9000, 900_000))),
    st.sampled_from([1, 10, 100, 1000, 3]),
)


def unpack(content, shape):
    return packing.unpack(io.BytesIO(content), shape)


def same(found, values):
    return found.shape == values.shape and np.array_equal(
        found.view(np.uint32), values.view(np.uint32)
    )


@given(bits)
def test_any_bits_come_back(patterns):
    values = patterns.view(np.float32)
    assert same(unpack(pack(values), values.shape), values)


@given(parts, st.booleans())
def test_parts_of_a_metre_come_back(parts, has_gap):
    numbers, scale = parts
    values = (numbers / scale).astype(np.float32)
    if has_gap:
        values[(0,) * values.ndim] = np.nan
    assert same(unpack(pack(values), values.shape), values)


@pytest.mark.parametrize(
    "value", [np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-45, 3e38, 2.0**31, -(2.0**31), 2.0**31 - 128]
)
def test_a_single_value_comes_back(value):
    for shape in [(1, 1), (40, 50)]:
        values = np.full(shape, value, np.float32)
        assert same(unpack(pack(values), shape), values)
    values = np.arange(2000, dtype=np.float32).reshape(40, 50)  # of whole numbers but for one
    values[20, 20] = value
    assert same(unpack(pack(values), values.shape), values)


def same_planes(values, scale):
    planes, taken = _core.blocks.pack_planes(values, scale=scale)
    expected, as_expected = oracle.pack_planes(values, scale)
    return taken == as_expected and np.array_equal(planes, expected)


@given(bits, st.sampled_from([0, 1, 10, 100, 1000]))
def test_planes_of_any_bits_are_those_of_numpy(patterns, scale):
    values = patterns.view(np.float32)
    assert same_planes(values.reshape(-1, values.shape[-1]), scale)


@given(parts, st.sampled_from([1, 10, 100, 1000]))
def test_planes_of_parts_of_a_metre_are_those_of_numpy(parts, scale):
    numbers, own_scale = parts
    values = (numbers / own_scale).astype(np.float32)
    assert same_planes(values.reshape(-1, values.shape[-1]), scale)


@pytest.mark.parametrize(
    "value",
    [np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-45, 0.5, 3e38, 2.0**31, -(2.0**31), 2.0**31 - 128],
)
def test_planes_with_a_single_value_are_those_of_numpy(value):
    values = np.arange(2000, dtype=np.float32).reshape(40, 50)
    values[20, 20] = value
    for scale in (0, 1, 10):
        assert same_planes(values, scale)
        assert same_planes(np.full((3, 70), value, np.float32), scale)


def test_a_scale_below_0_is_refused():
    with pytest.raises(ValueError, match="scale must be 0 or more, got -1"):
        _core.blocks.pack_planes(np.zeros((2, 2), np.float32), scale=-1)


@pytest.mark.parametrize("strip_cells", [1, 100, 3000])
def test_a_grid_of_many_strips_comes_back(strip_cells, monkeypatch):
    monkeypatch.setattr(packing, "_STRIP_CELLS", strip_cells)
    for values in (mountains((70, 90)), np.round(mountains((70, 90)))):
        values[30:33, 5:80] = np.nan
        assert same(unpack(pack(values), values.shape), values)
        across = values.T  # not in C order
        assert same(unpack(pack(across), across.shape), np.ascontiguousarray(across))


def test_terrain_becomes_small():
    elevation_m = mountains((300, 400))
    assert len(pack(elevation_m)) < 0.7 * elevation_m.nbytes
    assert len(pack(np.round(elevation_m, 1).astype(np.float32))) < 0.4 * elevation_m.nbytes
    assert len(pack(np.full((300, 400), np.nan, np.float32))) < 300


def harmed(content):
    """Every way in which a packed grid may be none."""
    yield b""
    yield content[:5]
    yield content[:-1]
    head = packing._HEAD.size
    yield content[:head] + b"\0" * 8 + content[head + 8 :]
    yield b"\0" * len(content)
    yield b"\xff" * len(content)


def test_what_is_no_packed_grid_is_told():
    values = mountains((40, 50))
    content = pack(values)
    for other in harmed(content):
        with pytest.raises(ValueError, match=TOLD):
            unpack(other, values.shape)
    for shape in [(40, 51), (50, 41), (39, 50), (2000,), (0, 50), ()]:
        with pytest.raises(ValueError, match=TOLD):
            unpack(content, shape)
