"""Checks at the border between NumPy arrays and the kernels.

All validation of arrays happens here, so the kernels may assume. It owns the
wording of the errors; it knows nothing of the quantities.
"""

from __future__ import annotations

import sys
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ._numbers import brief, finite_number, kept, number_in, whole_number_in
from .errors import ArgumentError
from .machine import most_processes
from .plausible import CELL_SIZE, ELEVATION, Quantity

FloatArray = NDArray[Any]

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_SURELY_BORNE_THREADS = 64


def grid_argument(name: str, array: object, *, like: FloatArray | None = None) -> FloatArray:
    """Return `array` as a C-contiguous (rows, cols) float32 or float64 array, or raise.

    With `like`, shape and dtype must be those of that array.
    """
    array = float_array(name, array)
    if array.ndim != 2:
        raise ArgumentError(
            f"{name} must have shape (rows, cols), got shape {array.shape}",
            field=name,
            value=described(array),
        )
    if array.size == 0:
        raise ArgumentError(
            f"{name} must hold at least one cell, got shape {array.shape}",
            field=name,
            value=described(array),
        )
    if like is not None:
        if array.shape != like.shape:
            raise ArgumentError(
                f"{name} must have shape {like.shape}, got shape {array.shape}",
                field=name,
                value=described(array),
            )
        if array.dtype != like.dtype:
            raise ArgumentError(
                f"{name} must be {like.dtype} like the others, got {array.dtype}",
                remedy=f'convert it with .astype("{like.dtype}")',
                field=name,
                value=described(array),
            )
    return np.ascontiguousarray(array)


def elevation_argument(name: str, array: object) -> FloatArray:
    """Return elevations as `grid_argument` does; infinite ones, which are no terrain, are NaN.

    Values that no ground has are refused: fills that nobody declared.
    """
    elevation = grid_argument(name, array)
    if check_plausible(name, elevation, ELEVATION):
        return elevation
    infinite = np.isinf(elevation)
    return np.where(infinite, elevation.dtype.type(np.nan), elevation)


def check_plausible(
    name: str, array: FloatArray, quantity: Quantity, *, remedy: str = "write no data as NaN"
) -> bool:
    """Return False if there may be infinite values; raise if a finite one is none of the quantity.

    Two passes that NaN does not touch: a tenth of a nanosecond per float32 cell.
    """
    low, high = _ends(array)
    if quantity.lowest <= low and high <= quantity.highest:
        return True
    beyond = np.isfinite(array) & ((array < quantity.lowest) | (array > quantity.highest))
    if beyond.any():
        value = float(array[beyond].flat[0])
        raise ArgumentError(
            f"{name} must hold {quantity.text}, got {value:g}",
            remedy=remedy,
            field=name,
            value=value,
        )
    return False


def _ends(array: FloatArray) -> tuple[Any, Any]:
    """Return the least and the greatest value but NaN; NaN where there is nothing else."""
    return np.fmin.reduce(array, axis=None), np.fmax.reduce(array, axis=None)


def is_masked(value: object) -> bool:
    """Say whether something is a masked array.

    NumPy loads that part of itself when it is first asked for, which takes longer than some tiles;
    where nobody asked, there is no such array.
    """
    masked = sys.modules.get("numpy.ma")
    return isinstance(value, getattr(masked, "MaskedArray", ()))


def float_array(name: str, array: object) -> FloatArray:
    """Return `array` as it is if it is a plain float32 or float64 array, or raise."""
    if not isinstance(array, np.ndarray):
        is_labelled = type(array).__name__ == "DataArray"
        raise ArgumentError(
            f"{name} must be a NumPy array, got {type(array).__name__}",
            remedy="take its .values, or the functions of eemt_core.xarray" if is_labelled else "",
            field=name,
            value=described(array),
        )
    if is_masked(array):  # its data would count where it is masked
        raise ArgumentError(
            f"{name} must be an array with NaN where there is no data, got a masked array",
            remedy='fill it, for example with .astype("float32").filled(np.nan)',
            field=name,
            value=described(array),
        )
    if array.dtype not in _FLOATS:
        raise ArgumentError(
            f"{name} must be float32 or float64, got {array.dtype}",
            remedy='convert it with .astype("float32"), and its value for no data to NaN',
            field=name,
            value=described(array),
        )
    if isinstance(array, np.matrix):
        raise ArgumentError(
            f"{name} must be an array, got a matrix",
            remedy="convert it with np.asarray",
            field=name,
            value=described(array),
        )
    return array


def is_array(value: object) -> TypeGuard[FloatArray]:
    """Tell whether a value has cells; an array without axes, as NumPy returns them, is a number."""
    return isinstance(value, np.ndarray) and value.ndim > 0


def flag_argument(name: str, value: object) -> bool:
    """Return `value` as a bool if it is one, or raise."""
    if not isinstance(value, bool | np.bool_):
        raise ArgumentError(
            f"{name} must be True or False, got {brief(value)}", field=name, value=kept(value)
        )
    return bool(value)


def thread_count(threads: object) -> int:
    """Return a number of threads, 0 for all, or raise.

    Many more than there are cores would only wait for each other, and where the system starts no
    more of them, OpenMP ends the process.
    """
    number = whole_number_in("threads", threads, 0, 2**31 - 1)
    if number > _SURELY_BORNE_THREADS and number > (most := most_processes()):
        raise ArgumentError(
            f"threads must lie in [0, {most}] on this machine, got {number}",
            remedy="give 0 for as many as there are cores",
            field="threads",
            value=number,
        )
    return number


def described(array: object) -> str:
    """Return dtype and shape of an array, for the value that an error tells; else the type.

    Examples
    --------
    >>> described(np.zeros((2, 3))), described([1, 2])
    ('float64 array of shape (2, 3)', 'list')
    """
    if isinstance(array, np.ndarray):
        return f"{array.dtype} array of shape {array.shape}"
    return type(array).__name__


def grid_or_number(name: str, value: object, *, like: FloatArray) -> FloatArray:
    """Return `value` as a grid like `like`: an array as it is, a number spread over all cells."""
    if is_array(value):
        return grid_argument(name, value, like=like)
    return np.full(like.shape, finite_number(name, value), dtype=like.dtype)


def grids_or_numbers(**values: object) -> dict[str, FloatArray]:
    """Return each value as a (rows, cols) array, or a number as a (1, 1) array, or raise.

    The first array sets shape and dtype for all; numbers alone are one cell in float64.
    A (1, 1) array stands for one number everywhere and takes no memory.
    """
    like: FloatArray | None = None
    for name, value in values.items():
        if is_array(value):
            like = grid_argument(name, value)
            break
    if like is None:
        like = np.zeros((1, 1))
    return {
        name: grid_argument(name, value, like=like)
        if is_array(value)
        else np.full((1, 1), finite_number(name, value), dtype=like.dtype)
        for name, value in values.items()
    }


def array_or_number(
    name: str,
    value: object,
    *,
    like: FloatArray | None = None,
    within: tuple[float, float] | None = None,
) -> FloatArray | float:
    """Return `value` as a checked (rows, cols) array or a finite float, or raise.

    With `like`, an array has the shape and dtype of that one; `within` are the least and the
    greatest value, which NaN does not touch.
    """
    if not is_array(value):
        return finite_number(name, value) if within is None else number_in(name, value, *within)
    array = grid_argument(name, value, like=like)
    if within is not None:
        low, high = within
        beyond = (array < low) | (array > high)
        if beyond.any():
            raise ArgumentError(
                f"{name} must lie in [{low:g}, {high:g}], got {array[beyond].flat[0]:g}",
                field=name,
                value=described(array),
            )
    return array


def angles_argument(name: str, value: object, low: float, high: float) -> NDArray[np.float64]:
    """Return a number, list or array of any shape as float64 within [low, high], or raise.

    NaN is let through.
    """
    try:
        angles = np.asarray(value)
    except ValueError:  # lists of different lengths
        angles = np.empty(0, dtype=object)
    if angles.dtype.kind not in "fiu" or not angles.size or is_masked(value):
        raise ArgumentError(
            f"{name} must be a number or a plain array of numbers, got {brief(value)}",
            remedy="write no data as NaN",
            field=name,
            value=kept(value),
        )
    angles = angles.astype(np.float64)
    beyond = (angles < low) | (angles > high)
    if beyond.any():
        raise ArgumentError(
            f"{name} must lie in [{low:g}, {high:g}], got {angles[beyond].flat[0]:g}",
            field=name,
            value=kept(value),
        )
    return angles


def into_radians(arrays: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the arrays with each ``NAME_deg`` as ``NAME_rad``, the names that kernels have."""
    turned = {}
    for name, array in arrays.items():
        if name.endswith("_deg"):
            turned[name.removesuffix("_deg") + "_rad"] = np.radians(array)
        else:
            turned[name] = array
    return turned


def cell_size(value: object, name: str = "cell_size_m") -> tuple[float, float]:
    """Return (x, y) edge lengths [m] from one number or a pair, or raise."""
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or isinstance(value, list | np.ndarray):
        raise ArgumentError(
            f"{name} must be a number or a pair (x, y), got {brief(value)}",
            field=name,
            value=kept(value),
        )
    x, y = (finite_number(name, v) for v in pair)
    if x <= 0 or y <= 0:
        raise ArgumentError(f"{name} must be positive, got {brief(value)}", field=name, value=value)
    low, high = CELL_SIZE.lowest, CELL_SIZE.highest
    return number_in(name, x, low, high), number_in(name, y, low, high)
