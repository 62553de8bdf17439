"""Whether what a result says of itself fits the tile that it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...grids.tiling import Tile
from ...tiles.array_file import StoredArray, next_offset
from ...tiles.contract import read_result
from ...tiles.result import Account, InvalidResultError
from .expected_result import ExpectedResult


@dataclass(frozen=True)
class ResultDocument:
    """A result's description that fits its tile.

    Attributes
    ----------
    places, checksums
        Of each array, by its name, in the order in which they lie in the file; SHA-256.
    bytes
        How long the file of the arrays is.
    account
        What the task took.
    """

    places: Mapping[str, StoredArray]
    checksums: Mapping[str, str]
    bytes: int
    account: Account


def read_result_document(folder: Path, tile: Tile, expected: ExpectedResult) -> ResultDocument:
    """Return the description that a task left if it fits a tile of the run.

    Raises
    ------
    InvalidResultError
        If not.
    """
    result = read_result(
        folder, name=tile.name, fingerprint=expected.fingerprint, arrays=expected.arrays
    )
    met = result.account.instruction_set
    if met != expected.instruction_set:
        raise InvalidResultError(f"its result was computed with instruction set {met:.10}")
    for name, array in result.arrays.items():
        if array.place.shape != expected.arrays[name].shape(tile.core):
            raise InvalidResultError(f"its result {name} has another shape")
    arrays = sorted(result.arrays.items(), key=lambda item: item[1].place.offset)
    end = 0
    for name, array in arrays:
        if array.place.offset != next_offset(end):
            raise InvalidResultError(f"its result {name} lies elsewhere")
        end = array.place.offset + array.place.bytes
    most = tile.core.cells * (expected.layers + expected.days)
    for name, number in result.account.statistics.items():
        if not 0 <= number <= most:
            raise InvalidResultError(f"its result tells a {name} that cannot be")
    return ResultDocument(
        places={name: array.place for name, array in arrays},
        checksums={name: array.sha256 for name, array in arrays},
        bytes=end,
        account=result.account,
    )
