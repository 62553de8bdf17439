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
from numbers import Integral, Real
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
    """What a dataclass checks of its fields itself: for the schema."""

    ranges: Mapping[str, tuple[float, float]] = field(hash=False)
    """Least and greatest value of numbers, and of those in lists."""

    lists: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    """Further keywords of the schema of lists, such as how many members they have."""


@dataclass(frozen=True)
class Different:
    """Says of a list that no value is in it twice."""


_WORDS = {str: "text", Path: "a path", int: "a whole number", float: "a number", bool: "true/false"}
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
OF_FIELDS = "a dictionary of fields and their values (in JSON an object in braces)"
_PATH = {"type": "string", "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}
"""Not empty, not blank alone, and without the character that ends a name for the system."""


def to_plain(value: Any) -> Any:
    """Return a value as plain JSON, NumPy's numbers as Python's.

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
    return str(value) if isinstance(value, Path) else _number(value)


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
    return _single(kind, data, where)


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
        if isinstance(extra, Different):
            return {**schema_of(arguments[0]), "uniqueItems": True}
        if isinstance(extra, PartOf):
            return {**_with_ranges(schema_of(extra.kind), extra.ranges), "required": []}
        return _with_lists(_with_ranges(schema_of(arguments[0]), extra.ranges), extra.lists)
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
    return dict(_PATH) if kind is Path else {"type": _TYPES[kind]}


def _with_ranges(
    schema: dict[str, Any], ranges: Mapping[str, tuple[float, float]]
) -> dict[str, Any]:
    """Return the schema of an object with the ranges of its fields written in."""
    bounded = {name: _bounded(schema["properties"][name], *ends) for name, ends in ranges.items()}
    return {**schema, "properties": {**schema["properties"], **bounded}}


def _with_lists(schema: dict[str, Any], lists: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of an object with further keywords of its lists written in."""
    known = schema["properties"]
    told = {name: {**known[name], **keywords} for name, keywords in lists.items()}
    return {**schema, "properties": {**known, **told}}


def _bounded(schema: dict[str, Any], low: float, high: float) -> dict[str, Any]:
    """Return a schema whose numbers, also those of a list, lie between two values."""
    if "items" in schema:
        return {**schema, "items": _bounded(schema["items"], low, high)}
    if "anyOf" in schema:
        return {**schema, "anyOf": [_bounded(inner, low, high) for inner in schema["anyOf"]]}
    is_number = schema.get("type") in ("integer", "number")
    return {**schema, "minimum": low, "maximum": high} if is_number else schema


def _single(kind: Any, data: Any, where: str) -> Any:
    """Return a text, a path, a number or a truth value."""
    data = _number(data)
    if kind is int and type(data) is float and data.is_integer():
        return int(data)  # 2.0 is a whole number in JSON
    if kind is float and type(data) is int:
        try:
            return float(data)
        except OverflowError:
            _refuse(where, _WORDS[kind], data)
    is_text = isinstance(data, str) and not _has_surrogates(data)
    if kind is Path and isinstance(data, Path):
        return data
    if kind is Path and is_text and data.strip() and "\0" not in data:
        return Path(data)
    if type(data) is not kind or (kind is float and not math.isfinite(data)):
        _refuse(where, _WORDS[kind], data)
    if kind is str and not is_text:
        _refuse(where, "text in UTF-8", data)
    return data


def _number(value: Any) -> Any:
    """Return a number as Python's own, NumPy's too; what is none as it is."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    return int(value) if isinstance(value, Integral) else float(value)


def _has_surrogates(text: str) -> bool:
    """Say whether a text holds halves of characters, which no file and no name in UTF-8 can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


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
        _refuse(where or "the request", OF_FIELDS, data)
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


def _annotated(
    kind: Any, extra: Range | PartOf | OwnRanges | Different, data: Any, where: str
) -> Any:
    if isinstance(extra, PartOf):
        given = _fields(extra.kind, data, where)
        _made(extra.kind, given, where)
        return given
    value = from_plain(kind, data, where)
    if isinstance(extra, OwnRanges):
        return value
    if isinstance(extra, Different):
        if len(set(value)) < len(value):
            _refuse(where, "a list of different values", data)
        return value
    if not extra.low <= value <= extra.high:
        raise ArgumentError(
            f"{where} must lie in [{extra.low:.15g}, {extra.high:.15g}], got {_shown(value)}",
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
    given = "nothing (null)" if data is None else _shown(data)
    raise ArgumentError(f"{where} must be {wanted}, got {given}", field=where, value=data)


def _shown(data: Any) -> str:
    try:
        return f"{data!r:.60}"
    except ValueError:  # Python writes no whole number of more than some thousand digits
        return "a number of thousands of digits"
