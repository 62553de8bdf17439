"""From tiles to a map: the overviews of blocks that tiles encoded are those that GDAL makes."""

from itertools import count, pairwise

import numpy as np
import pytest
import rasterio
from rasterio.enums import Resampling

from cog_judges import validated
from eemt_core.blocks.cells import FULL_BITS
from eemt_core.blocks.codec import Codec
from eemt_core.blocks.layers import Piece, decode_share, encode_layer
from eemt_core.blocks.pyramid import Pyramid, block_edge
from eemt_core.blocks.upper import Upper
from eemt_core.grids.tiling import Tiling
from eemt_core.rasters import Run
from encoded_maps import cells_of, levels_of, place
from geotiffs import write_geotiff

FULL = Codec("deflate", FULL_BITS)


def assembled(path, cells, tile_cells, codec=FULL, circular=False):
    """Write a map as a run does: tiles encode their blocks, shares become the upper levels."""
    pyramid = Pyramid(*cells.shape, block_edge(tile_cells))
    whole = pyramid.whole_levels(tile_cells)
    folder, number = path.parent / "blocks", count()
    folder.mkdir(exist_ok=True)
    runs, shares = [[] for _ in range(pyramid.levels)], {}

    def stored(contents):
        file = folder / f"{path.name}-{next(number)}"
        file.write_bytes(b"".join(contents))
        return file, np.array([len(content) for content in contents])

    cut = Tiling(*cells.shape, tile_cells)
    tiles = cut.tiles_down, cut.tiles_across
    for tile in cut:
        piece = Piece(*tile.core.numbers, pyramid, whole)
        layer = encode_layer(cells[tile.core.slices], piece, codec, circular=circular)
        for level, contents in enumerate(layer.blocks):
            file, lengths = stored(contents)
            runs[level].append(Run(file, 0, *piece.block_window(level), lengths))
        if piece.has_share:
            share = decode_share(layer.share, piece.share_shape, codec)
            shares[divmod(tile.index, cut.tiles_across)] = share
    upper = Upper(pyramid, codec, tile_cells, tiles, lambda *tile: shares[tile], circular)
    for block in upper.blocks():
        file, lengths = stored([block.content])
        runs[block.level].append(Run(file, 0, block.row, block.col, 1, 1, lengths))
    place(path, cells.shape, runs, pyramid.edge, codec.compress)


def read_levels(path, levels):
    found = []
    for level in range(levels):
        which = {"overview_level": level - 1} if level else {}
        with rasterio.open(path, **which) as source:
            found.append(source.read(1))
    return found


def gdals_levels(folder, cells, levels, resampling):
    """The map's levels as GDAL makes them in a plain GeoTIFF, each from the one before."""
    plain = write_geotiff(folder / "plain.tif", cells, nodata=np.nan)
    with rasterio.open(plain, "r+") as target:
        target.build_overviews([2**level for level in range(1, levels)], resampling)
    return read_levels(plain, levels)


@pytest.mark.parametrize("tile_cells", [64, 192, 512, 1024])
def test_overviews_are_those_of_gdals_average(tmp_path, tile_cells):
    cells = cells_of(1024, 2048)  # halved evenly twice
    assembled(tmp_path / "map.tif", cells, tile_cells)
    gdals = gdals_levels(tmp_path, cells, 3, Resampling.average)
    for level, (found, wanted) in enumerate(
        zip(read_levels(tmp_path / "map.tif", 3), gdals, strict=True)
    ):
        # GDAL adds four float32 in single precision: an error of 1e-7 of the largest for a level
        np.testing.assert_allclose(found, wanted, rtol=0, atol=level * 5e-7)
        assert np.isnan(found).any()
    assert validated(tmp_path / "map.tif") == []


@pytest.mark.parametrize("shape", [(1501, 1101), (2047, 1025), (1, 2500), (65, 1300)])
@pytest.mark.parametrize("tile_cells", [64, 320, 1024])
def test_overviews_of_odd_sizes_are_means_of_the_cells_there_are(tmp_path, shape, tile_cells):
    cells = cells_of(*shape)
    assembled(tmp_path / "map.tif", cells, tile_cells)
    levels = levels_of(cells, Pyramid(*shape, 64).levels)
    for found, wanted in zip(read_levels(tmp_path / "map.tif", len(levels)), levels, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert validated(tmp_path / "map.tif") == []


def test_overviews_of_directions_are_gdals_nearest(tmp_path):
    cells = np.random.default_rng(1).uniform(0, 360, (1024, 2048)).astype(np.float32)
    assembled(tmp_path / "map.tif", cells, 192, circular=True)
    gdals = gdals_levels(tmp_path, cells, 3, Resampling.nearest)
    for found, wanted in zip(read_levels(tmp_path / "map.tif", 3), gdals, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("bits", [6, 10, 16])
@pytest.mark.parametrize("compress", ["deflate", "zstd"])
def test_rounded_maps_have_the_overviews_of_what_they_hold(tmp_path, compress, bits):
    cells = cells_of(1024, 2048) + np.float32(10)
    codec = Codec(compress, bits)
    assembled(tmp_path / "map.tif", cells, 128, codec)
    levels = read_levels(tmp_path / "map.tif", 3)
    np.testing.assert_allclose(levels[0], cells, rtol=2.0 ** -(bits + 1))
    for level, (below, found) in enumerate(pairwise(levels), 1):
        wanted = gdals_levels(tmp_path, below, 2, Resampling.average)[1]
        np.testing.assert_allclose(found, wanted, rtol=2.0 ** -(codec.at(level).bits + 1) + 3e-7)
        kept = found.view(np.uint32)[np.isfinite(found)]
        assert not (kept & ((1 << (23 - codec.at(level).bits)) - 1)).any()


@pytest.mark.parametrize("compress", ["deflate", "zstd"])
def test_tiles_that_share_a_block_size_make_the_same_file(tmp_path, compress):
    cells = cells_of(1300, 1700)
    files = []
    for tile_cells in (64, 192, 320):  # blocks of 64 cells
        assembled(tmp_path / f"{tile_cells}.tif", cells, tile_cells, Codec(compress, 10))
        files.append((tmp_path / f"{tile_cells}.tif").read_bytes())
    assert files[0] == files[1] == files[2]
