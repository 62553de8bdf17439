"""What the form's fields mean: label, unit, range, choices, default and help of each.

All but the label comes from the classes of a request: ranges and choices from their schema,
defaults from themselves, unit and help from their docstrings.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ...energy._parameters import EnergyParameters
from ...manager.plain import to_plain
from ...manager.plan.layers import RASTERS
from ...manager.request import EnergyRequest, RunRequest
from ...solar._parameters import SolarParameters
from .fields import FIELDS, FormField

Kind = Literal[
    "number", "numbers", "whole", "switch", "choice", "choices", "days", "raster", "text"
]

_CLASSES: Mapping[str, type] = {
    "": RunRequest,
    "solar": SolarParameters,
    "energy": EnergyRequest,
    "energy.parameters": EnergyParameters,
}
_KINDS: Mapping[str, Kind] = {
    "number": "number", "integer": "whole", "boolean": "switch", "string": "text",
}  # fmt: skip

_UNIT = re.compile(r"\[([^\]\d][^\]]*)\](?!_)")
_REFERENCE = re.compile(r"(?:\s+in)?\s+\[\d+\]_")
_GAP = re.compile(r"\s+(?=[.,;:])")


@dataclass(frozen=True)
class Parameter:
    """A field of the form.

    Attributes
    ----------
    name, label, help
        Of the field; `help` is a few sentences.
    unit
        Empty where it has none.
    kind
        ``number``, ``whole``, ``switch`` (true or false), ``choice`` (one of `choices`),
        ``choices`` (some of them, with commas between), ``numbers`` (with commas between; one of
        `choices` may stand in their place), ``days`` (such as 1-31,172), ``raster`` (the filename
        of an uploaded one) or ``text``.
    takes_raster
        Whether the filename of an uploaded raster may stand there.
    low, high
        Least and greatest number, of lists and rasters that of each; None without.
    default
        What holds where the field is left empty; None: it follows from the rest.
    workflow
        ``sol`` or ``eemt``, where it matters to that one alone; ``both``.
    variants
        Forms of EEMT that it matters to; empty: to all.
    """

    name: str
    label: str
    unit: str
    kind: Kind
    takes_raster: bool
    low: int | float | None
    high: int | float | None
    choices: tuple[str, ...]
    default: bool | int | float | str | None
    help: str
    workflow: Literal["sol", "eemt", "both"]
    variants: tuple[str, ...]


def parameters(most_threads: int) -> tuple[Parameter, ...]:
    """Return all fields of the form, for a service whose jobs may use so many cores each."""
    schema, defaults = RunRequest.json_schema(), _defaults()
    defaults["threads"] = most_threads
    found = [_parameter(field, schema, defaults) for field in FIELDS.values()]
    return tuple(
        replace(p, low=0, high=most_threads) if FIELDS[p.name].target == "threads" else p
        for p in found
    )


def _parameter(
    field: FormField, schema: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Parameter:
    groups, _, name = field.target.rpartition(".")
    part, default = _plain(schema), defaults
    for group in filter(None, groups.split(".")):
        part, default = _plain(part["properties"][group]), default[group]
    part, default = _plain(part["properties"][name]), default[name]
    text = documentation(_CLASSES[groups]).get(name, "")
    unit = _UNIT.search(text)
    kind = "days" if name == "days" else "raster" if field.target == field.raster else _kind(part)
    known = RASTERS.get(field.kind)
    items = _plain(part.get("items") or (part.get("prefixItems") or [part])[0])
    return Parameter(
        name=field.name,
        label=field.label,
        unit="" if unit is None or unit[1] == "-" else unit[1],
        kind=kind,
        takes_raster=bool(field.raster),
        low=items.get("minimum") if known is None else known.quantity.lowest,
        high=items.get("maximum") if known is None else known.quantity.highest,
        choices=tuple(items.get("enum", field.words)),
        default=_default(kind, default),
        help=_help(text),
        workflow="eemt" if field.is_of_energy else "sol" if name == "days" else "both",
        variants=field.variants,
    )


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return of several schemas the one that is not of null; rather a number than a word."""
    several = [schema] if "type" in schema else schema.get("anyOf", [schema])
    own = [one for one in several if one.get("type") != "null"]
    chosen: Mapping[str, Any] = max(own, key=lambda one: one.get("type") in ("integer", "number"))
    return chosen


def _kind(schema: Mapping[str, Any]) -> Kind:
    if "enum" in schema:
        return "choice"
    if schema["type"] == "array":
        items = _plain(schema.get("items") or schema["prefixItems"][0])
        return "choices" if "enum" in items else "numbers"
    return _KINDS[schema["type"]]


def _default(kind: Kind, value: Any) -> bool | int | float | str | None:
    if kind == "days":
        return day_ranges(value)
    if isinstance(value, list):
        words = [f"{item:g}" if isinstance(item, float) else str(item) for item in value]
        return ",".join(words) or None
    known: bool | int | float | str | None = value
    return known


def day_ranges(days: Sequence[int]) -> str:
    """Return days as the form takes them.

    Examples
    --------
    >>> day_ranges([1, 2, 3, 172])
    '1-3,172'
    """
    ranges: list[list[int]] = []
    for day in days:
        if ranges and day == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], day]
        else:
            ranges.append([day])
    return ",".join("-".join(map(str, ends)) for ends in ranges)


def _defaults() -> dict[str, Any]:
    energy = to_plain(EnergyRequest(Path("-")))
    energy["parameters"] = EnergyParameters().to_dict()
    return {**to_plain(RunRequest(None, Path("-"))), "energy": energy}


def _help(text: str) -> str:
    words = _UNIT.sub("", _REFERENCE.sub("", text)).replace("``", "").replace("`", "")
    return _GAP.sub("", words).strip()


@cache
def documentation(kind: type) -> Mapping[str, str]:
    """Return what a class's docstring says of each of its fields, each as one paragraph.

    Examples
    --------
    >>> documentation(SolarParameters)["albedo"]
    'Share of light that the ground reflects, 0 to 1 [-].'
    """
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in (inspect.getdoc(kind) or "").splitlines():
        if re.fullmatch(r"[a-z_0-9]+(?:, [a-z_0-9]+)*", line):
            names = line.split(", ")
        elif line.startswith("    ") and names:
            for name in names:
                found.setdefault(name, []).append(line.strip())
        elif line.strip():
            names = []
    return {name: " ".join(lines) for name, lines in found.items()}
