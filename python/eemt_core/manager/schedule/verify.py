"""Verification of results: complete, undamaged, of this very run, with plausible values.

Every byte is read once, for its checksum. What a worker says of its layers (how many cells have a
value, the least and the greatest) must be able to be true; and one block, which nobody can foresee,
is decoded and looked at. So damage is always found, and a worker that lies about cells with the
chance that the block is one of those. Whether plausible values are the right ones cannot be told
without computing them again.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...blocks.cells import Statistics
from ...errors import InputError
from ...files import Xxh3
from ...grids.tiling import Tile
from ...tiles.contract import BLOCKS_FILE, RESULT_FILE
from ...tiles.encoded import ResultIndex, read_index
from ...tiles.result import EncodedResult, InvalidResultError
from .block_check import check_block
from .expected_result import ExpectedArray, ExpectedResult
from .result_document import read_result_document

VerifiedResult = dict[str, Any]
"""What the run's record needs of a tile's result: ``bytes`` and ``xxh3`` of its file, and what
the task took. What the maps need lies in the file."""

_DAMAGED = "its result is damaged"
_CHUNK_BYTES = 1 << 20


def verified_result(
    folder: Path, tile: Tile, expected: ExpectedResult, known: str = ""
) -> tuple[VerifiedResult | None, str]:
    """Return the result in a folder if it is valid, else None and the reason.

    Parameters
    ----------
    known
        `xxh3` of the result when it was first accepted, if it was.
    """
    if not (folder / RESULT_FILE).is_file():
        return None, "it was not finished"
    try:
        document, account = read_result_document(folder, tile, expected)
        check_blocks(folder / BLOCKS_FILE, document, tile, expected)
    except InvalidResultError as error:
        return None, str(error)
    except OSError:
        return None, _DAMAGED
    if known and known != document.xxh3:
        return None, "its result is another one than was accepted"
    return {"bytes": document.bytes, "xxh3": document.xxh3, **vars(account)}, ""


def account(result: VerifiedResult) -> dict[str, Any]:
    """Return what the journal keeps of a result: by its checksum it is known again."""
    return {"xxh3": result["xxh3"]}


def check_blocks(path: Path, document: EncodedResult, tile: Tile, expected: ExpectedResult) -> None:
    """Read the file of encoded layers and check it.

    Raises
    ------
    InvalidResultError
        If it does not count.
    OSError
        If it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size != document.bytes:
            raise InvalidResultError(_DAMAGED)
        digest = Xxh3()
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
        if digest.hexdigest() != document.xxh3:
            raise InvalidResultError(_DAMAGED)
        index = read_index(descriptor, document.bytes, expected.layout(tile))
        ground = expected.ground(tile.core)
        cells = int(np.count_nonzero(ground))
        for name, array in expected.arrays.items():
            for statistics in index.statistics(name):
                _check(name, array, statistics, cells)
        _look_at_one(descriptor, index, tile, expected, ground)


def _check(name: str, expected: ExpectedArray, told: Statistics, ground: int) -> None:
    if told.cells > ground:
        beyond = told.cells - ground
        raise InvalidResultError(f"its result {name} has values in {beyond} cells without ground")
    if told.cells < ground and expected.is_everywhere:
        lacking = ground - told.cells
        raise InvalidResultError(f"its result {name} lacks a value in {lacking} cells")
    if told.cells and not (expected.low <= told.low and told.high <= expected.high):
        worst = told.low if told.low < expected.low else told.high
        raise InvalidResultError(f"its result {name} holds {worst:g}, which cannot be")


def _look_at_one(
    descriptor: int,
    index: ResultIndex,
    tile: Tile,
    expected: ExpectedResult,
    ground: NDArray[np.bool_],
) -> None:
    """Decode a block, or a share, of a layer that nobody can foresee and see what it holds."""
    encoding = expected.encoding(tile)
    name = secrets.choice(sorted(expected.arrays))
    array = expected.arrays[name]
    record = index.record(name, None if array.layers is None else secrets.randbelow(array.layers))
    number = secrets.randbelow(len(record.lengths))
    try:
        check_block(descriptor, record, number, name, array, encoding, ground)
    except InputError:
        raise InvalidResultError(f"its result {name} has a block that cannot be decoded") from None
