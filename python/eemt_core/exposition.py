"""Figures as Prometheus reads them: its text format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True)
class Sample:
    """A value, and the labels that tell it from others of its family."""

    value: float
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Family:
    """Figures of one name.

    Attributes
    ----------
    name
        With its unit, as Prometheus' conventions have it: ``eemt_disk_free_bytes``.
    meaning
        One line for people.
    kind
        ``gauge``, or ``counter`` for what never falls while a process goes on.
    """

    name: str
    meaning: str
    samples: tuple[Sample, ...]
    kind: Literal["gauge", "counter"] = "gauge"


def single(
    name: str, meaning: str, value: float, kind: Literal["gauge", "counter"] = "gauge"
) -> Family:
    """Return a family of one value without labels."""
    return Family(name, meaning, (Sample(value, {}),), kind)


def exposition(families: Iterable[Family]) -> str:
    r"""Return the text of families; those without a value are left out.

    Examples
    --------
    >>> print(exposition([single("eemt_slots", "Runs at a time.", 2)]), end="")
    # HELP eemt_slots Runs at a time.
    # TYPE eemt_slots gauge
    eemt_slots 2
    """
    lines: list[str] = []
    for family in families:
        if family.samples:
            lines += [
                f"# HELP {family.name} {family.meaning}",
                f"# TYPE {family.name} {family.kind}",
                *(f"{family.name}{_labels(s.labels)} {_number(s.value)}" for s in family.samples),
            ]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = (f'{name}="{_text(value)}"' for name, value in labels.items())
    return f"{{{','.join(pairs)}}}"


def _text(value: str) -> str:
    """Return a label's value; names of files may hold bytes that are no text."""
    return value.encode("utf-8", "replace").decode().translate(_ESCAPED)


def _number(value: float) -> str:
    whole = int(value)
    return str(whole) if whole == value else repr(float(value))
