"""Checks of single numbers; what they refuse is told in one sentence.

Without NumPy, so that a command that only reads its options starts at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

from .errors import ArgumentError

_Kind = TypeVar("_Kind")

_LONGEST = 60


def brief(value: object) -> str:
    """Return a value as a sentence can hold it: in one line, the middle of long ones left out.

    An array is told by its dtype and shape.

    Examples
    --------
    >>> brief(172), len(brief("so many words " * 20))
    ('172', 60)
    """
    shape: tuple[int, ...] | None = getattr(value, "shape", None)
    if shape and hasattr(value, "dtype"):
        return f"{value.dtype} array of shape {shape}"
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python writes out no number of thousands of digits
        return type(value).__name__
    return text if len(text) <= _LONGEST else f"{text[:40]} ... {text[-15:]}"


def kept(value: object) -> object:
    """Return a value as an error keeps it: itself, or what `brief` says of one that is large.

    Examples
    --------
    >>> kept([1, 2]), kept("x" * 100) == brief("x" * 100)
    ([1, 2], True)
    """
    text = brief(value)
    is_small = len(text) < _LONGEST and text != type(value).__name__
    return value if is_small and not getattr(value, "shape", None) else text


def instance_of(name: str, value: object, kind: type[_Kind], *, remedy: str = "") -> _Kind:
    """Return `value` if it is one of the groups that arguments come in, or raise.

    Examples
    --------
    >>> instance_of("days", (1, 2), tuple)
    (1, 2)
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise ArgumentError(
            f"{name} must be {article} {kind.__name__}, got {type(value).__name__}",
            remedy=remedy,
            field=name,
            value=type(value).__name__,
        )
    return value


def finite_number(name: str, value: object) -> float:
    """Return `value` as a finite float, or raise."""
    try:
        if isinstance(value, (str, bytes, bytearray, bool)):  # float() would read these too
            raise TypeError
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{name} must be a number, got {brief(value)}", field=name, value=kept(value)
        ) from None
    except OverflowError:  # a whole number beyond what a float holds
        number = math.inf
    if not math.isfinite(number):
        raise ArgumentError(f"{name} must be finite, got {number}", field=name, value=kept(value))
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
            f"{name} must be a whole number, got {brief(value)}", field=name, value=kept(value)
        )
    if not low <= number <= high:
        raise ArgumentError(
            f"{name} must lie in [{low}, {high}], got {number:g}", field=name, value=value
        )
    return int(number)


def listed(name: str, value: object) -> tuple[object, ...]:
    """Return the members of a list, a range or an array of numbers, or raise.

    Examples
    --------
    >>> listed("days", range(3))
    (0, 1, 2)
    """
    no_lists = (str, bytes, bytearray, dict)
    if (
        isinstance(value, no_lists)
        or getattr(value, "ndim", 1) == 0
        or not isinstance(value, Iterable)
    ):
        example = f" such as [{brief(value)}]" if isinstance(value, int) else ""
        raise ArgumentError(
            f"{name} must be a list of numbers{example}, got {brief(value)}",
            field=name,
            value=kept(value),
        )
    return tuple(value)


def whole_numbers_in(name: str, values: object, low: int, high: int) -> tuple[int, ...]:
    """Return a list of whole numbers within [low, high] as a tuple, or raise."""
    return tuple(whole_number_in(name, entry, low, high) for entry in listed(name, values))


def choice_argument(name: str, value: object, choices: tuple[str, ...]) -> str:
    """Return `value` as it is if it is one of the choices, or raise."""
    if not (isinstance(value, str) and value in choices):
        raise ArgumentError(
            f"{name} must be one of {', '.join(choices)}, got {brief(value)}",
            field=name,
            value=kept(value),
        )
    return value
