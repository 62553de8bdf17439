"""How the results of a run's tasks become blocks of its maps."""

from __future__ import annotations

from collections.abc import Mapping

from ...blocks.cells import FULL_BITS
from ...blocks.codec import Codec
from ...blocks.layers import Piece
from ...blocks.pyramid import Pyramid
from ...grids.tiling import BLOCK_CELLS, Tile
from ...tiles.encoded import Layout
from ...tiles.task import Encoding
from .plan import Plan

WETNESS_LAYERS: Mapping[str, int | None] = {"twi": None}
"""Layers of the result of the task that computes the wetness index."""


def tile_encoding(plan: Plan, tile: Tile) -> Encoding:
    """Return how the result of a tile, or of a part of one, is encoded.

    What a part leaves is joined and encoded once more: it keeps all bits, and has no overviews.
    """
    piece, codec = tile_piece(plan, tile), plan.codec
    if tile.part:
        piece = Piece(*tile.core.numbers, part_pyramid(plan), 1)
        codec = Codec(codec.compress, FULL_BITS)
    return Encoding(piece, codec, plan.factors, plan.circular)


def tile_piece(plan: Plan, tile: Tile) -> Piece:
    """Return what part of every map a tile holds."""
    return Piece(*tile.core.numbers, plan.pyramid, plan.whole_levels)


def part_pyramid(plan: Plan) -> Pyramid:
    """Return the blocks of a part of a tile: those between which tiles are cut."""
    return Pyramid(*plan.grid.shape, BLOCK_CELLS, has_overviews=False)


def wetness_encoding(pyramid: Pyramid, codec: Codec) -> Encoding:
    """Return how the wetness index of a whole DEM is encoded: all levels at once."""
    piece = Piece(0, 0, pyramid.rows, pyramid.cols, pyramid, pyramid.levels)
    return Encoding(piece, codec)


def wetness_layout(pyramid: Pyramid, codec: Codec) -> Layout:
    """Return how the file of that task is laid out."""
    return Layout(wetness_encoding(pyramid, codec).piece, WETNESS_LAYERS)
