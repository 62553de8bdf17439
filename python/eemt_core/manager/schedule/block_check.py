"""Whether one block of a result holds what it can: decoded, and compared with what is known."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from ...blocks.cells import Cells, round_mantissa
from ...blocks.layers import decode_share
from ...tiles.encoded import LayerRecord
from ...tiles.result import InvalidResultError
from ...tiles.task import Encoding
from .expected_result import ExpectedArray

_Ground = NDArray[np.bool_]


def check_block(
    descriptor: int,
    record: LayerRecord,
    number: int,
    name: str,
    expected: ExpectedArray,
    encoding: Encoding,
    ground: _Ground,
) -> None:
    """Decode a block of a layer, or its share, and see whether it holds what it can.

    Parameters
    ----------
    number
        Of the block in the record, level by level and row by row; the last may be the share.
    ground
        Where the tile's cells have an elevation, (rows, cols).

    Raises
    ------
    InputError
        If it cannot be decoded.
    InvalidResultError
        If it holds values that cannot be, or lacks some that must.
    """
    offset = record.offset + int(record.lengths[:number].sum(dtype=np.int64))
    content = os.pread(descriptor, int(record.lengths[number]), offset)
    piece, codec, level = record.piece, encoding.codec, 0
    while level < piece.whole:
        _, _, down, across = piece.block_window(level)
        if number < down * across:
            break
        number, level = number - down * across, level + 1
    here = _halved(ground, level)
    if level == piece.whole:
        cells = decode_share(content, piece.share_shape, codec)
    else:
        edge = piece.pyramid.edge_at(level)
        row0, col0 = number // across * edge, number % across * edge
        cells, whole = codec.decode(content, edge), np.zeros((edge, edge), bool)
        part = here[row0 : row0 + edge, col0 : col0 + edge]
        whole[: part.shape[0], : part.shape[1]] = part
        here = whole
    if level:
        expected = expected.widened(codec.at(level).bits)
    _check_cells(name, cells, here, expected, is_full=level == 0)
    bits = codec.at(level).bits
    if round_mantissa(cells, bits).tobytes() != cells.tobytes():
        raise InvalidResultError(f"its result {name} has cells of more than {bits} bits")


def _halved(ground: _Ground, times: int) -> _Ground:
    """Return where cells of an overview may have a value: where one of those below has ground."""
    for _ in range(times):
        rows, cols = ground.shape
        padded = np.zeros((rows + rows % 2, cols + cols % 2), bool)
        padded[:rows, :cols] = ground
        ground = padded[::2] | padded[1::2]
        ground = ground[:, ::2] | ground[:, 1::2]
    return ground


def _check_cells(
    name: str, cells: Cells, ground: _Ground, expected: ExpectedArray, *, is_full: bool
) -> None:
    valid = ~np.isnan(cells)
    if beyond := int(np.count_nonzero(valid & ~ground)):
        raise InvalidResultError(f"its result {name} has values in {beyond} cells without ground")
    lacking = int(np.count_nonzero(ground & ~valid))
    if lacking and is_full and expected.is_everywhere:
        raise InvalidResultError(f"its result {name} lacks a value in {lacking} cells")
    found = cells[valid]
    if found.size and not (expected.low <= found.min() and found.max() <= expected.high):
        worst = found.min() if found.min() < expected.low else found.max()
        raise InvalidResultError(f"its result {name} holds {worst:g}, which cannot be")
