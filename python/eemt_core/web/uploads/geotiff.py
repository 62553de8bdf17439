"""What is asked of every GeoTIFF from a stranger, in the process that looks at it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...errors import InputError
from ...grids.grid import METRES_PER_DEGREE, Grid
from ...rasters import true_size

MOST_CHECKED_CELLS = 300_000_000
"""Of a raster with more cells some are looked at; all would take minutes."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def require_tiff(path: Path, holds: str) -> None:
    """Raise `InputError` unless a file begins as a TIFF, and as nothing else that GDAL knows.

    `holds` says what it should hold.
    """
    with path.open("rb") as file:
        head = file.read(2048)
    if not head:
        raise InputError(f"{path} is empty", remedy="give a GeoTIFF")
    if not head.startswith(_TIFF) or b"<VRTDataset" in head:
        raise InputError(f"{path} is no GeoTIFF", remedy=f"give {holds} as a GeoTIFF")


def cell_size_m(grid: Grid) -> list[float]:
    """Return the edges of the middle cell on the ground [m]."""
    if not grid.is_geographic:
        return [float(size) for size in true_size(grid).cell_size_m]
    south, north = grid.bounds[1], grid.bounds[3]
    narrow = float(np.cos(np.radians((south + north) / 2)))
    return [grid.dx * METRES_PER_DEGREE * narrow, grid.dy * METRES_PER_DEGREE]
