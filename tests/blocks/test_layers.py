"""A tile's layer as blocks: each block holds what the map has there."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eemt_core.blocks.codec import Codec
from eemt_core.blocks.layers import Piece, decode_share, encode_layer
from eemt_core.blocks.pyramid import Pyramid, block_edge
from oracles.blocks import halve, round_mantissa, statistics


def relief(rows, cols):
    """A slope with noise and a few gaps."""
    row, col = np.mgrid[0:rows, 0:cols]
    noise = np.random.default_rng(rows * 10_000 + cols).normal(size=(rows, cols))
    cells = (1e5 + 30.0 * row + 7.0 * col + 100.0 * noise).astype(np.float32)
    cells[(row * 7 + col * 3) % 50 < 2] = np.nan
    return cells


def levels_of(cells, pyramid, codec, *, circular=False):
    """All levels of a map, made without blocks."""
    levels = [round_mantissa(cells, codec.bits)]
    for level in range(1, pyramid.levels):
        levels.append(round_mantissa(halve(levels[-1], circular=circular), codec.at(level).bits))
    return levels


def pieces(rows, cols, tile_cells):
    pyramid = Pyramid(rows, cols, block_edge(tile_cells))
    whole = pyramid.whole_levels(tile_cells)
    for row0, col0 in itertools.product(range(0, rows, tile_cells), range(0, cols, tile_cells)):
        height, width = min(tile_cells, rows - row0), min(tile_cells, cols - col0)
        yield Piece(row0, col0, height, width, pyramid, whole)


def cut(cells, piece):
    return cells[piece.row0 : piece.row0 + piece.rows, piece.col0 : piece.col0 + piece.cols]


def check(cells, piece, layer, levels, codec):
    """Compare every block and the share of a piece with the levels of the whole map."""
    for level, blocks in enumerate(layer.blocks):
        edge = piece.pyramid.edge_at(level)
        row0, col0, down, across = piece.block_window(level)
        assert len(blocks) == down * across
        places = itertools.product(range(row0, row0 + down), range(col0, col0 + across))
        for content, (row, col) in zip(blocks, places, strict=True):
            there = levels[level][row * edge : (row + 1) * edge, col * edge : (col + 1) * edge]
            found = codec.decode(content, edge)
            rows, cols = there.shape
            assert found[:rows, :cols].tobytes() == there.tobytes()
            assert np.isnan(found[rows:]).all()
            assert np.isnan(found[:, cols:]).all()
    if piece.has_share:
        step, (rows, cols) = 2**piece.whole, piece.share_shape
        row0, col0 = piece.row0 // step, piece.col0 // step
        share = decode_share(layer.share, (rows, cols), codec)
        there = levels[piece.whole][row0 : row0 + rows, col0 : col0 + cols]
        assert share.tobytes() == there.tobytes()
    else:
        assert layer.share == b""
    expected = statistics(cut(levels[0], piece))
    assert layer.statistics[:2] == expected[:2]
    assert np.array_equal(layer.statistics[3:], expected[3:], equal_nan=True)
    assert layer.statistics.total == pytest.approx(expected[2], rel=1e-12)


@pytest.mark.parametrize(
    ("rows", "cols", "tile_cells"),
    [
        (1, 1, 64),
        (1, 700, 192),
        (700, 1, 128),
        (513, 514, 64),
        (640, 1100, 512),
        (1030, 1100, 1024),
        (1500, 300, 256),
    ],
)
@pytest.mark.parametrize("circular", [False, True], ids=["mean", "circular"])
def test_every_block_and_share_holds_what_the_map_has_there(rows, cols, tile_cells, circular):
    cells, codec = relief(rows, cols), Codec(bits=9)
    levels = None
    covered = 0
    for piece in pieces(rows, cols, tile_cells):
        levels = levels or levels_of(cells, piece.pyramid, codec, circular=circular)
        layer = encode_layer(cut(cells, piece), piece, codec, circular=circular)
        check(cells, piece, layer, levels, codec)
        covered += len(layer.blocks[0])
    assert covered == np.prod(piece.pyramid.blocks(0))


@settings(deadline=None)
@given(rows=st.integers(1, 200), cols=st.integers(1, 200), bits=st.integers(6, 23))
def test_a_whole_map_is_one_piece(rows, cols, bits):
    cells, codec, pyramid = relief(rows, cols), Codec("zstd", bits), Pyramid(rows, cols, 64)
    piece = Piece(0, 0, rows, cols, pyramid, pyramid.levels)
    layer = encode_layer(cells, piece, codec)
    check(cells, piece, layer, levels_of(cells, pyramid, codec), codec)


def test_a_tile_without_any_value_has_blocks_too():
    piece = next(pieces(1030, 1100, 1024))
    layer = encode_layer(np.full((1024, 1024), np.nan, np.float32), piece, Codec())
    assert layer.statistics[:2] == (0, 1024 * 1024)
    for level, blocks in enumerate(layer.blocks):
        edge = piece.pyramid.edge_at(level)
        assert all(np.isnan(Codec().decode(block, edge)).all() for block in blocks)


def test_cells_are_multiplied_in_double_precision():
    piece = next(pieces(70, 70, 64))
    cells, factor = cut(relief(70, 70), piece), 57.29577951308232
    by_hand = (cells.astype(np.float64) * factor).astype(np.float32)
    assert encode_layer(cells, piece, Codec(bits=23), factor=factor) == encode_layer(
        by_hand, piece, Codec(bits=23)
    )


@pytest.mark.parametrize("codec", [Codec(), Codec("zstd")], ids=["deflate", "zstd"])
def test_threads_do_not_change_a_byte(codec):
    piece = next(pieces(1030, 1100, 1024))
    cells = cut(relief(1030, 1100), piece)
    assert encode_layer(cells, piece, codec, threads=3) == encode_layer(cells, piece, codec)


def test_a_pyramid_without_overviews_has_one_level():
    pyramid = Pyramid(2000, 2000, 64, has_overviews=False)
    assert pyramid.levels == 1
    assert not Piece(0, 0, 2000, 2000, pyramid, 1).has_share


@pytest.mark.parametrize(
    ("tile_cells", "edges", "whole"),
    [(1024, (512, 128), 4), (512, (512, 128), 3), (320, (64, 64), 1), (384, (128, 128), 1)],
)
def test_overviews_have_smaller_blocks_so_that_tiles_hold_more_of_them(tile_cells, edges, whole):
    pyramid = Pyramid(9000, 9000, block_edge(tile_cells))
    assert (pyramid.edge_at(0), pyramid.edge_at(1)) == edges
    assert pyramid.whole_levels(tile_cells) == whole


@pytest.mark.parametrize(
    ("rows", "cols", "edge", "shapes"),
    [
        (512, 1, 512, [(512, 1)]),
        (513, 1, 64, [(513, 1), (257, 1)]),
        (1025, 3, 512, [(1025, 3), (513, 2), (257, 1)]),
    ],
)
def test_overviews_end_with_the_first_that_fits_into_512_cells(rows, cols, edge, shapes):
    pyramid = Pyramid(rows, cols, edge)
    assert [pyramid.shape(level) for level in range(pyramid.levels)] == shapes
