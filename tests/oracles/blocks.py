"""What blocks hold, with NumPy alone: rounding, overviews, statistics, the predictor of TIFF."""

import numpy as np

NAN_BITS = 0x7FC00000


def round_mantissa(cells, bits):
    """The nearest float32 with so many bits of mantissa, ties to even; one kind of NaN."""
    pattern = np.ascontiguousarray(cells).view(np.uint32)
    dropped = 23 - bits
    rounded = pattern
    if dropped:
        half = np.uint32((1 << (dropped - 1)) - 1)
        odd = (pattern >> np.uint32(dropped)) & np.uint32(1)
        rounded = (pattern + half + odd) & np.uint32(2**32 - (1 << dropped))
    is_nan = (pattern & np.uint32(0x7FFFFFFF)) > np.uint32(0x7F800000)
    return np.where(is_nan, np.uint32(NAN_BITS), rounded).view(np.float32)


def halve(cells, *, circular=False):
    """The mean of the valid cells of each two by two, added row by row; the first if circular."""
    if circular:
        return cells[::2, ::2].copy()
    rows, cols = cells.shape
    shape = -(-rows // 2), -(-cols // 2)
    total, count = np.zeros(shape), np.zeros(shape)
    for row in (0, 1):
        for col in (0, 1):
            part = cells[row::2, col::2]
            here = slice(part.shape[0]), slice(part.shape[1])
            valid = ~np.isnan(part)
            total[here] += np.where(valid, part, 0.0).astype(np.float64)
            count[here] += valid
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        mean = (total / count).astype(np.float32)
    mean[np.isnan(mean)] = np.array(NAN_BITS, np.uint32).view(np.float32)
    return mean


def statistics(cells):
    """How many cells have a value, how many are NaN; sum, least and greatest value."""
    valid = cells[~np.isnan(cells)]
    if not valid.size:
        return 0, cells.size, 0.0, np.nan, np.nan
    with np.errstate(invalid="ignore"):  # infinities of both signs
        total = float(valid.sum(dtype=np.float64))
    low, high = float(valid.min()), float(valid.max())
    return valid.size, cells.size - valid.size, total, low, high


def predict(cells):
    """Bytes of each row by their significance, each one's difference from the one before."""
    rows, cols = cells.shape
    planes = cells.astype(">f4").view(np.uint8).reshape(rows, cols, 4).transpose(0, 2, 1)
    ordered = np.ascontiguousarray(planes).reshape(rows, cols * 4)
    ordered[:, 1:] -= ordered[:, :-1].copy()
    return ordered
