"""Verification of results: complete, undamaged, of this very run, with plausible values.

Statistics of a tile's cells are computed here, together with their checksum; what a worker says of
them is not believed. Whether plausible values are the right ones cannot be told without computing
them again.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...files import sha256_json
from ...grids.tiling import Tile
from ...tiles.array_file import StoredArray
from ...tiles.contract import ARRAYS_FILE, RESULT_FILE
from ...tiles.result import InvalidResultError
from .expected_result import ExpectedArray, ExpectedResult
from .result_document import ResultDocument, read_result_document

VerifiedResult = dict[str, Any]
"""What the maps and the run's record need of a tile's result.

``outputs`` holds, of each array, its ``place`` and its layers' ``statistics``: valid cells, their
sum, lowest, highest. ``sha256`` is one checksum for all; the rest is what the task took.
"""

_Cells = NDArray[np.float32]
_PLACES: dict[StoredArray, StoredArray] = {}
"""One object for each place, since most tiles have the same places."""


def verified_result(
    folder: Path, tile: Tile, expected: ExpectedResult, known: str = ""
) -> tuple[VerifiedResult | None, str]:
    """Return the result in a folder if it is valid, else None and the reason.

    Parameters
    ----------
    known
        `sha256` of the result when it was first accepted, if it was.
    """
    if not (folder / RESULT_FILE).is_file():
        return None, "it was not finished"
    try:
        document = read_result_document(folder, tile, expected)
        sha256 = sha256_json(dict(document.checksums))
        statistics = _read_cells(folder / ARRAYS_FILE, document, tile, expected)
        if known and known != sha256:
            return None, "its result is another one than was accepted"
    except InvalidResultError as error:
        return None, str(error)
    except OSError:
        return None, "its result is damaged"
    outputs = {
        name: {"place": _PLACES.setdefault(place, place), "statistics": statistics[name]}
        for name, place in document.places.items()
    }
    return {"outputs": outputs, "sha256": sha256, **vars(document.account)}, ""


def account(result: VerifiedResult) -> dict[str, Any]:
    """Return what the journal keeps of a result: by its checksum it is known again."""
    return {"sha256": result["sha256"]}


def _statistics(cells: _Cells) -> list[float]:
    """Return [valid cells, their sum, lowest, highest] of a grid; the last are NaN without any."""
    cells = cells.ravel()
    with np.errstate(invalid="ignore"):  # infinities of both signs
        total = cells.sum(dtype=np.float64)
    if np.isnan(total):
        cells = cells[~np.isnan(cells)]
        if not cells.size:
            return [0, 0.0, np.nan, np.nan]
        with np.errstate(invalid="ignore"):
            total = cells.sum(dtype=np.float64)
    return [cells.size, float(total), float(cells.min()), float(cells.max())]


def _read_cells(
    path: Path, document: ResultDocument, tile: Tile, expected: ExpectedResult
) -> dict[str, NDArray[np.float64]]:
    """Return the statistics of all layers by the array's name, each byte being read once."""
    ground = expected.ground(tile.core)
    found = {}
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size != document.bytes:
            raise InvalidResultError("its result is damaged")
        layer = np.empty(tile.core.shape, "<f4")
        for name, place in document.places.items():
            digest, rows = hashlib.sha256(), []
            file.seek(place.offset)
            for _ in range(expected.arrays[name].layers or 1):
                _fill(layer, file)
                digest.update(layer.data)
                rows.append((_statistics(layer), _gaps(layer, ground)))
            if digest.hexdigest() != document.checksums[name]:
                raise InvalidResultError(f"its result {name} is damaged")
            for numbers, gaps in rows:
                _check(name, expected.arrays[name], numbers, gaps)
            found[name] = np.array([numbers for numbers, _ in rows])
    return found


def _fill(layer: _Cells, file: Any) -> None:
    left = layer.data.cast("B")
    while left:
        count = file.readinto(left)
        if not count:
            raise InvalidResultError("its result is damaged")
        left = left[count:]


def _gaps(layer: _Cells, ground: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many cells lack a value where there is ground, and how many have one elsewhere."""
    valid = ~np.isnan(layer)
    if np.array_equal(valid, ground):
        return 0, 0
    return int(np.count_nonzero(ground & ~valid)), int(np.count_nonzero(valid & ~ground))


def _check(name: str, expected: ExpectedArray, numbers: list[float], gaps: tuple[int, int]) -> None:
    count, _, low, high = numbers
    lacking, beyond = gaps
    if beyond:
        raise InvalidResultError(f"its result {name} has values in {beyond} cells without ground")
    if lacking and expected.is_everywhere:
        raise InvalidResultError(f"its result {name} lacks a value in {lacking} cells")
    if count and not (expected.low <= low and high <= expected.high):
        worst = low if low < expected.low else high
        raise InvalidResultError(f"its result {name} holds {worst:g}, which cannot be")
