"""Coefficients of the polynomials in cell_math.hpp and lane_math.hpp, and their errors.

    .venv/bin/python scripts/fit_polynomials.py

Minimax fits by least squares whose weights grow where the error is large (Lawson 1961). The
error is that of the coefficients rounded to float32, relative to the function that the
polynomial is part of.
"""

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial, chebyshev


def fit(function, weight, low, high, degree):
    """Coefficients, lowest power first, that keep weight * error smallest on [low, high]."""
    x = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(4000) + 0.5) / 4000)
    terms = chebyshev.chebvander((2 * x - low - high) / (high - low), degree)
    wanted, weights, emphasis = function(x), weight(x), np.ones_like(x)
    for _ in range(300):
        rows = weights * np.sqrt(emphasis)
        found, *_ = np.linalg.lstsq(terms * rows[:, None], wanted * rows, rcond=None)
        error = np.abs((terms @ found - wanted) * weights)
        emphasis *= error / error.max() + 1e-3
        emphasis /= emphasis.sum()
    power = Chebyshev(found, [low, high]).convert(kind=Polynomial)
    return power.coef.astype(np.float32)


def report(name, function, weight, low, high, degree):
    """Print a fit and its error."""
    found = fit(function, weight, low, high, degree)
    x = np.linspace(low, high, 200_001)
    error = np.abs((Polynomial(found.astype(float))(x) - function(x)) * weight(x)).max()
    print(f"{name}: {error:.1e}\n    " + ", ".join(f"{value:.9g}f" for value in found))


def quotient(function, limit):
    """function(x) / x, which is `limit` at 0."""
    return lambda x: np.where(x == 0, limit, function(x) / np.where(x == 0, 1, x))


def of_root(function):
    """function(r) / r at r = sqrt(u), for odd functions with slope 1 at 0."""
    inner = quotient(function, 1.0)
    return lambda u: inner(np.sqrt(u))


def log_rest(t):
    """(ln(1 + t) - t + t^2 / 2) / t^3, by its series where that would cancel."""
    near = np.abs(t) < 0.02
    safe = np.where(near, 1.0, t)
    series = sum((-t) ** k / (k + 3) for k in range(9))
    return np.where(near, series, (np.log1p(safe) - safe + safe * safe / 2) / safe**3)


def main() -> None:
    """All of them."""
    half = np.log(2) / 2 * 1.0005
    report("e^f", np.exp, lambda x: np.exp(-x), -half, half, 6)
    grow = quotient(np.expm1, 1.0)
    report("(e^z - 1) / z", grow, lambda z: 1 / grow(z), 0, np.log(2), 6)
    log = quotient(np.log1p, 1.0)
    report("ln(1 + x) / x", log, lambda x: 1 / log(x), 0, 1, 9)
    low, high = np.sqrt(0.5) - 1, np.sqrt(2) - 1
    share = quotient(np.log1p, 1.0)
    report("q(t) of ln(1 + t)", log_rest, lambda t: t * t / share(t), low, high, 7)
    sine, tangent = of_root(np.sin), of_root(np.arctan)
    report("sin(r) / r in r^2", sine, lambda u: 1 / sine(u), 0, (np.pi / 2 * 1.0005) ** 2, 4)
    report("atan(r) / r in r^2", tangent, lambda u: 1 / tangent(u), 0, 1, 8)


if __name__ == "__main__":
    main()
