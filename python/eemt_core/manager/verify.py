"""Which results count: whole, undamaged, and of this very run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..files import read_json, sha256_json
from ..stored import StoredArray
from ..task import ARRAYS_FILE, RESULT_FILE

Result = dict[str, Any]

_PLACES: dict[StoredArray, StoredArray] = {}
"""Of each place one object for all tiles, most of which have the same."""


def verified_result(
    folder: Path, fingerprint: Mapping[str, str], shape: tuple[int, int], known: str = ""
) -> tuple[Result | None, str]:
    """Return a task's result document if it is whole and this run's, else None and why.

    Parameters
    ----------
    shape
        Rows and columns of the task's window.
    known
        `checksum` of the result when it was first accepted, if it was.
    """
    if not (folder / RESULT_FILE).is_file():
        return None, "it was not finished"
    try:
        result = read_json(folder / RESULT_FILE)
        why = difference(result["fingerprint"], fingerprint)
        if why:
            return None, f"its result is of {why}"
        for name, output in result["outputs"].items():
            if output["file"] != ARRAYS_FILE:
                return None, f"its result {name} lies elsewhere"
            if tuple(output["shape"][-2:]) != shape:
                return None, f"its result {name} has another shape"
            if place_of(output).sha256(folder) != output["sha256"]:
                return None, f"its result {name} is damaged"
        if known and known != checksum(result):
            return None, "its result is another one than was accepted"
        essence(result)
        return result, ""
    except (InputError, KeyError, TypeError, ValueError, AttributeError):
        return None, "its result is damaged"


def checksum(result: Result) -> str:
    """Return one SHA-256 for all outputs of a result."""
    return sha256_json({name: output["sha256"] for name, output in result["outputs"].items()})


def account(result: Result) -> dict[str, Any]:
    """Return what the journal keeps of a result: its checksum, and what it took."""
    kept = {key: result[key] for key in ("host", "peak_memory_mb", "cell_steps", "wall_seconds")}
    return {"sha256": checksum(result), **kept}


def place_of(output: Mapping[str, Any]) -> StoredArray:
    """Return where an output lies, by what a result says of it."""
    return StoredArray(sys.intern(output["file"]), output["offset"], tuple(output["shape"]))


def essence(result: Result) -> Result:
    """Return what the maps and the run's record ask of a result: little, as every tile has one.

    The statistics of each output's layers become an array; their NaN is JSON's null.
    """
    outputs = {
        sys.intern(name): {
            "place": _PLACES.setdefault(place_of(output), place_of(output)),
            "statistics": np.array(output["statistics"], dtype=np.float64),
        }
        for name, output in result["outputs"].items()
    }
    seconds = {sys.intern(stage): taken for stage, taken in result["seconds"].items()}
    kept = {key: result[key] for key in ("statistics", "cell_steps", "peak_memory_mb")}
    words = {key: sys.intern(result[key]) for key in ("host", "instruction_set")}
    return {"outputs": outputs, "seconds": seconds, **kept, **words}


def difference(met: object, wanted: Mapping[str, str]) -> str:
    """Return what a fingerprint is of that makes it another one than `wanted`; empty if none."""
    if not isinstance(met, dict):
        return "unknown origin"
    for part, meaning in (
        ("parameters", "other parameters"),
        ("code", "other code"),
        ("inputs", "other input files"),
    ):
        if met.get(part) != wanted[part]:
            return meaning
    return ""
