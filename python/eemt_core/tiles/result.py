"""A task's result as plain data: its arrays, and what it took to compute them.

How a result is written into its task's folder and read from there stands in `contract`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .array_file import StoredArray


class InvalidResultError(ValueError):
    """A result does not count; the message says why, to follow the task's name."""


@dataclass(frozen=True)
class ResultArray:
    """Where a result array lies, and the SHA-256 of its cells."""

    place: StoredArray
    sha256: str


@dataclass(frozen=True)
class EncodedResult:
    """The file of encoded layers (`encoded`).

    Attributes
    ----------
    bytes, xxh3
        Its size and its checksum.
    layers
        How many layers each array has, by its name; None of a plain grid.
    """

    bytes: int
    xxh3: str
    layers: Mapping[str, int | None]


@dataclass(frozen=True)
class Account:
    """What a task took, and what it counted.

    Attributes
    ----------
    seconds
        By the stage of its work.
    statistics
        Numbers about the results, by their names.
    peak_memory_mb
        Largest resident memory of its process; 0 where unknown.
    host
        The name that its machine goes by.
    instruction_set
        Which of the kernels' variants ran.
    """

    seconds: Mapping[str, float]
    statistics: Mapping[str, float]
    peak_memory_mb: int
    host: str
    instruction_set: str


@dataclass(frozen=True)
class TaskResult:
    """What a task has left, and its account.

    Attributes
    ----------
    arrays
        Plain arrays by their names.
    encoded
        The layers that are parts of maps; None if the task has encoded none.
    """

    name: str
    fingerprint: Mapping[str, str]
    arrays: Mapping[str, ResultArray]
    account: Account
    encoded: EncodedResult | None = None


def fingerprint_difference(met: object, wanted: Mapping[str, str]) -> str:
    """Return what a fingerprint is of that makes it another one than `wanted`; empty if none."""
    if not isinstance(met, dict):
        return "unknown origin"
    for part, meaning in (
        ("parameters", "other parameters"),
        ("code", "other code"),
        ("inputs", "other input files"),
    ):
        if met.get(part) != wanted.get(part):
            return meaning
    return ""
