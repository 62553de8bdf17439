"""Where everything lies in a cloud-optimised GeoTIFF: directories first, the full resolution last.

The directories are written here, not by a library: GDAL encodes each block itself, and tifffile,
which takes encoded blocks, writes a directory after the blocks of the one before and the map before
its overviews, while a cloud-optimised file begins with all directories and ends with the map. What
a CRS or metadata look like in a directory is GDAL's (`_template`).

The file does not claim GDAL's own layout (``LAYOUT=COG``): that promises each block's size before
it and its last bytes after it, which readers other than GDAL do not use.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..blocks.codec import TIFF_COMPRESSION, TIFF_PREDICTOR, Codec
from ..blocks.pyramid import Pyramid
from . import _tiff as tiff
from ._template import NODATA_TAG


def laid_out(
    pyramid: Pyramid,
    codec: Codec,
    lengths: list[NDArray[np.int64]],
    metadata: list[tiff.Field],
) -> tuple[bytes, list[NDArray[np.int64]]]:
    """Return the file's begin with all directories, and each level's offsets of blocks.

    Parameters
    ----------
    lengths
        (blocks down, blocks across) bytes of each block, for each level; 0 if it is not stored.
    metadata
        Fields of the map's directory beside those that say how cells are stored.
    """
    for big in (False, True):
        # without places of blocks, which follow from the directories' bytes
        directories = _directories(pyramid, codec, lengths, metadata, big=big)
        at = len(tiff.header(big=big))
        begins = []
        for fields in directories:
            begins.append(at)
            at += tiff.directory_bytes(fields, big=big)
        offsets, size = _block_offsets(lengths, at)
        if big or size <= tiff.LARGEST_CLASSIC_BYTES:
            break
    head = tiff.header(big=big)
    for level, (fields, following) in enumerate(zip(directories, [*begins[1:], 0], strict=True)):
        fields[-1] = tiff.numbers(*fields[-1][:2], offsets[level])
        head += tiff.directory(fields, begins[level], following, big=big)
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
    metadata: list[tiff.Field],
    *,
    big: bool,
) -> list[list[tiff.Field]]:
    """Return the fields of each level's directory; the last one is TileOffsets, all zero."""
    nodata = [field for field in metadata if field.tag == NODATA_TAG]
    return [
        [
            *_storage(pyramid, codec, level),
            tiff.numbers(325, tiff.LONG, lengths[level]),  # TileByteCounts
            *(nodata if level else metadata),
            tiff.numbers(324, tiff.LONG8 if big else tiff.LONG, np.zeros_like(lengths[level])),
        ]
        for level in range(pyramid.levels)
    ]


@lru_cache(maxsize=64)
def _storage(pyramid: Pyramid, codec: Codec, level: int) -> tuple[tiff.Field, ...]:
    """Return the fields that say how a level is stored, which all maps of a run have in common."""
    return (
        tiff.numbers(254, tiff.LONG, [1 if level else 0]),  # NewSubfileType: overview or not
        tiff.numbers(256, tiff.LONG, [pyramid.shape(level)[1]]),  # ImageWidth
        tiff.numbers(257, tiff.LONG, [pyramid.shape(level)[0]]),  # ImageLength
        tiff.numbers(258, tiff.SHORT, [32]),  # BitsPerSample
        tiff.numbers(259, tiff.SHORT, [TIFF_COMPRESSION[codec.compress]]),
        tiff.numbers(262, tiff.SHORT, [1]),  # PhotometricInterpretation: black is zero
        tiff.numbers(277, tiff.SHORT, [1]),  # SamplesPerPixel
        tiff.numbers(284, tiff.SHORT, [1]),  # PlanarConfiguration: contiguous
        tiff.numbers(317, tiff.SHORT, [TIFF_PREDICTOR]),
        tiff.numbers(322, tiff.SHORT, [pyramid.edge_at(level)]),  # TileWidth
        tiff.numbers(323, tiff.SHORT, [pyramid.edge_at(level)]),  # TileLength
        tiff.numbers(339, tiff.SHORT, [3]),  # SampleFormat: floating point
    )
