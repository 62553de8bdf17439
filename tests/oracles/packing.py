"""What `pack_planes` writes, in NumPy: whole numbers of a scale, and their plane predictor."""

import numpy as np


def scaled(cells, scale):
    """The whole numbers that, divided by `scale`, are the cells to the bit; None if none."""
    with np.errstate(invalid="ignore"):  # of NaN
        whole = np.rint(cells.astype(np.float64) * scale)
    if not (np.abs(whole) < 2.0**31).all():  # NaN is not
        return None
    numbers = whole.astype("<i4")
    again = (numbers / float(scale)).astype("<f4")
    return numbers if np.array_equal(again.view("<u4"), cells.view("<u4")) else None


def planes_of(bits):
    """(4, cells) bytes of how far each number is off the plane through its neighbours."""
    off = np.empty_like(bits)
    off[:, 0] = bits[:, 0]
    off[:, 1:] = bits[:, 1:] - bits[:, :-1]
    off[1:] -= off[:-1].copy()
    signed = off.view("<i4")
    folded = (signed << 1) ^ (signed >> 31)
    return np.ascontiguousarray(folded.view(np.uint8).reshape(-1, 4).T)


def pack_planes(cells, scale):
    """The planes, and the scale that was taken: 0 where cells are taken by their bits."""
    numbers = scaled(cells, scale) if scale else None
    if numbers is None:
        return planes_of(cells.view("<u4")), 0
    return planes_of(numbers.view("<u4")), scale
