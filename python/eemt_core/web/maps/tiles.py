"""Pieces of maps as pictures in the projection of web maps (EPSG:3857), 256 x 256 pixels each."""

from __future__ import annotations

import math
from functools import cache
from io import BytesIO
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rio_tiler.errors import TileOutsideBounds
from rio_tiler.io import Reader

from ...grids.grid import Grid
from ...quicklook.styles import colour_table
from ...rasters import overview_factors

PIXELS = 256
DEEPEST = 24
"""Level of detail at which a pixel is about a centimetre."""

_EQUATOR_M = 40_075_016.68557849
"""Circumference of the Earth in web maps [m]."""

COUNT = 255
"""Colours of a scale: the palette of a PNG has 256, of which one is transparent."""

Values = NDArray[np.float32]


def read_tile(
    reader: Reader, z: int, x: int, y: int, resampling: Literal["nearest", "bilinear"] = "nearest"
) -> Values | None:
    """Return the map's values in a tile, NaN where there are none; None if it lies outside.

    A pixel's value depends on its place alone and not on the tile, so tiles fit together.
    """
    if x >= 2**z or y >= 2**z:
        return None
    try:
        image = reader.tile(x, y, z, resampling_method=resampling, reproject_method=resampling)
    except TileOutsideBounds:
        return None
    values: Values = image.array.filled(np.nan)[0]
    return values


def overview_level(grid: Grid, latitude_deg: float, z: int) -> int:
    """Return the overview of a map whose cells are nearest in size to a tile's pixels.

    Reading a tile takes the longer the more cells lie under a pixel. 0 is the map itself.

    Parameters
    ----------
    latitude_deg
        Of the map [degrees]; the same for all its tiles, so that none looks coarser than the next.
    """
    x_m, y_m = grid.cell_size_m
    pixel_m = _EQUATOR_M * math.cos(math.radians(latitude_deg)) / (PIXELS * 2**z)
    level = round(math.log2(max(pixel_m / math.sqrt(x_m * y_m), 1.0)))
    return min(level, len(overview_factors(grid)))


def coloured(values: Values, colours: str, low: float, high: float) -> bytes:
    """Return values as a PNG with a palette; what lies beyond low and high has the last colour."""
    palette = np.vstack([np.zeros((1, 3), np.uint8), colour_table(colours, COUNT)])
    return _png(_classes(values, low, high), palette)


def grey(values: Values, low: float, high: float) -> bytes:
    """Return values as a grey PNG, from black to white."""
    return _png(_classes(values, low, high), None)


@cache
def blank() -> bytes:
    """Return a transparent tile."""
    return grey(np.full((PIXELS, PIXELS), np.nan, np.float32), 0.0, 1.0)


def _classes(values: Values, low: float, high: float) -> NDArray[np.uint8]:
    """Return the number of each value's colour, from 1 on; 0 where there is no value."""
    share = (values.astype(np.float64) - low) / (high - low)
    numbers = np.clip(np.floor(np.nan_to_num(share) * COUNT), 0, COUNT - 1) + 1
    numbers[np.isnan(share)] = 0
    return numbers.astype(np.uint8)


def _png(numbers: NDArray[np.uint8], palette: NDArray[np.uint8] | None) -> bytes:
    image, file = Image.fromarray(numbers), BytesIO()
    if palette is not None:
        image.putpalette(palette.tobytes())
    # level 1 takes a third of the time of the usual level 6, for a third more bytes
    image.save(file, "PNG", compress_level=1, transparency=0)
    return file.getvalue()
