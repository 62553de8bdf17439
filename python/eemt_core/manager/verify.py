"""Which results count: whole, undamaged, and of this very run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..files import array_shape, read_json, sha256_file, sha256_json
from ..task import RESULT_FILE

Result = dict[str, Any]


def verified_result(
    folder: Path, fingerprint: Mapping[str, str], known: str = ""
) -> tuple[Result | None, str]:
    """Return a task's result document if it is whole and this run's, else None and why.

    Parameters
    ----------
    known
        `checksum` of the result when it was first accepted, if it was.
    """
    try:
        result = read_json(folder / RESULT_FILE)
        why = difference(result["fingerprint"], fingerprint)
        if why:
            return None, f"its result is of {why}"
        for name, output in result["outputs"].items():
            path = folder / output["file"]
            if not path.is_file():
                return None, f"its result {name} is missing"
            if sha256_file(path) != output["sha256"]:
                return None, f"its result {name} is damaged"
            if list(array_shape(path)) != output["shape"]:
                return None, f"its result {name} has another shape"
        if known and known != checksum(result):
            return None, "its result is another one than was accepted"
        essence(result)
        return result, ""
    except InputError:
        return None, "it was not finished"
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, "its result is damaged"


def checksum(result: Result) -> str:
    """Return one SHA-256 for all outputs of a result."""
    return sha256_json({name: output["sha256"] for name, output in result["outputs"].items()})


def account(result: Result) -> dict[str, Any]:
    """Return what the journal keeps of a result: its checksum, and what it took."""
    kept = {key: result[key] for key in ("host", "peak_memory_mb", "cell_steps", "wall_seconds")}
    return {"sha256": checksum(result), **kept}


def essence(result: Result) -> Result:
    """Return what the maps and the run's record ask of a result: little, as every tile has one.

    The statistics of each output's layers become an array; their NaN is JSON's null.
    """
    outputs = {
        sys.intern(name): {
            "file": sys.intern(output["file"]),
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
