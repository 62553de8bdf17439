"""The terrain that every benchmark runs on."""

import time

import numpy as np

CELL_M = 10.0


def landscape(side, dtype=np.float32, relief_m=1000.0):
    """Ridges, valleys and pits of all sizes: (side, side) noise with a power-law spectrum [m]."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = np.inf
    noise = np.fft.rfft2(np.random.default_rng(0).normal(size=(side, side)))
    z = np.fft.irfft2(noise / frequency**2, s=(side, side))
    return (1000.0 + relief_m * (z - z.min()) / np.ptp(z)).astype(dtype)


def best_seconds(call, rounds=5):
    """Least time of a call [s], after one that warms the caches."""
    call()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
