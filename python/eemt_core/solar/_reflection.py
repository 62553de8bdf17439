"""The light of a cell's surroundings: what the terrain in its view has to reflect.

A cell sees sky in a share of its hemisphere and terrain in the rest. That terrain has the light of
the country around, not that of the cell: a shaded slope faces a sunny one. So the reflected light
comes from the mean irradiation of horizontal ground over a square of 113 x 113 cells about the
cell. It is sampled at every eighth row and column of the raster (225 cells), which gives nearly the
same mean for a sixty-fourth of the work. Where the square holds no sample with data, as around an
island of a few cells, there is no such mean; `_landscape` then takes the cell's own light.
"""

from __future__ import annotations

import numpy as np

from .._arrays import FloatArray

SAMPLE_STRIDE = 8
_RADIUS_SAMPLES = 7
# Samples are computed in blocks of 8 x 8: the blocks of windows cut at multiples of 64 cells
# are those of the whole raster.
SAMPLE_BLOCK = 8
# Cells beyond a window whose light its own cells need: the radius, and one sample more to
# interpolate between.
MARGIN_CELLS = SAMPLE_STRIDE * (_RADIUS_SAMPLES + 1)


def sampled(anchor: tuple[int, int]) -> tuple[slice, slice, tuple[int, int]]:
    """Slices of a window at `anchor` that hold the raster's samples, and the first's index.

    The index counts samples: the cell (8 i, 8 j) of the raster is sample (i, j).
    """
    skip_row, skip_col = -anchor[0] % SAMPLE_STRIDE, -anchor[1] % SAMPLE_STRIDE
    first = (anchor[0] + skip_row) // SAMPLE_STRIDE, (anchor[1] + skip_col) // SAMPLE_STRIDE
    return slice(skip_row, None, SAMPLE_STRIDE), slice(skip_col, None, SAMPLE_STRIDE), first


def mean_over_surroundings(
    light: FloatArray,
    first_sample: tuple[int, int],
    anchor: tuple[int, int],
    shape: tuple[int, ...],
) -> FloatArray:
    """Mean of the sampled light around each cell of a window.

    Parameters
    ----------
    light
        (groups, rows, cols) array of samples, NaN where there is no data.
    first_sample
        Index of light's first sample in the raster.
    anchor, shape
        First cell of the window in the raster, and its (rows, cols).

    Returns
    -------
    mean
        (groups, rows, cols) array of `shape`; the samples around a cell that have no data do
        not count; NaN where none has.

    Notes
    -----
    Sums run over offsets in one order, so a cell's value does not depend on the window.
    """
    # a window may be too thin to hold a sample: then no cell has a mean
    if light.shape[-2] == 0 or light.shape[-1] == 0:
        return np.full((*light.shape[:-2], *shape), np.nan)
    valid = ~np.isnan(light)
    total = _box_sum(np.where(valid, light, 0.0).astype(np.float64))
    count = _box_sum(valid.astype(np.float64))
    with np.errstate(invalid="ignore"):
        mean = total / count
    for axis in (0, 1):
        mean = _interpolate(mean, axis - 2, first_sample[axis], anchor[axis], shape[axis])
    return mean


def _box_sum(values: FloatArray) -> FloatArray:
    for axis in (-2, -1):
        width = [(0, 0)] * values.ndim
        width[axis] = (_RADIUS_SAMPLES, _RADIUS_SAMPLES)
        padded = np.pad(values, width)
        length = values.shape[axis]
        total = np.zeros_like(values)
        for offset in range(2 * _RADIUS_SAMPLES + 1):
            total += np.take(padded, range(offset, offset + length), axis=axis)
        values = total
    return values


def _interpolate(
    values: FloatArray, axis: int, first_sample: int, anchor: int, length: int
) -> FloatArray:
    """Interpolate linearly between samples, at cells anchor to anchor + length of an axis."""
    position = (anchor + np.arange(length)) / SAMPLE_STRIDE - first_sample
    last = values.shape[axis] - 1
    below = np.clip(np.floor(position).astype(int), 0, last)
    above = np.minimum(below + 1, last)
    share = np.clip(position - below, 0.0, 1.0)
    share = share.reshape(-1, *([1] * (-axis - 1)))
    low, high = np.take(values, below, axis=axis), np.take(values, above, axis=axis)
    blend: FloatArray = low * (1 - share) + high * share
    # where one of the two samples has no data, the other one's value is taken
    return np.where(np.isnan(blend), np.where(np.isnan(low), high, low), blend)
