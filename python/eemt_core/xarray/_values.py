"""The values of a DataArray as floats: what is no data becomes NaN, packed numbers are unpacked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import xarray as xr

from .._numbers import brief, finite_number, kept
from ..errors import ArgumentError

_FILLS = ("_FillValue", "missing_value", "nodata")
_PACKING = ("scale_factor", "add_offset")
# Far beyond any unit, and what it makes of numbers of 64 bits is still one of float32.
_LARGEST = 1e12


def as_floats(array: xr.DataArray, name: str, other: type[Any] = np.float32) -> Any:
    """Return the values as floats: fills are NaN, packed numbers are unpacked (CF, chapter 8).

    A reader that has unpacked numbers has moved these attributes to the encoding. Its fill counts
    there too: a cell that has it, as integers or values set afterwards may, would be no data in
    every file that is written from them. Beside a packing it is a packed number, which says
    nothing of numbers that are unpacked.

    Parameters
    ----------
    name
        What a sentence calls it.
    other
        Type of the floats that numbers of another type become.

    Raises
    ------
    ArgumentError
        If its values or the attributes are no numbers.
    """
    data = array.data
    kind = data.dtype
    if kind.kind not in "fiu":
        raise ArgumentError(
            f"{name} must hold real numbers, got values of type {kind}",
            remedy='convert them, for example with .astype("float32")',
            field=name,
            value=str(kind),
        )
    scale, offset = (
        _number(name, key, _single(array.attrs.get(key, default)))
        for key, default in zip(_PACKING, (1.0, 0.0), strict=True)
    )
    if scale == 0 or max(abs(scale), abs(offset)) > _LARGEST:
        raise ArgumentError(
            f"the attributes scale_factor and add_offset of {name} must be a number but 0 and one "
            f"of at most {_LARGEST:g}, got {scale:g} and {offset:g}",
            remedy="correct them, or drop them if they are wrong",
            field=name,
            value=(scale, offset),
        )
    floats = data if kind in (np.float32, np.float64) else data.astype(other)
    for fill in _fills(array, name):
        if (value := _as_stored(fill, kind)) is not None:
            floats = xr.where(data == value, np.asarray(np.nan, floats.dtype), floats)
    if (scale, offset) != (1.0, 0.0):
        floats = floats * floats.dtype.type(scale) + floats.dtype.type(offset)
    return floats


def not_a_dataarray(name: str, value: object) -> ArgumentError:
    """Return the error of an argument that is no DataArray."""
    return ArgumentError(
        f"{name} must be a DataArray, got {type(value).__name__}",
        remedy="wrap it with xarray.DataArray, or call the function of the same name on arrays",
        field=name,
        value=type(value).__name__,
    )


def contiguous(values: Any) -> NDArray[Any]:
    """Return an array of native byte order whose rows follow each other in memory."""
    values = np.ascontiguousarray(values)
    native: NDArray[Any] = values.astype(values.dtype.newbyteorder("="), copy=False)
    return native


def _fills(array: xr.DataArray, name: str) -> list[int | float]:
    """Return all values that mean no data; CF allows ``missing_value`` to be several."""
    sources = [array.attrs]
    if not any(key in array.encoding for key in _PACKING):
        sources.append(array.encoding)
    found: list[int | float] = []
    for attributes in sources:
        for key in _FILLS:
            given = attributes.get(key)
            several = isinstance(given, list | tuple | np.ndarray)
            members = np.asarray(given, dtype=object).ravel() if several else [given]
            found += [_fill(name, key, member) for member in members if member is not None]
    return found


def _fill(name: str, key: str, value: Any) -> int | float:
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value)  # a float would round those of 64 bits
    if isinstance(value, float | np.floating) and not math.isfinite(value):
        return math.nan  # infinite values are no ground either way
    return _number(name, key, value)


def _number(name: str, key: str, value: Any) -> float:
    try:
        return finite_number(key, value)
    except ArgumentError:
        raise ArgumentError(
            f"the attribute {key} of {name} must be a finite number, got {brief(value)}",
            remedy="correct it, or drop it if it is wrong",
            field=name,
            value=kept(value),
        ) from None


def _single(value: Any) -> Any:
    """Return the member of a list of one, as which some files keep a number."""
    is_one = isinstance(value, list | tuple | np.ndarray) and np.size(value) == 1
    return value[0] if is_one and np.ndim(value) == 1 else value


def _as_stored(fill: int | float, kind: np.dtype[Any]) -> Any:
    """Return a fill as the cells' type holds it; None if it holds no such number, such as NaN."""
    if kind.kind == "f":
        with np.errstate(over="ignore"):
            stored = kind.type(fill)
        return stored if np.isfinite(stored) else None
    if not math.isfinite(fill) or fill != int(fill):
        return None
    ends = np.iinfo(kind)
    return kind.type(int(fill)) if ends.min <= fill <= ends.max else None
