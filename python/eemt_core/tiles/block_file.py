"""A raster's cells in one file, by blocks with a checksum each: a window is read and verified.

A task reads so its window of a DEM that lies on storage which manager and workers share, without
reading the rest of it and without a library for rasters. The blocks follow each other row by row,
each little-endian float32 in C order; those at the lower and right edge are smaller.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..grids.tiling import Window

BLOCK_CELLS = 512
"""Edge of a block [cells]."""

_TYPE = np.dtype("<f4")


@dataclass(frozen=True)
class BlockCut:
    """A window of a raster in a block file.

    Attributes
    ----------
    file
        Name of the file.
    shape
        Rows and columns of the whole raster.
    window
        The window, which lies within it.
    sha256
        Of each block that the window touches, row by row.
    """

    file: str
    shape: tuple[int, int]
    window: Window
    sha256: tuple[str, ...]

    def read(self, folder: Path) -> NDArray[np.float32]:
        """Return the window's cells, (rows, cols) float32; `folder` is where the file lies.

        Raises
        ------
        InputError
            If the file is missing or too short, or a block has another checksum.
        """
        window, cells = self.window, np.empty(self.window.shape, _TYPE)
        blocks = list(_blocks(self.shape, window))
        path = folder / self.file
        if len(blocks) != len(self.sha256):
            raise InputError(f"{path} has {len(blocks)} blocks there, not {len(self.sha256)}")
        try:
            with path.open("rb", buffering=0) as file:
                for block, expected in zip(blocks, self.sha256, strict=True):
                    file.seek(block.offset)
                    content = file.read(block.cells * _TYPE.itemsize)
                    if hashlib.sha256(content).hexdigest() != expected:
                        raise InputError(f"{path} is damaged, since a block has another checksum")
                    values = np.frombuffer(content, _TYPE).reshape(block.rows, block.cols)
                    _put(values, block, cells, window)
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror})") from None
        return cells


@dataclass(frozen=True)
class BlockFile:
    """A whole raster in a block file: its name, rows and columns, and the SHA-256 of each block."""

    file: str
    shape: tuple[int, int]
    sha256: tuple[str, ...]

    def cut(self, window: Window) -> BlockCut:
        """Return a window of it."""
        across = -(-self.shape[1] // BLOCK_CELLS)
        numbers = (block.row * across + block.col for block in _blocks(self.shape, window))
        return BlockCut(self.file, self.shape, window, tuple(self.sha256[n] for n in numbers))


def write_blocks(
    path: Path,
    shape: tuple[int, int],
    read: Callable[[Window], NDArray[np.float32]],
    told: Callable[[int], object] = lambda rows: None,
) -> BlockFile:
    """Write a raster into a new file.

    Parameters
    ----------
    shape
        Rows and columns.
    read
        Gives the cells of a window, (rows, cols).
    told
        Called with the number of rows written so far.
    """
    rows, cols = shape
    checksums = []
    with path.open("xb") as file:
        for row0 in range(0, rows, BLOCK_CELLS):
            strip = read(Window(row0, 0, min(BLOCK_CELLS, rows - row0), cols))
            for col0 in range(0, cols, BLOCK_CELLS):
                content = strip[:, col0 : col0 + BLOCK_CELLS].astype(_TYPE).tobytes()
                checksums.append(hashlib.sha256(content).hexdigest())
                file.write(content)
            told(row0 + strip.shape[0])
    return BlockFile(path.name, shape, tuple(checksums))


@dataclass(frozen=True)
class _Block:
    row: int
    col: int
    rows: int
    cols: int
    offset: int

    @property
    def cells(self) -> int:
        return self.rows * self.cols


def _blocks(shape: tuple[int, int], window: Window) -> Iterator[_Block]:
    """Yield the blocks that a window touches, row by row."""
    for row in range(window.row0 // BLOCK_CELLS, -(-(window.row0 + window.rows) // BLOCK_CELLS)):
        for col in range(
            window.col0 // BLOCK_CELLS, -(-(window.col0 + window.cols) // BLOCK_CELLS)
        ):
            rows = min(BLOCK_CELLS, shape[0] - row * BLOCK_CELLS)
            cols = min(BLOCK_CELLS, shape[1] - col * BLOCK_CELLS)
            before = row * BLOCK_CELLS * shape[1] + col * BLOCK_CELLS * rows
            yield _Block(row, col, rows, cols, before * _TYPE.itemsize)


def _put(
    values: NDArray[np.float32], block: _Block, cells: NDArray[np.float32], window: Window
) -> None:
    """Copy what a block and a window have in common."""
    row0, col0 = block.row * BLOCK_CELLS, block.col * BLOCK_CELLS
    top, left = max(row0, window.row0), max(col0, window.col0)
    bottom = min(row0 + block.rows, window.row0 + window.rows)
    right = min(col0 + block.cols, window.col0 + window.cols)
    target = cells[
        top - window.row0 : bottom - window.row0, left - window.col0 : right - window.col0
    ]
    target[...] = values[top - row0 : bottom - row0, left - col0 : right - col0]
