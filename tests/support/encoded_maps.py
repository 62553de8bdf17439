"""Encoded maps for tests: blocks as TIFF readers expect them, made with NumPy and zlib alone."""

import zlib

import numpy as np
import rasterio

from eemt_core import rasters
from eemt_core.blocks.codec import Codec
from eemt_core.blocks.pyramid import Pyramid
from eemt_core.grids.grid import Grid
from eemt_core.rasters import Run

UTM13_WKT = rasterio.CRS.from_epsg(32613).to_wkt()
TEXTS = dict(description="Global irradiation, January", units="Wh m-2")
TAGS = {"EEMT_PARAMETERS": '{"step_minutes": 15}', "STATISTICS_MEAN": "0.5", "EEMT_DAYS": "31"}


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


def grid(rows, cols):
    return Grid(rows, cols, 500_000.0, 4_000_000.0, 10.0, 20.0, 1.0, UTM13_WKT)


def cells_of(rows, cols):
    cells = np.random.default_rng(rows).normal(size=(rows, cols)).astype(np.float32)
    cells[rows // 5 : rows // 4, cols // 2 :] = np.nan
    return cells


def write(path, cells, edge=64, side=2, compress="deflate", **more):
    """Write a map of cells, whose blocks lie in runs of `side` x `side`; return its levels."""
    pyramid = Pyramid(*cells.shape, edge)
    levels = levels_of(cells, pyramid.levels)
    folder = path.parent / "blocks"
    folder.mkdir(exist_ok=True)
    runs = [
        runs_of(level, pyramid.edge_at(number), side, folder, f"{path.name}-{number}", compress)
        for number, level in enumerate(levels)
    ]
    place(path, cells.shape, runs, edge, compress, **more)
    return levels


def place(path, shape, runs, edge=64, compress="deflate", **more):
    rasters.write_cog(
        path,
        grid(*shape),
        pyramid=Pyramid(*shape, edge),
        codec=Codec(compress),
        levels=runs,
        **{**TEXTS, "tags": TAGS, **more},
    )
