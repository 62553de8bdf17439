"""Pieces of maps as pictures in the projection of web maps (EPSG:3857), 256 x 256 pixels each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Literal

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from PIL import Image
from rio_tiler.io import Reader
from rio_tiler.reader import read

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

_LAST_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
_MARGIN = 0.01
"""Of an extent in degrees, whose sides are curves in the map: so much more is looked at [share]."""

Values = NDArray[np.float32]
Resampling = Literal["nearest", "bilinear", "average"]
Box = tuple[float, float, float, float]
"""West, north, east, south of a part of the web map, which is 1 wide and 1 high."""


def boxes(west: float, south: float, east: float, north: float) -> tuple[Box, ...]:
    """Return where an extent [degrees] lies in the web map; across the date line in two parts.

    Examples
    --------
    >>> [[round(side, 2) for side in box] for box in boxes(-90.0, 0.0, 0.0, 60.0)]
    [[0.25, 0.29, 0.5, 0.5]]
    """
    width = (east - west) % 360.0 or 360.0
    more_lon, more_lat = _MARGIN * width, _MARGIN * (north - south)
    top, bottom = _row(north + more_lat), _row(south - more_lat)
    left = (west - more_lon + 180.0) / 360.0
    right = left + min((width + 2 * more_lon) / 360.0, 1.0)
    parts = ((left - turn, right - turn) for turn in (-1.0, 0.0, 1.0))
    cut = ((max(start, 0.0), min(end, 1.0)) for start, end in parts)
    return tuple((start, top, end, bottom) for start, end in cut if start < end)


def _row(latitude_deg: float) -> float:
    latitude_deg = min(max(latitude_deg, -_LAST_LATITUDE), _LAST_LATITUDE)
    return 0.5 - math.asinh(math.tan(math.radians(latitude_deg))) / (2.0 * math.pi)


def read_tile(
    reader: Reader,
    place: tuple[int, int, int],
    extent: Sequence[Box],
    resampling: Resampling = "nearest",
) -> Values | None:
    """Return the map's values in the tile (z, x, y), NaN where there are none; None outside.

    A pixel's value depends on its place alone and not on the tile, so tiles fit together. Only
    pixels within the map's extent are looked for: elsewhere on the Earth its projection may not
    even be defined, and it takes PROJ longest to find that.
    """
    z, x, y = place
    pixel_m = _EQUATOR_M / (PIXELS * 2**z)
    values: Values | None = None
    for west, north, east, south in extent:
        left, right = _pixels(west * 2**z - x, east * 2**z - x)
        top, bottom = _pixels(north * 2**z - y, south * 2**z - y)
        if left >= right or top >= bottom:
            continue
        corner_x_m = (x * PIXELS + left) * pixel_m - _EQUATOR_M / 2
        corner_y_m = _EQUATOR_M / 2 - (y * PIXELS + top) * pixel_m
        width, height = right - left, bottom - top
        part = read(
            reader.dataset,
            dst_crs=reader.tms.rasterio_crs,
            width=width,
            height=height,
            reproject_method=resampling,
            # the picture's own pixels, not those of the map's size that would be thinned out
            vrt_options={
                "transform": Affine(pixel_m, 0, corner_x_m, 0, -pixel_m, corner_y_m),
                "width": width,
                "height": height,
            },
        )
        if values is None:
            values = np.full((PIXELS, PIXELS), np.nan, np.float32)
        values[top:bottom, left:right] = part.array.filled(np.nan)[0]
    return values


def _pixels(start: float, end: float) -> tuple[int, int]:
    """Return the first pixel and that behind the last of a part of a tile, which is 1 wide."""
    return max(math.floor(start * PIXELS), 0), min(math.ceil(end * PIXELS), PIXELS)


def overview_level(grid: Grid, latitude_deg: float, z: int) -> int:
    """Return the overview of a map whose cells are nearest in size to a tile's pixels.

    Reading a tile takes the longer the more cells lie under a pixel. 0 is the map itself.

    Parameters
    ----------
    latitude_deg
        Of the map [degrees]; the same for all its tiles, so that none looks coarser than the next.
    """
    level = round(math.log2(max(_cells_per_pixel(grid, latitude_deg, z), 1.0)))
    return min(level, len(overview_factors(grid)))


def is_beyond_overviews(grid: Grid, latitude_deg: float, z: int) -> bool:
    """Say whether a pixel has more than one cell below it even in the last overview."""
    factors = overview_factors(grid)
    return _cells_per_pixel(grid, latitude_deg, z) > 2**0.5 * (factors[-1] if factors else 1)


def _cells_per_pixel(grid: Grid, latitude_deg: float, z: int) -> float:
    """Return how many cells lie along a side of a pixel."""
    x_m, y_m = grid.cell_size_m
    pixel_m = _EQUATOR_M * math.cos(math.radians(latitude_deg)) / (PIXELS * 2**z)
    return float(pixel_m / math.sqrt(x_m * y_m))


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
