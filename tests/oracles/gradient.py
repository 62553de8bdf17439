"""Horn's slope and aspect, cell by cell, by the paper's formulas."""

import numpy as np


def slope_aspect_slow(z, cell_x, cell_y):
    rows, cols = z.shape
    slope, aspect = np.full(z.shape, np.nan), np.full(z.shape, np.nan)

    def at(r, c):
        return z[r, c] if 0 <= r < rows and 0 <= c < cols else np.nan

    for r in range(rows):
        for c in range(cols):
            if np.isnan(z[r, c]):
                continue
            window = {}
            for dr, dc in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]:
                value = at(r + dr, c + dc)
                if np.isnan(value):
                    value = 2 * z[r, c] - at(r - dr, c - dc)
                if np.isnan(value):
                    beside = window[dr, 0] + window[0, dc] - z[r, c] if dr and dc else z[r, c]
                    value = beside
                window[dr, dc] = value
            nw, n, ne = window[-1, -1], window[-1, 0], window[-1, 1]
            w, e = window[0, -1], window[0, 1]
            sw, s, se = window[1, -1], window[1, 0], window[1, 1]
            p = ((ne + 2 * e + se) - (nw + 2 * w + sw)) / (8 * cell_x)
            q = ((nw + 2 * n + ne) - (sw + 2 * s + se)) / (8 * cell_y)
            slope[r, c] = np.arctan(np.sqrt(p * p + q * q))
            aspect[r, c] = np.arctan2(-p, -q) % (2 * np.pi) if (p or q) else 0.0
    return slope, aspect
