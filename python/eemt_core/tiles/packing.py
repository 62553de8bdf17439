"""Packs what a tile's task takes in, without loss: terrain and other float32 grids.

A cell is much like the plane through its three neighbours to the north and west, so what is stored
is how far it is off, as a whole number: of steps between neighbouring float32 numbers, or of
hundredths of a metre, say, where all cells are such, as elevations often are. Small numbers leave
most of their bytes 0; Zstandard packs the first bytes of all cells, then the second ones, each by
themselves. It takes some 6 ns a cell and leaves about 1.2 to 2.1 of its 4 bytes
(`benchmarks/RESULTS.md`).

Nothing is read back here: a task checks its inputs by their checksums.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np
import zstandard
from numpy.typing import NDArray

from .. import _core
from ..grids.tiling import Window

Cells = NDArray[np.float32]

_LEVEL = 1
_STRIP_CELLS = 100_000
"""Strips of whole rows, of about so many cells, are packed each by itself: they stay in the cache
of a processor."""

_HEAD = struct.Struct("<H4I")
"""Of a strip: how many numbers make 1 (0 where cells are taken by their bits), and the bytes of
each of the four parts."""

_SCALES = (1, 10, 100, 1000)
_SAMPLE_CELLS = 1000
_NUMBERS = 2.0**31


def strip_rows(cols: int) -> int:
    """Return of how many rows a strip is.

    What is packed in bands of so many rows, or a multiple, one after the other, is the whole.
    """
    return max(1, _STRIP_CELLS // cols)


def pack(values: Cells) -> bytes:
    """Return the packed cells of a float32 array of two dimensions or more, for `unpack`."""
    cells = values.reshape(-1, values.shape[-1])
    return _packed(cells, zstandard.ZstdCompressor(level=_LEVEL), _scale_of(cells))


def pack_parts(values: Cells, parts: Iterable[Window]) -> Iterator[bytes]:
    """Yield the packed cells of parts of a grid, each to be unpacked by itself.

    For small ones it takes half the time of `pack`.
    """
    packer, scale = zstandard.ZstdCompressor(level=_LEVEL), _scale_of(values)
    return (_packed(values[part.slices], packer, scale) for part in parts)


def unpack(file: BinaryIO, shape: tuple[int, ...]) -> Cells:
    """Return the float32 array of this shape that was packed, read from where an open file stands.

    No more than a strip is in memory besides.

    Raises
    ------
    ValueError
        If it is no such array.
    """
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(f"nothing of the shape {shape} is packed")
    cells = np.empty(shape, np.float32)
    rows = cells.reshape(-1, shape[-1])
    reader = zstandard.ZstdDecompressor()
    for row0, row1 in _strips(rows.shape):
        strip = rows[row0:row1]
        head = file.read(_HEAD.size)
        if len(head) != _HEAD.size:
            raise ValueError("it is cut short")
        scale, *lengths = _HEAD.unpack(head)
        octets = np.empty((strip.size, 4), np.uint8)
        for number, length in enumerate(lengths):
            octets[:, number] = _unpacked(reader, file.read(length), strip.size)
        bits = _bits(octets.view("<u4").reshape(strip.shape))
        strip[...] = bits.view("<i4") / float(scale) if scale else bits.view("<f4")
    return cells


def _packed(values: Cells, packer: Any, scale: int) -> bytes:
    cells, parts = np.ascontiguousarray(values, "<f4"), []
    for row0, row1 in _strips(cells.shape):
        planes, taken = _core.blocks.pack_planes(cells[row0:row1], scale=scale)
        packed = [packer.compress(plane.data) for plane in planes]
        parts += [_HEAD.pack(taken, *map(len, packed)), *packed]
    return b"".join(parts)


def _strips(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Yield the first row of each strip and the one after its last."""
    rows, cols = shape
    step = strip_rows(cols)
    return ((row0, min(row0 + step, rows)) for row0 in range(0, rows, step))


def _scale_of(cells: Cells) -> int:
    """Return how many steps make 1 where the cells seem to be whole steps; 0 if they are not."""
    sample = cells.ravel()[:: max(1, cells.size // _SAMPLE_CELLS)]
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return 0
    # what `pack_planes` asks, of all scales at once: grids are many, and samples small
    scales = np.array(_SCALES, np.float64)[:, None]
    whole = np.rint(sample.astype(np.float64) * scales) + 0.0  # which makes -0.0 the number 0
    again = (whole / scales).astype("<f4")
    fit = (np.abs(whole) < _NUMBERS) & (again.view("<u4") == sample.view("<u4"))
    return next((scale for scale, fits in zip(_SCALES, fit.all(axis=1), strict=True) if fits), 0)


def _bits(folded: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the numbers whose differences from the planes through their neighbours these are.

    The sign is put last, so that numbers near 0 of either sign have zeros in front. All of it is
    reckoned modulo 2**32, so nothing is lost whatever the numbers are.
    """
    off = (folded >> 1) ^ (0 - (folded & 1))
    down: NDArray[np.uint32] = np.cumsum(off, axis=0, dtype=np.uint32)
    return np.cumsum(down, axis=1, dtype=np.uint32)


def _unpacked(reader: Any, packed: bytes, size: int) -> NDArray[np.uint8]:
    try:
        # a frame says its size, which must not be believed before it is looked at
        if zstandard.frame_content_size(packed) != size:
            raise ValueError("a part has another size")
        return np.frombuffer(reader.decompress(packed), np.uint8)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
