"""What a result says of itself, read as what a stranger may have written.

Every field is checked for its kind and its range before anything is made of it; what nobody asks
for is left aside.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...files import read_json
from ...grids.tiling import Tile
from ...tiles.array_file import StoredArray, next_offset
from ...tiles.task import ARRAYS_FILE, SCHEMA
from .expected_result import ExpectedResult

_LONGEST_S = 1e9
_MOST_MEMORY_MB = 10**9
_STEPS_OF_A_DAY = 1440  # minutes, the shortest step
_MOST_NAMES, _LONGEST_NAME, _LONGEST_HOST = 64, 64, 255
_BYTES, _BYTES_OF_AN_ARRAY = 65_536, 1024
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DAMAGED = "its result is damaged"


class InvalidResultError(ValueError):
    """A result does not count; the message says why, to follow the tile's name."""


@dataclass(frozen=True)
class ResultDocument:
    """A result's description, whose fields are of their kinds.

    Attributes
    ----------
    places, checksums
        Of each array, by its name, in the order in which they lie in the file; SHA-256.
    bytes
        How long the file of the arrays is.
    account
        What the task took: plain JSON.
    """

    places: Mapping[str, StoredArray]
    checksums: Mapping[str, str]
    bytes: int
    account: Mapping[str, Any]


def read_result_document(path: Path, tile: Tile, expected: ExpectedResult) -> ResultDocument:
    """Return the description in a file if it fits a tile of the run.

    Raises
    ------
    InvalidResultError
        If not.
    """
    try:
        raw = read_json(path, _BYTES + _BYTES_OF_AN_ARRAY * len(expected.arrays))
    except InputError:
        raise InvalidResultError(_DAMAGED) from None
    if "fingerprint" not in raw:
        raise InvalidResultError(_DAMAGED)
    why = fingerprint_difference(raw["fingerprint"], expected.fingerprint)
    if why:
        raise InvalidResultError(f"its result is of {why}")
    if raw.get("schema") != SCHEMA or raw.get("name") != tile.name:
        raise InvalidResultError("its result is of another task")
    outputs = raw.get("outputs")
    if not isinstance(outputs, dict):
        raise InvalidResultError(_DAMAGED)
    places = {name: _place(name, outputs, tile, expected) for name in expected.arrays}
    if len(outputs) != len(places):
        raise InvalidResultError("its result holds arrays that nobody asked for")
    places = dict(sorted(places.items(), key=lambda item: item[1].offset))
    end = 0
    for name, place in places.items():
        if place.offset != next_offset(end):
            raise InvalidResultError(f"its result {name} lies elsewhere")
        end = place.offset + place.bytes
    checksums = {name: outputs[name]["sha256"] for name in places}
    return ResultDocument(places, checksums, end, _account(raw, tile, expected))


def fingerprint_difference(met: object, expected: Mapping[str, str]) -> str:
    """Return what a fingerprint is of that makes it another one than `expected`; empty if none."""
    if not isinstance(met, dict):
        return "unknown origin"
    for part, meaning in (
        ("parameters", "other parameters"),
        ("code", "other code"),
        ("inputs", "other input files"),
    ):
        if met.get(part) != expected[part]:
            return meaning
    return ""


def _place(
    name: str, outputs: Mapping[str, Any], tile: Tile, expected: ExpectedResult
) -> StoredArray:
    output = outputs.get(name)
    if not isinstance(output, dict):
        raise InvalidResultError(f"its result {name} is missing")
    shape = expected.arrays[name].shape(tile.core)
    told = output.get("shape")
    if not isinstance(told, list) or [*map(type, told)] != [int] * len(shape):
        raise InvalidResultError(_DAMAGED)
    if tuple(told) != shape:
        raise InvalidResultError(f"its result {name} has another shape")
    if output.get("file") != ARRAYS_FILE:
        raise InvalidResultError(f"its result {name} lies elsewhere")
    sha256 = output.get("sha256")
    if type(output.get("offset")) is not int or not isinstance(sha256, str):
        raise InvalidResultError(_DAMAGED)
    if not _SHA256.fullmatch(sha256):
        raise InvalidResultError(_DAMAGED)
    return StoredArray(ARRAYS_FILE, output["offset"], shape)


def _account(raw: Mapping[str, Any], tile: Tile, expected: ExpectedResult) -> dict[str, Any]:
    cells = tile.core.cells
    steps = cells * expected.days * _STEPS_OF_A_DAY
    counts = cells * (expected.layers + expected.days)
    return {
        "seconds": _numbers(raw, "seconds", _LONGEST_S),
        "statistics": _numbers(raw, "statistics", counts),
        "wall_seconds": _number(raw, "wall_seconds", _LONGEST_S),
        "cell_steps": _number(raw, "cell_steps", steps, whole=True),
        "peak_memory_mb": _number(raw, "peak_memory_mb", _MOST_MEMORY_MB, whole=True),
        "host": _word(raw, "host", _LONGEST_HOST),
        "instruction_set": _word(raw, "instruction_set", _LONGEST_NAME),
    }


def _numbers(raw: Mapping[str, Any], key: str, most: float) -> dict[str, int | float]:
    told = raw.get(key)
    if not isinstance(told, dict) or len(told) > _MOST_NAMES:
        raise InvalidResultError(f"its result does not tell its {key}")
    for name in told:
        if len(name) > _LONGEST_NAME or not name.isprintable():
            raise InvalidResultError(f"its result does not tell its {key}")
    return {sys.intern(name): _number(told, name, most) for name in told}


def _number(raw: Mapping[str, Any], key: str, most: float, *, whole: bool = False) -> int | float:
    told = raw.get(key)
    if type(told) not in ((int,) if whole else (int, float)):
        raise InvalidResultError(f"its result does not tell its {key}")
    assert isinstance(told, int | float)
    if not 0 <= told <= most:
        raise InvalidResultError(f"its result tells a {key} that cannot be")
    return told


def _word(raw: Mapping[str, Any], key: str, longest: int) -> str:
    told = raw.get(key)
    if not isinstance(told, str):
        raise InvalidResultError(f"its result does not tell its {key}")
    # a machine's name may hold anything, and goes into a record that people read
    kept = "".join(letter if letter.isprintable() else "?" for letter in told[:longest])
    return sys.intern(kept)
