"""Frozen dataclasses as plain JSON, back again, and the JSON Schema that describes it.

All three follow the classes' own annotations, so a new field needs no further line anywhere:
dataclasses, ``Path``, text, numbers, ``Literal``, tuples, ``None``, numbers with a `Range`, and
mappings of which a dataclass knows the names (`PartOf`).
"""

from __future__ import annotations

import difflib
import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from ..errors import ArgumentError


@dataclass(frozen=True)
class Range:
    """Least and greatest value of a number, and why no other makes sense."""

    low: float
    high: float
    why: str


@dataclass(frozen=True)
class PartOf:
    """Says of a mapping that it holds some of a dataclass's fields by their names."""

    kind: type
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict, hash=False)
    """As `OwnRanges` has them."""


@dataclass(frozen=True)
class OwnRanges:
    """Least and greatest value of a dataclass's numbers, which it checks itself: for the schema."""

    ranges: Mapping[str, tuple[float, float]] = field(hash=False)


_WORDS = {str: "text", Path: "a path", int: "a whole number", float: "a number", bool: "true/false"}
_TYPES = {str: "string", Path: "string", int: "integer", float: "number", bool: "boolean"}


def to_plain(value: Any) -> Any:
    """Return a value as plain JSON.

    Examples
    --------
    >>> to_plain((Path("dem.tif"), 1))
    ['dem.tif', 1]
    """
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [to_plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value


def from_plain(kind: Any, data: Any, where: str = "") -> Any:
    """Return the value of type `kind` that plain JSON describes.

    Raises
    ------
    ArgumentError
        If a field is unknown, is missing, or has a wrong value; it names the field, `where`.

    Examples
    --------
    >>> from_plain(tuple[int, ...], [1, 2])
    (1, 2)
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1], data, where)
    if origin in (Union, types.UnionType):
        return _one_of(arguments, data, where)
    if origin is Literal:
        if not (isinstance(data, str) and data in arguments):
            _refuse(where, f"one of {', '.join(arguments)}", data)
        return data
    if origin is tuple:
        return _tuple(arguments, data, where)
    if is_dataclass(kind):
        return data if type(data) is kind else _instance(kind, data, where)
    if kind is Path and isinstance(data, Path):
        return data
    if kind is float and type(data) is int:
        return float(data)
    if kind is Path and isinstance(data, str) and data.strip() and "\0" not in data:
        return Path(data)
    if type(data) is not kind or (kind is float and not math.isfinite(data)):
        _refuse(where, _WORDS[kind], data)
    return data


def settle(record: Any) -> None:
    """Give each field of a frozen dataclass the type that it is annotated with, or raise.

    So Python may say text for a path and any list for a tuple, and what JSON would be refused for
    is refused here with the same sentence.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Maps:
    ...     out: Path
    ...     __post_init__ = settle
    >>> Maps("maps").out.name
    'maps'
    """
    hints = get_type_hints(type(record), include_extras=True)
    for each in fields(record):
        value = from_plain(hints[each.name], getattr(record, each.name), each.name)
        object.__setattr__(record, each.name, value)


def schema_of(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of what `from_plain` takes for `kind`.

    Examples
    --------
    >>> schema_of(int | None)
    {'anyOf': [{'type': 'integer'}, {'type': 'null'}]}
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        extra = arguments[1]
        if isinstance(extra, Range):
            return _bounded(schema_of(arguments[0]), extra.low, extra.high)
        if isinstance(extra, PartOf):
            return {**_with_ranges(schema_of(extra.kind), extra.ranges), "required": []}
        return _with_ranges(schema_of(arguments[0]), extra.ranges)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(inner) for inner in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return {"type": "array", "items": schema_of(arguments[0])}
        items = [schema_of(inner) for inner in arguments]
        ends = {"minItems": len(items), "maxItems": len(items)}
        return {"type": "array", "prefixItems": items, **ends}
    if is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        needed = [f.name for f in fields(kind) if _is_needed(f)]
        return {
            "type": "object",
            "properties": {field.name: schema_of(hints[field.name]) for field in fields(kind)},
            "required": needed,
            "additionalProperties": False,
        }
    if kind is types.NoneType:
        return {"type": "null"}
    return {"type": _TYPES[kind]}


def _with_ranges(
    schema: dict[str, Any], ranges: Mapping[str, tuple[float, float]]
) -> dict[str, Any]:
    """Return the schema of an object with the ranges of its fields written in."""
    bounded = {name: _bounded(schema["properties"][name], *ends) for name, ends in ranges.items()}
    return {**schema, "properties": {**schema["properties"], **bounded}}


def _bounded(schema: dict[str, Any], low: float, high: float) -> dict[str, Any]:
    """Return a schema whose numbers, also those of a list, lie between two values."""
    if "items" in schema:
        return {**schema, "items": _bounded(schema["items"], low, high)}
    if "anyOf" in schema:
        return {**schema, "anyOf": [_bounded(inner, low, high) for inner in schema["anyOf"]]}
    is_number = schema.get("type") in ("integer", "number")
    return {**schema, "minimum": low, "maximum": high} if is_number else schema


def _instance(kind: Any, data: Any, where: str) -> Any:
    given = _fields(kind, data, where)
    missing = [f.name for f in fields(kind) if _is_needed(f) and f.name not in given]
    if missing:
        at = f" of {where}" if where else ""
        raise ArgumentError(
            f"the request does not say {missing[0]}{at}",
            remedy="add it",
            field=_join(where, missing[0]),
        )
    return _made(kind, given, where)


def _fields(kind: Any, data: Any, where: str) -> dict[str, Any]:
    """Return the values of fields by name, each of its type."""
    if not isinstance(data, Mapping):
        _refuse(where or "the request", "an object of fields and values", data)
    hints = get_type_hints(kind, include_extras=True)
    names = [field.name for field in fields(kind)]
    for name in data:
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1)
            at = f" in {where}" if where else ""
            raise ArgumentError(
                f"the request has an unknown field {name!r}{at}",
                remedy=f"write {near[0]}" if near else f"use some of {', '.join(names)}",
                field=_join(where, str(name)),
                value=data[name],
            )
    return {
        name: from_plain(hints[name], inner, _join(where, name)) for name, inner in data.items()
    }


def _made(kind: Any, given: dict[str, Any], where: str) -> Any:
    try:
        return kind(**given)
    except ArgumentError as error:  # a range that the class holds itself
        if error.field and where:
            error.field, error.what = _join(where, error.field), f"{where}.{error.what}"
        raise


def _annotated(kind: Any, extra: Range | PartOf | OwnRanges, data: Any, where: str) -> Any:
    if isinstance(extra, PartOf):
        given = _fields(extra.kind, data, where)
        _made(extra.kind, given, where)
        return given
    value = from_plain(kind, data, where)
    if isinstance(extra, OwnRanges):
        return value
    if not extra.low <= value <= extra.high:
        raise ArgumentError(
            f"{where} must lie in [{extra.low:.15g}, {extra.high:.15g}], got {value}",
            remedy=extra.why,
            field=where,
            value=value,
        )
    return value


def _one_of(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and types.NoneType in kinds:
        return None
    others = [kind for kind in kinds if kind is not types.NoneType]
    for kind in others[:-1]:
        try:
            return from_plain(kind, data, where)
        except ArgumentError:
            continue
    return from_plain(others[-1], data, where)


def _tuple(kinds: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list | tuple):
        _refuse(where, "a list", data)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(data)
    if len(data) != len(kinds):
        _refuse(where, f"a list of {len(kinds)}", data)
    pairs = enumerate(zip(kinds, data, strict=True))
    return tuple(from_plain(kind, inner, f"{where}[{i}]") for i, (kind, inner) in pairs)


def _is_needed(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _refuse(where: str, wanted: str, data: Any) -> NoReturn:
    given = "nothing (null)" if data is None else f"{data!r:.60}"
    raise ArgumentError(f"{where} must be {wanted}, got {given}", field=where, value=data)
