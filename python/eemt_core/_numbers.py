"""Checks of single numbers; what they refuse is told in one sentence.

Without NumPy, so that a command that only reads its options starts at once.
"""

from __future__ import annotations

import math

from .errors import ArgumentError


def finite_number(name: str, value: object) -> float:
    """Return `value` as a finite float, or raise."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{name} must be a number, got {value!r}", field=name, value=value
        ) from None
    if not math.isfinite(number):
        raise ArgumentError(f"{name} must be finite, got {number}", field=name, value=value)
    return number


def number_in(name: str, value: object, low: float, high: float) -> float:
    """Return `value` as a float within [low, high], or raise."""
    number = finite_number(name, value)
    if not low <= number <= high:
        raise ArgumentError(
            f"{name} must lie in [{low:g}, {high:g}], got {number:g}", field=name, value=value
        )
    return number


def whole_number_in(name: str, value: object, low: int, high: int) -> int:
    """Return `value` as an int within [low, high], or raise."""
    number = finite_number(name, value)
    if number != int(number):
        raise ArgumentError(
            f"{name} must be a whole number, got {value!r}", field=name, value=value
        )
    if not low <= number <= high:
        raise ArgumentError(
            f"{name} must lie in [{low}, {high}], got {number:g}", field=name, value=value
        )
    return int(number)
