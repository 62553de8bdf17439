"""Whether what a result says of itself fits the tile that it is of."""

from __future__ import annotations

from pathlib import Path

from ...grids.tiling import Tile
from ...tiles.contract import read_result
from ...tiles.result import Account, EncodedResult, InvalidResultError
from .expected_result import ExpectedResult


def read_result_document(
    folder: Path, tile: Tile, expected: ExpectedResult
) -> tuple[EncodedResult, Account]:
    """Return what a task says of its file and of what it took, if it fits a tile of the run.

    Raises
    ------
    InvalidResultError
        If it does not fit.
    """
    result = read_result(
        folder, name=tile.name, fingerprint=expected.fingerprint, encoded=expected.arrays
    )
    met = result.account.instruction_set
    if met != expected.instruction_set:
        raise InvalidResultError(f"its result was computed with instruction set {met:.10}")
    encoded = result.encoded
    assert encoded is not None
    for name, array in expected.arrays.items():
        if encoded.layers[name] != array.layers:
            raise InvalidResultError(f"its result {name} has another number of layers")
    most = tile.core.cells * (expected.layers + expected.days)
    for name, number in result.account.statistics.items():
        if not 0 <= number <= most:
            raise InvalidResultError(f"its result tells a {name} that cannot be")
    return encoded, result.account
