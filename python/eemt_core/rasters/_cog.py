"""Placing encoded blocks in a cloud-optimised GeoTIFF, without decoding any.

The directories are written here, not by a library: GDAL encodes each block itself, and tifffile,
which takes encoded blocks, writes a directory after the blocks of the one before and the map before
its overviews, while a cloud-optimised file begins with all directories and ends with the map. What
a CRS or metadata look like in a directory is GDAL's (`_template`).

The file does not claim GDAL's own layout (``LAYOUT=COG``): that promises each block's size before
it and its last bytes after it, which readers other than GDAL do not use.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..blocks.codec import TIFF_COMPRESSION, TIFF_PREDICTOR, Codec
from ..blocks.pyramid import Pyramid
from ..errors import ArgumentError, InputError
from ..errors.system import cannot_write
from ..grids.grid import Grid
from . import _tiff as tiff
from ._copy import Copier
from ._template import NODATA_TAG, metadata_fields
from ._whole import written_whole

_NOT_GIVEN = -1


class Run(NamedTuple):
    """Encoded blocks that follow each other in a file: a rectangle of a level, row by row.

    Attributes
    ----------
    file, offset
        Where the first of them begins.
    row, col
        The first block's place, in blocks of the level.
    rows, cols
        How many blocks.
    lengths
        (rows * cols,) bytes of each block; 0 for one without any valid cell that is not stored.
    """

    file: Path
    offset: int
    row: int
    col: int
    rows: int
    cols: int
    lengths: NDArray[np.integer]


def write_cog(
    path: str | Path,
    grid: Grid,
    *,
    pyramid: Pyramid,
    codec: Codec,
    levels: Sequence[Sequence[Run]],
    description: str,
    units: str,
    tags: Mapping[str, str] | None = None,
    nodata: float = float("nan"),
) -> None:
    """Write a map of float32 from encoded blocks; on failure no file of that name is left.

    Parameters
    ----------
    path
        The map's file; its folder must exist. An existing file is replaced.
    grid
        Grid of the whole map.
    pyramid, codec
        The levels and blocks of the map, and how blocks are compressed.
    levels
        The runs of each level, the full resolution first: together they hold each block once. The
        file's bytes depend on the blocks alone, not on how they are spread over runs.
    description, units, tags, nodata
        Metadata as `write_map` takes them.

    Raises
    ------
    ResourceError
        If the disk is full.
    InputError
        If a run's file is missing, cannot be read, or ends before the run does.
    ArgumentError
        If the runs leave out a block, hold one twice, or reach beyond the map.

    Notes
    -----
    All directories come first, then the blocks of the smallest overview, and so on to those of the
    full resolution, row by row. The file is a BigTIFF if it is longer than 4 GiB. One run at a time
    is copied, by the kernel where it can.
    """
    path = Path(path)
    if (pyramid.rows, pyramid.cols) != grid.shape or len(levels) != pyramid.levels:
        raise ArgumentError(
            f"a pyramid of {pyramid.rows} x {pyramid.cols} cells and {pyramid.levels} levels does "
            f"not fit a map of {grid.rows} x {grid.cols} cells and runs of {len(levels)} levels",
            field="pyramid",
        )
    lengths = [_lengths(pyramid.blocks(level), runs) for level, runs in enumerate(levels)]
    metadata = metadata_fields(grid, description, units, tags or {}, nodata)
    head, offsets = _laid_out(pyramid, codec, lengths, metadata)
    with written_whole(path) as temporary:
        try:
            target = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            _write_all(target, head)
            _copy_runs(target, levels, offsets)
        finally:
            os.close(target)


def _lengths(shape: tuple[int, int], runs: Sequence[Run]) -> NDArray[np.int64]:
    """Return the bytes of each block of a level, (blocks down, blocks across)."""
    lengths = np.full(shape, _NOT_GIVEN, np.int64)
    for run in runs:
        inside = 0 <= run.row <= shape[0] - run.rows and 0 <= run.col <= shape[1] - run.cols
        part = lengths[run.row : run.row + run.rows, run.col : run.col + run.cols]
        if not inside or len(run.lengths) != part.size or (part != _NOT_GIVEN).any():
            raise ArgumentError(
                f"a run of {run.rows} x {run.cols} blocks at ({run.row}, {run.col}) with "
                f"{len(run.lengths)} lengths reaches beyond the level's {shape[0]} x {shape[1]} "
                "blocks or holds one that another run holds",
                field="levels",
            )
        part[...] = np.reshape(run.lengths, part.shape)
    if missing := int((lengths < 0).sum()):
        raise ArgumentError(
            f"{missing} of a level's {shape[0]} x {shape[1]} blocks are in no run", field="levels"
        )
    return lengths


def _laid_out(
    pyramid: Pyramid,
    codec: Codec,
    lengths: list[NDArray[np.int64]],
    metadata: list[tiff.Field],
) -> tuple[bytes, list[NDArray[np.int64]]]:
    """Return the file's begin with all directories, and each block's offset by level."""
    for big in (False, True):
        nowhere = [np.zeros_like(level) for level in lengths]
        at = len(tiff.header(big=big))
        begins = []
        for fields in _directories(pyramid, codec, lengths, nowhere, metadata, big=big):
            begins.append(at)
            at += tiff.directory_bytes(fields, big=big)
        offsets, size = _block_offsets(lengths, at)
        if big or size <= tiff.LARGEST_CLASSIC_BYTES:
            break
    head = tiff.header(big=big)
    directories = _directories(pyramid, codec, lengths, offsets, metadata, big=big)
    for fields, begin, following in zip(directories, begins, [*begins[1:], 0], strict=True):
        head += tiff.directory(fields, begin, following, big=big)
    return head, offsets


def _block_offsets(
    lengths: list[NDArray[np.int64]], at: int
) -> tuple[list[NDArray[np.int64]], int]:
    """Return the offsets of all blocks from `at` on, the smallest level first, and their end."""
    offsets = []
    for level in reversed(lengths):
        ends = at + np.cumsum(level, dtype=np.int64).reshape(level.shape)
        offsets.append(np.where(level > 0, ends - level, 0))
        at = int(ends[-1, -1])
    return offsets[::-1], at


def _directories(
    pyramid: Pyramid,
    codec: Codec,
    lengths: list[NDArray[np.int64]],
    offsets: list[NDArray[np.int64]],
    metadata: list[tiff.Field],
    *,
    big: bool,
) -> list[list[tiff.Field]]:
    """Return the fields of each level's directory."""
    nodata = [field for field in metadata if field.tag == NODATA_TAG]
    return [
        [
            tiff.numbers(254, tiff.LONG, [1 if level else 0]),  # NewSubfileType: overview or not
            tiff.numbers(256, tiff.LONG, [pyramid.shape(level)[1]]),  # ImageWidth
            tiff.numbers(257, tiff.LONG, [pyramid.shape(level)[0]]),  # ImageLength
            tiff.numbers(258, tiff.SHORT, [32]),  # BitsPerSample
            tiff.numbers(259, tiff.SHORT, [TIFF_COMPRESSION[codec.compress]]),
            tiff.numbers(262, tiff.SHORT, [1]),  # PhotometricInterpretation: black is zero
            tiff.numbers(277, tiff.SHORT, [1]),  # SamplesPerPixel
            tiff.numbers(284, tiff.SHORT, [1]),  # PlanarConfiguration: contiguous
            tiff.numbers(317, tiff.SHORT, [TIFF_PREDICTOR]),
            tiff.numbers(322, tiff.SHORT, [pyramid.edge]),  # TileWidth
            tiff.numbers(323, tiff.SHORT, [pyramid.edge]),  # TileLength
            tiff.numbers(324, tiff.LONG8 if big else tiff.LONG, offsets[level]),
            tiff.numbers(325, tiff.LONG, lengths[level]),  # TileByteCounts
            tiff.numbers(339, tiff.SHORT, [3]),  # SampleFormat: floating point
            *(nodata if level else metadata),
        ]
        for level in range(pyramid.levels)
    ]


def _copy_runs(
    target: int, levels: Sequence[Sequence[Run]], offsets: list[NDArray[np.int64]]
) -> None:
    """Copy all blocks, opening each file once and reading it from its begin to its end."""
    work = sorted(
        ((level, run) for level, runs in enumerate(levels) for run in runs),
        key=lambda item: (str(item[1].file), item[1].offset),
    )
    name, source = None, -1
    try:
        for level, run in work:
            if run.file != name:
                if source >= 0:
                    os.close(source)
                    source = -1
                source, name = _opened(run.file), run.file
                copier = Copier(source, target)
            for start, to, length in _ranges(run, offsets[level]):
                if not copier.copy(start, to, length):
                    raise InputError(
                        f"{run.file} ends before the blocks that it should hold",
                        remedy="<<resume>> computes its tile again",
                    )
    finally:
        if source >= 0:
            os.close(source)


def _ranges(run: Run, offsets: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Return (start, to, bytes) of what is to be copied; neighbours in both files are one range."""
    part = offsets[run.row : run.row + run.rows, run.col : run.col + run.cols].reshape(-1)
    start = run.offset
    ranges: list[tuple[int, int, int]] = []
    for to, length in zip(part.tolist(), np.asarray(run.lengths).tolist(), strict=True):
        if length:
            last = ranges[-1] if ranges else (0, -1, 0)
            if last[1] + last[2] == to:
                ranges[-1] = (last[0], last[1], last[2] + length)
            else:
                ranges.append((start, to, length))
        start += length
    return ranges


def _opened(file: Path) -> int:
    try:
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror})",
            remedy="<<resume>> computes its tile again",
        ) from error


def _write_all(target: int, content: bytes) -> None:
    view, at = memoryview(content), 0
    while at < len(view):
        at += os.pwrite(target, view[at:], at)
