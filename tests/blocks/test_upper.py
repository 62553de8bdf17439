"""Overviews that tiles share are those of the whole map, and few blocks of them are in memory."""

import tracemalloc

import numpy as np
import pytest

from eemt_core.blocks.cells import halve, round_mantissa
from eemt_core.blocks.codec import Codec
from eemt_core.blocks.pyramid import Pyramid, block_edge
from eemt_core.blocks.upper import Upper
from eemt_core.grids.tiling import Tiling

DEEP = Codec("deflate", 12)


def cells_of(rows, cols):
    cells = np.random.default_rng(cols).normal(10.0, 3.0, (rows, cols)).astype(np.float32)
    cells[rows // 3 : rows // 2, cols // 4 :] = np.nan
    return cells


def levels_of(cells, pyramid, codec, circular=False):
    """All levels of the whole map at once."""
    levels = [round_mantissa(cells, codec.bits)]
    while len(levels) < pyramid.levels:
        bits = codec.at(len(levels)).bits
        levels.append(round_mantissa(halve(levels[-1], circular=circular), bits))
    return levels


def upper_of(cells, tile_cells, codec=DEEP, circular=False):
    """The map's levels, and what builds the upper ones from its tiles."""
    pyramid = Pyramid(*cells.shape, block_edge(tile_cells))
    levels = levels_of(cells, pyramid, codec, circular)
    whole, cut = pyramid.whole_levels(tile_cells), Tiling(*cells.shape, tile_cells)

    def share(row, col):
        assert min(row, col) >= 0
        assert row < cut.tiles_down
        assert col < cut.tiles_across
        core = cut.tile(row * cut.tiles_across + col).core
        (row0, col0, rows, cols), step = core.numbers, 2**whole
        part = levels[whole][row0 // step : -(-(row0 + rows) // step), :]
        return part[:, col0 // step : -(-(col0 + cols) // step)]

    tiles = cut.tiles_down, cut.tiles_across
    return levels, Upper(pyramid, codec, tile_cells, tiles, share, circular)


@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("codec", [DEEP, Codec("zstd", 23), Codec("deflate", 6)])
@pytest.mark.parametrize(
    ("shape", "tile_cells"),
    [
        ((1500, 1100), 64),  # one block a tile
        ((2100, 1300), 128),  # two blocks a side
        ((2048, 2048), 192),  # three, so that a block touches parts of shares
        ((1111, 2777), 320),  # five
        ((2117, 641), 128),  # the last tiles have five cells more, and one more
        ((643, 1030), 320),  # three, and a tile's edge and seventy more
        ((525, 2060), 512),  # of 512 cells and 13, and the last of 524
        ((3001, 1), 64),
        ((1, 3001), 192),
    ],
)
def test_blocks_are_those_of_the_whole_maps_overviews(shape, tile_cells, codec, circular):
    levels, upper = upper_of(cells_of(*shape), tile_cells, codec, circular)
    pyramid, edge = upper.pyramid, upper.pyramid.overview_edge
    seen = set()
    for block in upper.blocks():
        if block.level > upper.whole:
            down, across = pyramid.blocks(block.level - 1)
            rows = range(2 * block.row, min(2 * block.row + 2, down))
            cols = range(2 * block.col, min(2 * block.col + 2, across))
            assert {(block.level - 1, row, col) for row in rows for col in cols} <= seen
        assert (block.level, block.row, block.col) not in seen
        seen.add((block.level, block.row, block.col))
        cells = codec.decode(block.content, edge)
        part = levels[block.level][block.row * edge :, block.col * edge :][:edge, :edge]
        np.testing.assert_array_equal(cells[: part.shape[0], : part.shape[1]], part)
        assert np.isnan(cells[part.shape[0] :]).all()
        assert np.isnan(cells[:, part.shape[1] :]).all()
    wanted = range(upper.whole, pyramid.levels)
    assert seen == {(k, *place) for k in wanted for place in np.ndindex(pyramid.blocks(k))}
    assert seen


@pytest.mark.parametrize("tile_cells", [512, 1024])
def test_there_is_nothing_to_build_where_tiles_hold_all_levels(tile_cells):
    _, upper = upper_of(cells_of(500, 512), tile_cells)
    assert list(upper.blocks()) == []


def test_the_tiles_of_a_map_do_not_show_in_its_overviews():
    cells = cells_of(1300, 1700)
    found = []
    for tile_cells in (64, 192, 320, 448):  # blocks of 64 cells, level 1 built from shares
        _, upper = upper_of(cells, tile_cells)
        found.append(list(upper.blocks()))
    assert upper.whole == 1
    assert all(blocks == found[0] for blocks in found)


@pytest.mark.parametrize("tile_cells", [64, 448])
def test_each_share_is_asked_for_a_few_times(tile_cells):
    _, upper = upper_of(cells_of(1792, 1792), tile_cells)
    asked = []
    counted = Upper(
        upper.pyramid,
        upper.codec,
        tile_cells,
        upper.tiles,
        lambda row, col: asked.append((row, col)) or upper.share(row, col),
    )
    list(counted.blocks())
    tiles = -(-1792 // tile_cells)
    assert len(set(asked)) == tiles**2
    # once where shares fit into blocks; a share of 3.5 x 3.5 blocks at most once a block
    assert len(asked) <= tiles**2 * (1 if tile_cells == 64 else 12)


def test_memory_is_that_of_some_blocks():
    pyramid = Pyramid(64 * 512, 64 * 512, 64)
    share = np.ones((32, 32), np.float32)
    upper = Upper(pyramid, DEEP, 64, (512, 512), lambda row, col: share)
    tracemalloc.start()
    count = 0
    for block in upper.blocks():
        count += 1
        if block.level == pyramid.levels - 1:
            break
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 1000
    # eight levels of 16 KiB each, and what halving and packing one of them takes
    assert peak < 60 * 64 * 64 * 4
