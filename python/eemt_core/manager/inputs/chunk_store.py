"""What many tiles take in of the same terrain: packed once, kept in a file, put together anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...errors.system import cannot_write
from ...grids.tiling import Tiling, Window
from ...tiles.chunks import ChunkGrid, Chunks, nothing
from ...tiles.packing import pack_parts

ReadWindow = Callable[[Window], NDArray[np.float32]]
"""Returns a window of a grid, (rows, cols) float32."""

_SMALLEST, _LARGEST_OF_DEM, _LARGEST_OF_LEVELS = 32, 128, 64
"""Edges of squares [cells]. Small ones take longer to pack and unpack, twice as long at 64 as at
128; of large ones more is only touched by a window, above all around the hole that finer terrain
leaves in a level of the far field."""

_NOWHERE = 0
"""Where a square begins that is not packed yet."""


def dem_edge(tiling: Tiling) -> int:
    """Return the edge of a DEM's squares: a part of the halo, so that windows begin on borders."""
    half_a_halo: int = 1 << max(0, tiling.halo_cells.bit_length() - 2)
    return min(max(half_a_halo, _SMALLEST), _LARGEST_OF_DEM)


def level_edge(tiling: Tiling) -> int:
    """Return the edge of the squares of the far field's levels."""
    return min(dem_edge(tiling), _LARGEST_OF_LEVELS)


class ChunkFile:
    """Packed squares of any grids, one behind the other in a file of its own."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._end = path, 0
        self._file = path.open("w+b", buffering=0)
        self.append(b"\0")  # so that no square begins at `_NOWHERE`

    def append(self, packed: bytes) -> int:
        """Write a square; return where it begins.

        Raises
        ------
        ResourceError
            If the disk does not hold it.
        """
        begin, left = self._end, memoryview(packed)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self._file.seek(begin)  # what was written of it belongs to nobody
            raise cannot_write(self._path, error) from None
        self._end += len(packed)
        return begin

    def read(self, begin: int, length: int) -> bytes:
        """Return what lies there.

        Raises
        ------
        InputError
            If it is gone.
        """
        content = os.pread(self._file.fileno(), length, begin)
        while len(content) < length:  # the system reads 2 GiB at once at the most
            more = os.pread(self._file.fileno(), length - len(content), begin + len(content))
            if not more:
                raise InputError(
                    f"{self._path} was cut short", remedy="begin again with <<resume>>"
                )
            content += more
        return content

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class ChunkStore:
    """The squares of one grid; each is packed when a window first touches it.

    Parameters
    ----------
    grid
        How it is cut.
    read
        Gives the cells of a window.
    file
        Where squares are kept.
    """

    def __init__(self, grid: ChunkGrid, read: ReadWindow, file: ChunkFile) -> None:
        self._grid, self._read, self._file = grid, read, file
        self._begins = np.zeros((grid.down, grid.across), np.int64)
        self._lengths = np.zeros((grid.down, grid.across), np.int32)

    def cut(self, window: Window, hidden: Window | None = None) -> Chunks:
        """Return a window's squares; those that lie in `hidden` hold no values."""
        rows, cols = self._grid.touched(window)
        wanted = np.ones((len(rows), len(cols)), np.bool_)
        if hidden is not None:
            edge = self._grid.edge
            wanted[
                _inside(hidden.row0, hidden.row1, edge, rows),
                _inside(hidden.col0, hidden.col1, edge, cols),
            ] = False
        here = (slice(rows.start, rows.stop), slice(cols.start, cols.stop))
        missing = wanted & (self._begins[here] == _NOWHERE)
        for part in _rectangles(missing) if missing.any() else ():
            self._pack(rows[part.row0 : part.row1], cols[part.col0 : part.col1])
        return Chunks(self._grid, window, b"".join(self._pieces(rows, cols, wanted)))

    def _pack(self, rows: range, cols: range) -> None:
        """Pack some squares of the grid that lie together."""
        first, last = self._grid.square(rows[0], cols[0]), self._grid.square(rows[-1], cols[-1])
        whole = Window(first.row0, first.col0, last.row1 - first.row0, last.col1 - first.col0)
        values = self._read(whole)
        places = [(row, col) for row in rows for col in cols]
        squares = (self._grid.square(*place).relative_to(whole) for place in places)
        for place, packed in zip(places, pack_parts(values, squares), strict=True):
            self._begins[place] = self._file.append(packed)
            self._lengths[place] = len(packed)

    def _pieces(self, rows: range, cols: range, wanted: NDArray[np.bool_]) -> Iterator[bytes]:
        """Yield the squares, at once where they lie one behind the other in the file."""
        begin = end = 0
        for row, are_wanted in zip(rows, wanted.tolist(), strict=True):
            here = slice(cols.start, cols.stop)
            begins, lengths = self._begins[row, here].tolist(), self._lengths[row, here].tolist()
            for col, is_wanted, place, length in zip(
                cols, are_wanted, begins, lengths, strict=True
            ):
                if is_wanted and place == end:
                    end += length
                    continue
                if end > begin:
                    yield self._file.read(begin, end - begin)
                begin = end = 0
                if is_wanted:
                    begin, end = place, place + length
                else:
                    yield nothing(*self._grid.square(row, col).shape)
        if end > begin:
            yield self._file.read(begin, end - begin)


def _inside(begin: int, end: int, edge: int, squares: range) -> slice:
    """Return which of some squares along an axis lie between two cells, by their place in it."""
    return slice(max(0, -(-begin // edge) - squares.start), max(0, end // edge - squares.start))


def _rectangles(missing: NDArray[np.bool_]) -> Iterator[Window]:
    """Yield rectangles that together are what is missing, each of equal runs of some rows."""
    before: list[Window] = []
    row_before = -1
    for row, ends in _ends_of_runs(missing).items():
        runs = list(zip(ends[::2], ends[1::2], strict=True))
        if row == row_before + 1 and [(part.col0, part.col1) for part in before] == runs:
            before = [Window(p.row0, p.col0, p.rows + 1, p.cols) for p in before]
        else:
            yield from before
            before = [Window(row, begin, 1, end - begin) for begin, end in runs]
        row_before = row
    yield from before


def _ends_of_runs(missing: NDArray[np.bool_]) -> dict[int, list[int]]:
    """Return, of each row that has any, where its runs begin and end by turns."""
    padded = np.zeros((missing.shape[0], missing.shape[1] + 2), np.bool_)
    padded[:, 1:-1] = missing
    ends: dict[int, list[int]] = {}
    for row, col in np.argwhere(padded[:, 1:] != padded[:, :-1]).tolist():
        ends.setdefault(row, []).append(col)
    return ends
