"""Made mountains of any size: relief, slopes and ruggedness like those of real ranges.

Every octave is smooth noise on a lattice of its own (cubic B-splines through random numbers),
half as wide and two thirds as high as the one before; the large ones also decide
how rugged a place is, so that there are valley floors and faces. A place's elevation depends on
its position and the seed alone, so a DEM can be made block by block and cut anywhere.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

CELL_M = 30.0
CRS = "EPSG:32613"
WEST_M, NORTH_M = 420_000.0, 4_480_000.0  # the Front Range in Colorado, 40 degrees north
BLOCK = 1024

_SEED = 2016
_LONGEST_M, _OCTAVES = 15_360.0, 8  # down to 120 m, four cells
_HEIGHT_M, _DECAY = 400.0, 0.64  # of the first octave; each next one's share
_BASE_M = 2600.0


def write_mountains(path: Path, rows: int, cols: int) -> Path:
    """Write a GeoTIFF of float32 elevations [m] in cells of 30 m."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=rows,
        width=cols,
        count=1,
        dtype="float32",
        nodata=float("nan"),
        crs=CRS,
        transform=Affine(CELL_M, 0, WEST_M, 0, -CELL_M, NORTH_M),
        tiled=True,
        blockxsize=512,
        blockysize=512,
    ) as target:
        for row0, col0, height, width in _blocks(rows, cols):
            window = ((row0, row0 + height), (col0, col0 + width))
            target.write(elevation_m(row0, col0, height, width), 1, window=window)
    return path


def elevation_m(row0: int, col0: int, rows: int, cols: int) -> NDArray[np.float32]:
    """Return the elevations of a window of the endless range."""
    y, x = (row0 + np.arange(rows)) * CELL_M, (col0 + np.arange(cols)) * CELL_M
    total = np.zeros((rows, cols))
    rugged = np.ones((rows, cols))
    height_m, length_m = _HEIGHT_M, _LONGEST_M
    for octave in range(_OCTAVES):
        noise = _smooth_noise(octave, y / length_m, x / length_m)
        total += height_m * rugged * noise
        if octave == 1:
            # high ground is rough and valleys are smooth
            rugged = np.clip(1.0 + 0.8 * total / _HEIGHT_M, 0.35, 1.8)
        height_m, length_m = height_m * _DECAY, length_m / 2.0
    return np.round(_BASE_M + total, 2).astype(np.float32)


def _blocks(rows: int, cols: int) -> Iterator[tuple[int, int, int, int]]:
    for row0 in range(0, rows, BLOCK):
        for col0 in range(0, cols, BLOCK):
            yield row0, col0, min(BLOCK, rows - row0), min(BLOCK, cols - col0)


def _smooth_noise(
    octave: int, y: NDArray[np.float64], x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return noise of variance about 1 at (y, x), counted in cells of the octave's lattice."""
    top, left = int(np.floor(y[0])), int(np.floor(x[0]))
    bottom, right = int(np.floor(y[-1])) + 4, int(np.floor(x[-1])) + 4
    lattice = np.array([_row(octave, i)[left:right] for i in range(top, bottom)])
    noise: NDArray[np.float64] = _splines(y - top, bottom - top) @ lattice
    return 2.0 * noise @ _splines(x - left, right - left).T


@cache
def _row(octave: int, row: int) -> NDArray[np.float64]:
    """Return a row of a lattice, long enough for any DEM here; its own generator makes it."""
    length = 4 + int(2_000_000 / (_LONGEST_M / 2**octave))
    return np.random.default_rng((_SEED, octave, row)).standard_normal(length)


def _splines(position: NDArray[np.float64], knots: int) -> NDArray[np.float64]:
    """Return (positions, knots): the four cubic B-splines that are not 0 at each position."""
    first = np.floor(position).astype(int)
    t = position - first
    weights = np.array(
        [(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]
    )
    matrix = np.zeros((len(position), knots))
    for k in range(4):
        matrix[np.arange(len(position)), first + k] = weights[k] / 6.0
    return matrix
