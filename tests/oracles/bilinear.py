"""Temperature at one point between four cells, computed step by step."""

import math


def lapse_bilinear_slow(values, reference_m, weight, row, col, z, lapse_c_per_km):
    """One point: `row`, `col` count cell edges of the native grid; NaN cells are left out."""
    u, v = row - 0.5, col - 0.5
    i, j = math.floor(u), math.floor(v)
    total = shares = 0.0
    for di, wi in ((0, 1 - (u - i)), (1, u - i)):
        for dj, wj in ((0, 1 - (v - j)), (1, v - j)):
            value = values[i + di][j + dj]
            if math.isnan(value):
                continue
            share = wi * wj * weight[i + di][j + dj]
            here = value - lapse_c_per_km / 1000 * (z - reference_m[i + di][j + dj])
            total += share * here
            shares += share
    return total / shares if shares else math.nan
