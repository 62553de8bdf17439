"""A status as the JSON document that ``eemt-status`` prints, and back again."""

from __future__ import annotations

import types
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..errors import InputError, VersionError
from .status import DOCUMENT_VERSION, Status

KIND = "eemt-status"
_LARGEST = 1e30


def to_document(status: Status) -> dict[str, Any]:
    """Return a status as plain JSON."""
    return {"kind": KIND, "schema": DOCUMENT_VERSION, **asdict(status)}


def from_document(document: object, source: str) -> Status:
    """Return the status in a document from `source`.

    Raises
    ------
    InputError
        If it is something else.
    VersionError
        If a version with another layout wrote it.
    """
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise InputError(
            f"{source} is no status of eemt-run", remedy="give the address of eemt-web"
        )
    met = document.get("schema")
    if met != DOCUMENT_VERSION:
        raise VersionError(
            f"{source} tells its status in layout {met!r:.20} and this eemt-status knows "
            f"{DOCUMENT_VERSION}",
            remedy="use the same version on both sides",
        )
    try:
        status: Status = _decode(Status, document)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{source} tells an incomplete status ({error})",
            remedy="ask it again, or use the same version on both sides",
            value=source,
        ) from None
    return status


def _decode(kind: Any, value: Any) -> Any:
    """Return `value` as an object of the annotated `kind`, or raise TypeError."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        names = [field.name for field in fields(kind)]
        return kind(**{name: _decode(hints[name], value[name]) for name in names})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        return None if value is None else _decode(arguments[0], value)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_decode(arguments[0], item) for item in value)
    if origin is dict and isinstance(value, dict):
        return {_decode(arguments[0], k): _decode(arguments[1], v) for k, v in value.items()}
    accepted = (int, float) if kind is float else kind
    if origin is not None or not isinstance(value, accepted) or isinstance(value, bool):
        raise TypeError(f"{value!r:.40} is no {getattr(kind, '__name__', kind)}")
    if isinstance(value, int | float) and not abs(value) < _LARGEST:
        raise ValueError(f"{value!r:.40} is no number to reckon with")
    return value
