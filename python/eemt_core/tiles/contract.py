"""The files of a task's folder, each one's writer beside its reader.

===================  =================================================================  ==========
file                 content                                                            written by
===================  =================================================================  ==========
``task.json``        what to compute, from which inputs                                 manager
``dem.arrays``       elevation of the tile's halo                                       manager
``dem.packed``       elevation of the whole DEM, for the wetness index (`whole_dem`)    manager
``geometry.arrays``  latitude and convergence over the halo                             manager
``far.arrays``       terrain beyond the halo, level by level                            manager
``climate.arrays``   the climate over the core                                          manager
``NAME.arrays``      other rasters over the core: those of `LAYERS`                     manager
``results.blocks``   layers of maps as encoded blocks (`encoded`)                       task
``results.f32``      the cells of plain result arrays, one array behind the other       task
``result.json``      what these files are, by their checksums, what it took; the last   task
``error.json``       why there is no result                                             task
===================  =================================================================  ==========

The folder may be moved to any directory of any machine: all names are relative. Where manager and
workers share storage, inputs and cells may lie there instead (`shared`). What a task
leaves may have been written by a stranger, so every field that is read is checked for its kind and
its range before anything is made of it; fields that nobody asks for are left aside.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..errors import ArgumentError, EemtError, InputError, VersionError
from ..files import XXH3_DIGITS, read_json, write_json, write_json_lines, xxh3_file
from ..grids.grid import Lattice
from ..terrain import FarLevel
from . import task_document
from .array_file import StoredArray, read_arrays, write_arrays
from .chunks import Chunks, PackedLevel
from .result import (
    Account,
    EncodedResult,
    InvalidResultError,
    ResultArray,
    TaskResult,
    fingerprint_difference,
)
from .task import Task

SCHEMA = 7
"""Version of the layout of a task's folder; another one is refused."""

TASK_FILE, RESULT_FILE, ERROR_FILE = "task.json", "result.json", "error.json"
BLOCKS_FILE, ARRAYS_FILE = "results.blocks", "results.f32"
RESULT_FILES = (TASK_FILE, RESULT_FILE, BLOCKS_FILE, ARRAYS_FILE)
"""What stays of a task's folder when its inputs are removed."""

DEM_FILE = "dem.arrays"
GEOMETRY_FILE, FAR_FILE, CLIMATE_FILE = "geometry.arrays", "far.arrays", "climate.arrays"
LAYERS = ("linke", "twi", "lai", "canopy_height")
"""Rasters that a tile may need beside the DEM; turbidity covers the halo, the others the core."""

Input = tuple[str, str]
"""Name and checksum of an input file that was written, as `Task.inputs` has them."""

_CELLS = "cells"
_LACKS = ("memory", "disk", "shared", "processor")
_LONGEST_SENTENCE, _ERROR_BYTES = 1000, 1 << 16
_RESULT_BYTES, _RESULT_BYTES_OF_AN_ARRAY = 65_536, 1024
_LONGEST_S, _MOST_MEMORY_MB = 1e9, 10**9
_MOST_LAYERS, _MOST_BYTES = 10**6, 2**62
_MOST_NAMES, _LONGEST_NAME, _LONGEST_HOST = 64, 64, 255
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_XXH3 = re.compile(rf"[0-9a-f]{{{XXH3_DIGITS}}}", re.ASCII)
_DAMAGED = "its result is damaged"


def write_task(folder: Path, task: Task) -> None:
    """Write ``task.json`` into `folder`, where the inputs must be already."""
    document = {"schema": SCHEMA, "program": __version__, **task_document.written(task)}
    write_json_lines(folder / TASK_FILE, document)


def read_task(folder: Path) -> Task:
    """Return the task in `folder`.

    Raises
    ------
    VersionError
        If another version wrote it.
    InputError
        If it is missing or no JSON.
    ArgumentError
        If it is no description of a task.
    """
    raw = read_json(folder / TASK_FILE)
    met = (raw.pop("schema", None), raw.pop("program", None))
    if met != (SCHEMA, __version__):
        raise VersionError(
            f"the task was written by eemt-core {met[1]} (task layout {met[0]}) but this is "
            f"eemt-core {__version__} (task layout {SCHEMA})",
            remedy="install the same version on both sides",
        )
    try:
        return task_document.read(raw)
    except EemtError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArgumentError(
            f"{folder / TASK_FILE} is not a task: {error}", field="task", value=folder / TASK_FILE
        ) from None


def check_inputs(folder: Path, task: Task) -> None:
    """Raise `InputError` unless every input file is there with the checksum of the task."""
    for name, expected in task.inputs.items():
        path = folder / name
        if path.resolve().parent != folder.resolve():
            raise ArgumentError(
                f"input {name!r} must lie in the task's folder", field="input", value=name
            )
        if not path.is_file():
            raise InputError(f"input {name} of {task.name} is missing")
        if xxh3_file(path) != expected:
            raise InputError(f"input {name} of {task.name} is damaged: its checksum differs")


def write_dem(folder: Path, elevation_m: NDArray[np.float32] | Chunks) -> Input:
    """Write a tile's elevations, (rows, cols) float32 [m]."""
    return _write_input(folder, DEM_FILE, {_CELLS: elevation_m})


def read_dem(folder: Path) -> NDArray[np.float32]:
    """Return what `write_dem` wrote."""
    return read_arrays(folder / DEM_FILE)[_CELLS]


def write_geometry(folder: Path, latitude_rad: Lattice, convergence_rad: Lattice) -> Input:
    """Write where the halo's cells lie and where their north is."""
    arrays = {**latitude_rad.to_arrays("latitude_rad")}
    arrays |= convergence_rad.to_arrays("convergence_rad")
    return _write_input(folder, GEOMETRY_FILE, arrays)


def read_geometry(folder: Path) -> tuple[Lattice, Lattice]:
    """Return latitude and convergence [rad]."""
    arrays = read_arrays(folder / GEOMETRY_FILE)
    return Lattice.from_arrays("latitude_rad", arrays), Lattice.from_arrays(
        "convergence_rad", arrays
    )


def write_far_field(folder: Path, levels: Iterable[FarLevel | PackedLevel]) -> Input:
    """Write the terrain beyond the halo, fine to coarse."""
    arrays: dict[str, NDArray[Any] | Chunks] = {}
    for number, level in enumerate(levels, 1):
        assert isinstance(level.cell_size_m, tuple)
        arrays[f"{number}.elevation_m"] = level.elevation_m
        arrays[f"{number}.place_m"] = np.array((*level.cell_size_m, level.x_m, level.y_m))
    return _write_input(folder, FAR_FILE, arrays)


def read_far_field(folder: Path) -> list[FarLevel]:
    """Return the levels, fine to coarse."""
    arrays, levels = read_arrays(folder / FAR_FILE), []
    for number in range(1, len(arrays) // 2 + 1):
        cell_x_m, cell_y_m, x_m, y_m = arrays[f"{number}.place_m"].tolist()
        levels.append(FarLevel(arrays[f"{number}.elevation_m"], (cell_x_m, cell_y_m), x_m, y_m))
    return levels


def write_climate(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> Input:
    """Write the arrays of a `ClimateCut` over the core."""
    return _write_input(folder, CLIMATE_FILE, arrays)


def read_climate(folder: Path) -> Mapping[str, NDArray[Any]]:
    """Return the arrays for `ClimateCut.from_arrays`."""
    return read_arrays(folder / CLIMATE_FILE)


def write_layer(folder: Path, name: str, values: NDArray[np.float32]) -> Input:
    """Write one of `LAYERS`, (rows, cols) or (12, rows, cols)."""
    assert name in LAYERS
    return _write_input(folder, f"{name}.arrays", {_CELLS: values})


def read_layer(folder: Path, name: str) -> NDArray[np.float32] | None:
    """Return one of `LAYERS`, None where the task has none."""
    assert name in LAYERS
    path = folder / f"{name}.arrays"
    return read_arrays(path)[_CELLS] if path.exists() else None


def _write_input(folder: Path, name: str, arrays: Mapping[str, NDArray[Any] | Chunks]) -> Input:
    return name, write_arrays(folder / name, arrays)


def write_result(folder: Path, result: TaskResult) -> None:
    """Write ``result.json``: after it, all that the task leaves is there."""
    account, encoded = result.account, result.encoded
    document = {
        "schema": SCHEMA,
        "name": result.name,
        "fingerprint": dict(result.fingerprint),
        "outputs": {
            name: {
                "offset": array.place.offset,
                "shape": list(array.place.shape),
                "sha256": array.sha256,
            }
            for name, array in result.arrays.items()
        },
        "encoded": None
        if encoded is None
        else {
            "bytes": encoded.bytes,
            "xxh3": encoded.xxh3,
            "layers": dict(encoded.layers),
        },
        "statistics": dict(account.statistics),
        "seconds": dict(account.seconds),
        "peak_memory_mb": account.peak_memory_mb,
        "host": account.host,
        "instruction_set": account.instruction_set,
    }
    write_json(folder / RESULT_FILE, document)


def read_result(
    folder: Path,
    *,
    name: str,
    fingerprint: Mapping[str, str],
    arrays: Collection[str] = (),
    encoded: Collection[str] = (),
) -> TaskResult:
    """Return what a task left if it is that of this name and fingerprint, with these results.

    Whether the files are those that are told, whether arrays have the right shapes and as many
    layers as they should, and hold what can be, is for the caller to see.

    Parameters
    ----------
    arrays, encoded
        Names of its plain arrays, and of those whose layers are encoded.

    Raises
    ------
    InvalidResultError
        If it is another one's, or not what `write_result` writes.
    """
    try:
        raw = read_json(
            folder / RESULT_FILE,
            _RESULT_BYTES + _RESULT_BYTES_OF_AN_ARRAY * (len(arrays) + len(encoded)),
        )
    except InputError:
        raise InvalidResultError(_DAMAGED) from None
    if "fingerprint" not in raw:
        raise InvalidResultError(_DAMAGED)
    why = fingerprint_difference(raw["fingerprint"], fingerprint)
    if why:
        raise InvalidResultError(f"its result is of {why}")
    if raw.get("schema") != SCHEMA or raw.get("name") != name:
        raise InvalidResultError("its result is of another task")
    outputs = raw.get("outputs")
    if not isinstance(outputs, dict):
        raise InvalidResultError(_DAMAGED)
    found = {array: _result_array(array, outputs.get(array)) for array in arrays}
    if len(outputs) != len(found):
        raise InvalidResultError("its result holds arrays that nobody asked for")
    account = Account(
        seconds=_numbers(raw, "seconds", 0, _LONGEST_S),
        statistics=_numbers(raw, "statistics", -sys.float_info.max, sys.float_info.max),
        peak_memory_mb=int(_number(raw, "peak_memory_mb", 0, _MOST_MEMORY_MB, whole=True)),
        host=_word(raw, "host", _LONGEST_HOST),
        instruction_set=_word(raw, "instruction_set", _LONGEST_NAME),
    )
    return TaskResult(name, fingerprint, found, account, _encoded(raw.get("encoded"), encoded))


def _result_array(name: str, raw: object) -> ResultArray:
    if not isinstance(raw, dict):
        raise InvalidResultError(f"its result {name} is missing")
    offset, shape, sha256 = raw.get("offset"), raw.get("shape"), raw.get("sha256")
    if type(offset) is not int or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise InvalidResultError(_DAMAGED)
    if not isinstance(shape, list) or not all(type(length) is int for length in shape):
        raise InvalidResultError(_DAMAGED)
    return ResultArray(StoredArray(ARRAYS_FILE, offset, tuple(shape)), sha256)


def _encoded(raw: object, names: Collection[str]) -> EncodedResult | None:
    if raw is None and not names:
        return None
    if not isinstance(raw, dict) or not isinstance(layers := raw.get("layers"), dict):
        raise InvalidResultError(_DAMAGED)
    for name in names:
        if name not in layers:
            raise InvalidResultError(f"its result {name} is missing")
    if len(layers) != len(names):
        raise InvalidResultError("its result holds arrays that nobody asked for")
    for count in layers.values():
        if count is not None and (type(count) is not int or not 1 <= count <= _MOST_LAYERS):
            raise InvalidResultError(_DAMAGED)
    size, xxh3 = raw.get("bytes"), raw.get("xxh3")
    if type(size) is not int or not 0 < size < _MOST_BYTES:
        raise InvalidResultError(_DAMAGED)
    if not isinstance(xxh3, str) or not _XXH3.fullmatch(xxh3):
        raise InvalidResultError(_DAMAGED)
    return EncodedResult(size, xxh3, {sys.intern(name): layers[name] for name in names})


def _numbers(raw: Mapping[str, Any], key: str, low: float, high: float) -> dict[str, float]:
    told = raw.get(key)
    if not isinstance(told, dict) or len(told) > _MOST_NAMES:
        raise InvalidResultError(f"its result does not tell its {key}")
    for name in told:
        if len(name) > _LONGEST_NAME or not name.isprintable():
            raise InvalidResultError(f"its result does not tell its {key}")
    return {sys.intern(name): _number(told, name, low, high) for name in told}


def _number(
    raw: Mapping[str, Any], key: str, low: float, high: float, *, whole: bool = False
) -> float:
    told = raw.get(key)
    if type(told) not in ((int,) if whole else (int, float)):
        raise InvalidResultError(f"its result does not tell its {key}")
    assert isinstance(told, int | float)
    if not low <= told <= high:
        raise InvalidResultError(f"its result tells a {key} that cannot be")
    return told


def _word(raw: Mapping[str, Any], key: str, longest: int) -> str:
    told = raw.get(key)
    if not isinstance(told, str):
        raise InvalidResultError(f"its result does not tell its {key}")
    # a machine's name may hold anything, and goes into a record that people read
    kept = "".join(letter if letter.isprintable() else "?" for letter in told[:longest])
    return sys.intern(kept)


def write_error(folder: Path, sentence: str, lack: str = "") -> None:
    """Write why there is no result.

    `lack` names what was short: ``memory``, ``disk``, ``shared`` where the worker does not see the
    storage that it should share, or ``processor`` where that has too few instructions.
    """
    write_json(folder / ERROR_FILE, {"error": sentence, "lack": lack}, to_disk=False)


def read_error(folder: Path) -> tuple[str, str]:
    """Return the sentence of a failure and what was lacking, both empty where nothing is told."""
    try:
        raw = read_json(folder / ERROR_FILE, _ERROR_BYTES)
    except EemtError:
        return "", ""
    sentence, lack = raw.get("error"), raw.get("lack")
    if not isinstance(sentence, str):
        return "", ""
    # nothing that a terminal would act upon or a file cannot hold
    printable = "".join(letter if letter.isprintable() else " " for letter in sentence).strip()
    return printable[:_LONGEST_SENTENCE], lack if lack in _LACKS else ""
