"""Placing encoded blocks in a cloud-optimised GeoTIFF, without decoding any.

A worker encodes blocks as a TIFF file has them, so here only ranges of bytes move: a map costs what
copying a file costs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..blocks.codec import Codec
from ..blocks.pyramid import Pyramid
from ..errors import ArgumentError, InputError
from ..errors.system import cannot_write
from ..grids.grid import Grid
from ._copy import Copier
from ._layout import laid_out
from ._template import metadata_fields
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
    head, offsets = laid_out(pyramid, codec, lengths, metadata)
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
