"""Encoded maps for tests: blocks as TIFF readers expect them, made with NumPy and zlib alone."""

import zlib

import numpy as np

from eemt_core.rasters import Run


def encoded(cells, compress="deflate"):
    """A block as a TIFF of predictor 3 stores it: bytes of a row by significance, differences."""
    rows = np.ascontiguousarray(cells, ">f4").view(np.uint8).reshape(len(cells), -1, 4)
    planes = rows.transpose(0, 2, 1).reshape(len(cells), -1)
    content = np.diff(planes, axis=1, prepend=np.uint8(0)).tobytes()
    if compress == "deflate":
        return zlib.compress(content, 1)
    import zstandard

    return zstandard.compress(content)


def halved(cells):
    """Means of the valid cells in each two by two, in double precision; the sizes round up."""
    rows, cols = (-(-n // 2) for n in cells.shape)
    padded = np.full((2 * rows, 2 * cols), np.nan)
    padded[: cells.shape[0], : cells.shape[1]] = cells
    quads = padded.reshape(rows, 2, cols, 2)
    count = np.isfinite(quads).sum(axis=(1, 3))
    total = np.where(np.isfinite(quads), quads, 0.0).sum(axis=(1, 3))
    mean = np.where(count, total / np.maximum(count, 1), np.nan)
    return mean.astype(np.float32)


def levels_of(cells, count):
    """The map's cells and those of its overviews, `count` levels in all."""
    levels = [np.asarray(cells, np.float32)]
    while len(levels) < count:
        levels.append(halved(levels[-1]))
    return levels


def block_of(cells, row, col, edge):
    """A block of a level, with NaN beyond the level's cells."""
    block = np.full((edge, edge), np.nan, np.float32)
    part = cells[row * edge : (row + 1) * edge, col * edge : (col + 1) * edge]
    block[: part.shape[0], : part.shape[1]] = part
    return block


def runs_of(cells, edge, side, folder, name, compress="deflate"):
    """The runs of one level, of `side` x `side` blocks each, every run in a file of its own."""
    down, across = (-(-n // edge) for n in cells.shape)
    runs = []
    for row in range(0, down, side):
        for col in range(0, across, side):
            rows, cols = min(side, down - row), min(side, across - col)
            blocks = [
                encoded(block_of(cells, row + i, col + j, edge), compress)
                for i in range(rows)
                for j in range(cols)
            ]
            file = folder / f"{name}-{row}-{col}.blocks"
            file.write_bytes(b"other" + b"".join(blocks) + b"more")
            lengths = np.array([len(block) for block in blocks])
            runs.append(Run(file, 5, row, col, rows, cols, lengths))
    return runs
