"""What this core's memory gives, and rasters that do not fit its caches."""

import numpy as np
from numpy.typing import NDArray

from .clock import ours

COPIED_BYTES = 256 * 2**20  # far beyond any cache, half of them read


def copy_gb_s() -> float:
    """Bandwidth [GB/s] of a copy, bytes read and bytes written counted once each."""
    source = np.ones(COPIED_BYTES // 2, np.uint8)
    target = np.empty_like(source)
    taken = ours(lambda: np.copyto(target, source), 9)
    return COPIED_BYTES / taken.best / 1e9


def beyond_caches(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Four copies of a raster side by side: with a million cells, more than caches hold."""
    return np.tile(array, (2, 2))
