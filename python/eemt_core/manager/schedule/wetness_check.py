"""Verification of a wetness index that a worker has computed, as of a tile's result."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...grids.tiling import Tile, Window
from ...rasters import WindowReader
from ...tiles.contract import BLOCKS_FILE
from ...tiles.result import InvalidResultError, TaskResult
from ..inputs.wetness import read_wetness_result
from ..plan.encoding import WETNESS_LAYERS, wetness_encoding
from ..plan.layers import ArrayLayer, windows
from ..plan.plan import Plan
from .expected_result import ExpectedArray, ExpectedResult
from .verify import check_blocks

_LOW, _HIGH = -50.0, 100.0
"""ln(a / tan b) of a micrometre on a cliff, and of a river with all the water there is."""

_DAMAGED = "its result is damaged"


def check_wetness(folder: Path, plan: Plan) -> None:
    """Check what the task has left: each byte by its checksum, and whether values can be.

    Raises
    ------
    InvalidResultError
        If it does not count.
    """
    try:
        result = read_wetness_result(folder)
        met = result.account.instruction_set
        if met != plan.instruction_set:
            raise InvalidResultError(f"its result was computed with instruction set {met:.10}")
        encoded = result.encoded
        assert encoded is not None
        if encoded.layers != WETNESS_LAYERS:
            raise InvalidResultError("its result twi has another number of layers")
        check_blocks(folder / BLOCKS_FILE, encoded, _whole(plan), _expected(plan))
        if plan.wetness.is_needed:
            _check_cells(result, folder, plan)
    except (OSError, InputError):
        raise InvalidResultError(_DAMAGED) from None


def _whole(plan: Plan) -> Tile:
    """Return the whole DEM as a tile without surroundings."""
    window = Window(0, 0, *plan.grid.shape)
    return Tile(0, window, window)


def _expected(plan: Plan) -> ExpectedResult:
    array = ExpectedArray(None, _LOW, _HIGH, is_everywhere=True)
    encoding = wetness_encoding(plan.pyramid, plan.codec)
    return ExpectedResult(
        fingerprint={},
        instruction_set=plan.instruction_set,
        arrays=dict.fromkeys(WETNESS_LAYERS, array),
        days=0,
        ground=lambda window: _ground(plan, window),
        encoding=lambda tile: encoding,
    )


def _ground(plan: Plan, whole: Window) -> NDArray[np.bool_]:
    """Say where the DEM has values, reading some of it at a time."""
    ground = np.empty(whole.shape, np.bool_)
    with closing(WindowReader(plan.wetness.dem.path)) as reader:
        for window in windows(*whole.shape):
            ground[window.slices] = ~np.isnan(reader.read(*window.numbers))
    return ground


def _check_cells(result: TaskResult, folder: Path, plan: Plan) -> None:
    """Check the plain array, which tiles take their part of."""
    array = result.arrays["twi"]
    if array.place.offset or array.place.shape != plan.grid.shape:
        raise InvalidResultError(_DAMAGED)
    if array.place.sha256(folder) != array.sha256:
        raise InvalidResultError(_DAMAGED)
    layer = ArrayLayer(array.place, folder)
    with closing(WindowReader(plan.wetness.dem.path)) as reader:
        for window in windows(*plan.grid.shape):
            cells = layer.cut(window)
            there = ~np.isnan(cells)
            if (there != ~np.isnan(reader.read(*window.numbers))).any():
                raise InvalidResultError("its result twi has values elsewhere than the DEM")
            found = cells[there]
            if found.size and not (found.min() >= _LOW and found.max() <= _HIGH):
                raise InvalidResultError("its result twi holds values that cannot be")
