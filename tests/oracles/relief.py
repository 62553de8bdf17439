"""Terrain made of noise."""

import numpy as np


def relief(shape, seed=0, *, roughness=3.0, height_m=150.0, dtype=np.float64):
    """Random terrain with a power-law spectrum; like real relief for roughness near 3,
    smooth for 4, white noise for 0. `height_m` is the standard deviation."""
    n = 2 * max(shape)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(n), np.fft.fftfreq(n)))
    frequency[0, 0] = 1.0
    noise = np.fft.fft2(np.random.default_rng(seed).normal(size=(n, n)))
    z = np.fft.ifft2(noise * frequency ** (-roughness / 2)).real[: shape[0], : shape[1]]
    return (1000.0 + height_m * z / z.std()).astype(dtype)
