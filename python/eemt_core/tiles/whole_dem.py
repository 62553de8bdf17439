"""The whole DEM as the task of the wetness index takes it in, packed as tiles' inputs are.

Neither writer nor reader has it in memory twice, since it may be most of what a machine has.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .packing import pack, strip_rows, unpack

WHOLE_DEM_FILE = "dem.packed"

ReadRows = Callable[[int, int], NDArray[np.float32]]
"""Returns a number of rows from a row on, (number, cols) float32."""

_SHAPE = struct.Struct("<2Q")
_ROWS_AT_ONCE = 64


def write_whole_dem(folder: Path, shape: tuple[int, int], read: ReadRows) -> str:
    """Write the elevations [m] of a whole DEM, some rows at a time; return the file's name."""
    rows, cols = shape
    strip = strip_rows(cols)
    step = max(strip, _ROWS_AT_ONCE // strip * strip)
    with (folder / WHOLE_DEM_FILE).open("wb") as file:
        file.write(_SHAPE.pack(rows, cols))
        for row in range(0, rows, step):
            file.write(pack(read(row, min(step, rows - row))))
    return WHOLE_DEM_FILE


def whole_dem_shape(folder: Path) -> tuple[int, int]:
    """Return the rows and columns of what `write_whole_dem` wrote.

    Raises
    ------
    InputError
        If it is no such file.
    """
    with _opened(folder) as (_, shape):
        return shape


def read_whole_dem(folder: Path) -> NDArray[np.float32]:
    """Return what `write_whole_dem` wrote, (rows, cols) float32 [m].

    Raises
    ------
    InputError
        If it is no such file.
    """
    with _opened(folder) as (file, shape):
        return unpack(file, shape)


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[BinaryIO, tuple[int, int]]]:
    """Give the open file behind its head, and the shape that this tells."""
    path = folder / WHOLE_DEM_FILE
    try:
        with path.open("rb") as file:
            rows, cols = _SHAPE.unpack(file.read(_SHAPE.size))
            yield file, (rows, cols)
    except (OSError, ValueError, struct.error) as error:
        raise InputError(f"{path} cannot be read as a DEM: {error}") from None
