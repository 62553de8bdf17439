"""Blocks are what other programs take them for, and come back bit for bit."""

import zlib

import imagecodecs
import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eemt_core import _core
from eemt_core.blocks.cells import round_mantissa
from eemt_core.blocks.codec import Codec, predict, unpredict
from eemt_core.errors import ArgumentError, InputError

patterns = hnp.arrays(np.uint32, st.sampled_from([(1, 1), (2, 2), (5, 3), (64, 64)]))
DEFLATE, ZSTD = Codec(), Codec("zstd")
BOTH = pytest.mark.parametrize("codec", [DEFLATE, ZSTD], ids=["deflate", "zstd"])
NOISE = np.random.default_rng(3).normal(size=(64, 64)).astype(np.float32)


@given(pattern=patterns)
def test_the_predictor_is_that_of_tiff(pattern):
    cells = pattern.view(np.float32)
    judged = imagecodecs.floatpred_encode(cells, axis=-1)
    assert predict(cells).tobytes() == np.ascontiguousarray(judged).tobytes()


@given(pattern=patterns)
def test_any_bits_come_back(pattern):
    assert unpredict(predict(pattern.view(np.float32))).tobytes() == pattern.tobytes()


@BOTH
@pytest.mark.parametrize("edge", [64, 128, 256, 512])
def test_a_block_comes_back(codec, edge):
    cells = np.random.default_rng(edge).uniform(0, 1e6, (edge, edge)).astype(np.float32)
    cells[edge // 3 :, edge // 2 :] = np.nan
    cells = round_mantissa(cells, codec.bits)
    content = codec.encode(cells)
    assert codec.decode(content, edge).tobytes() == cells.tobytes()
    assert len(content) < cells.nbytes / 2


def test_deflate_is_a_stream_of_zlib():
    assert zlib.decompress(DEFLATE.encode(NOISE)) == predict(NOISE).tobytes()


@pytest.mark.parametrize("place", range(12))
def test_what_stands_at_the_beginning_is_found_again_wherever_the_packer_lies_in_memory(place):
    """ISA-L loses sight of what begins at the third byte, and what it finds for that is chance."""
    rows = np.random.default_rng(7).integers(0, 64, (60, 1, 1024), np.uint8)
    again = rows.copy()
    again[..., 100:104] = again[..., place : place + 4]
    size, other = (sum(len(Codec().pack(row)) for row in one) for one in (rows, again))
    # the only repetition needs a code of its own, which takes two bytes; unseen it takes none
    assert other > size + len(rows)


def test_a_row_that_repeats_the_one_above_costs_next_to_nothing():
    row = round_mantissa(np.random.default_rng(5).uniform(1, 2, (1, 512)).astype(np.float32), 10)
    alone = len(DEFLATE.pack(predict(row)))
    assert len(DEFLATE.encode(np.repeat(row, 512, axis=0))) < alone + 511 * 32


@given(pattern=patterns, data=st.data())
def test_bytes_are_the_same_only_if_all_are(pattern, data):
    planes = predict(pattern.view(np.float32))
    plain = planes.tobytes()
    assert _core.blocks.same_bytes(planes, plain)
    place = data.draw(st.integers(0, len(plain) - 1))
    other = bytes([plain[place] ^ data.draw(st.integers(1, 255))])
    for wrong in (plain[:place] + other + plain[place + 1 :], plain[:-1], plain + b"\0", b""):
        assert not _core.blocks.same_bytes(planes, wrong)


def test_zstandard_is_a_frame():
    assert zstandard.decompress(ZSTD.encode(NOISE)) == predict(NOISE).tobytes()


@BOTH
def test_a_damaged_block_is_found(codec):
    content = codec.encode(NOISE)
    for wrong in (
        b"",
        content[:-1],
        content[: len(content) // 2],
        content + b"\0",
        content + content,
        codec.pack(np.zeros((63, 64 * 4), np.uint8)),
        codec.pack(np.zeros((65, 64 * 4), np.uint8)),
        b"\0" * len(content),
        (ZSTD if codec is DEFLATE else DEFLATE).encode(NOISE),
    ):
        with pytest.raises(InputError, match="a block is damaged"):
            codec.decode(wrong, 64)


@given(noise=st.binary(max_size=200), is_zstd=st.booleans())
def test_noise_is_no_block(noise, is_zstd):
    with pytest.raises(InputError, match="a block is damaged"):
        (ZSTD if is_zstd else DEFLATE).decode(noise, 64)


@BOTH
@given(data=st.data())
def test_a_changed_byte_is_found_or_harms_nothing_else(codec, data):
    content = bytearray(codec.encode(NOISE))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        cells = codec.decode(bytes(content), 64)
    except InputError:
        return
    assert cells.shape == (64, 64)


@BOTH
def test_a_block_that_would_fill_the_memory_is_refused_at_once(codec):
    huge = zlib.compress(bytes(2**28)) if codec is DEFLATE else zstandard.compress(bytes(2**28))
    with pytest.raises(InputError, match="a block is damaged"):
        codec.decode(huge, 64)


@pytest.mark.parametrize(("bits", "overview"), [(6, 6), (8, 6), (10, 7), (22, 19), (23, 23)])
def test_overviews_keep_three_bits_less(bits, overview):
    assert Codec("zstd", bits).at(0) == Codec("zstd", bits)
    assert Codec("zstd", bits).at(1) == Codec("zstd", bits).at(5) == Codec("zstd", overview)


@pytest.mark.parametrize(
    "wrong", [{"compress": "lzw"}, {"bits": 5}, {"bits": 24}, {"bits": 10.0}, {"bits": True}]
)
def test_other_codecs_are_refused(wrong):
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        Codec(**wrong)


@pytest.mark.parametrize("codec", [Codec(), Codec("zstd", 23)])
def test_a_codec_is_plain_data(codec):
    assert Codec.from_dict(codec.to_dict()) == codec
