"""Variables of one month's cells that belong together: checked, and worked out block by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import xarray as xr

from .. import rasters
from .._numbers import brief, finite_number, kept
from ..errors import ArgumentError
from ._crs import crs_wkt
from ._values import as_floats, contiguous

Variables = Mapping[str, xr.DataArray | float]


def variables(
    dataset: xr.Dataset, wanted: tuple[str, ...], optional: tuple[str, ...], name: str
) -> dict[str, xr.DataArray | float]:
    """Return the variables of a Dataset under their paths, such as ``climate.tmin_c``."""
    if not isinstance(dataset, xr.Dataset):
        raise ArgumentError(
            f"{name} must be an xarray Dataset with the variables {', '.join(wanted)}, "
            f"got {type(dataset).__name__}",
            field=name,
            value=type(dataset).__name__,
        )
    missing = [key for key in wanted if key not in dataset]
    if missing:
        raise ArgumentError(
            f"{name} must have the variables {', '.join(wanted)}; {missing[0]} is missing",
            field=name,
        )
    return {f"{name}.{key}": dataset[key] for key in (*wanted, *optional) if key in dataset}


def by_cells(
    month: Callable[[Mapping[str, Any]], tuple[Any, ...]], given: Variables, results: int
) -> tuple[xr.DataArray, ...]:
    """Return what `month` makes of all values; each block of dask arrays is worked out by itself.

    Parameters
    ----------
    month
        Makes `results` arrays of cells of all values by the last part of their paths.
    given
        Arrays of the same (y, x) cells, or numbers, by their paths.

    Raises
    ------
    ArgumentError
        If one is neither, or their cells are not the same.
    """
    arrays = {
        path: value
        for path, value in given.items()
        if isinstance(value, xr.DataArray) and value.ndim > 0
    }
    numbers = {path: _number(path, value) for path, value in given.items() if path not in arrays}
    _check_dimensions(arrays, next(iter(given)))
    _check_places(arrays)
    floats = {
        path: array.copy(data=as_floats(array, path, np.float64)) for path, array in arrays.items()
    }
    dtype = np.result_type(*(array.dtype for array in floats.values()))
    names = [_last(path) for path in arrays]
    singles = {_last(path): number for path, number in numbers.items()}

    def work(*values: Any) -> tuple[Any, ...]:
        cells = (contiguous(value).astype(dtype, copy=False) for value in values)
        return month({**singles, **dict(zip(names, cells, strict=True))})

    made: tuple[xr.DataArray, ...] = xr.apply_ufunc(
        work,
        *floats.values(),
        output_core_dims=[()] * results,
        join="exact",
        dask="parallelized",
        output_dtypes=[dtype] * results,
    )
    return made


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _number(path: str, value: Any) -> float:
    bare = value.data[()] if isinstance(value, xr.DataArray) else value
    bare = bare.compute() if hasattr(bare, "compute") else bare
    try:
        return finite_number(path, bare)
    except ArgumentError:
        raise ArgumentError(
            f"{path} must be a finite number or a DataArray, got {brief(bare)}",
            remedy="give cells as a DataArray with the dimensions (y, x)",
            field=path,
            value=kept(bare),
        ) from None


def _check_dimensions(arrays: Mapping[str, xr.DataArray], first: str) -> None:
    remedy = (
        "all variables must be numbers or have the dimensions (y, x); select a month, for example "
        "with .sel(month=6)"
    )
    if not arrays:
        raise ArgumentError("all variables are numbers", remedy=remedy, field=first)
    for path, array in arrays.items():
        if array.ndim != 2:
            raise ArgumentError(
                "the balance is of one month's cells, but the dimensions of "
                f"{path} are ({', '.join(map(str, array.dims))})",
                remedy=remedy,
                field=path,
                value=array.dims,
            )


def _check_places(arrays: Mapping[str, xr.DataArray]) -> None:
    """Raise unless dimensions, coordinates and CRS of all arrays are those of the first."""
    (first, like), *others = arrays.items()
    placed = {path: wkt for path, array in arrays.items() if (wkt := crs_wkt(array, path))}
    for path, array in others:
        differ = _difference(array, like)
        if differ:
            raise ArgumentError(
                f"{path} must lie on the same cells as {first}, but its {differ} differ",
                remedy="bring both to one grid, for example with .rio.reproject_match of "
                "rioxarray or .interp_like",
                field=path,
                value=dict(array.sizes),
            )
    for path, wkt in placed.items():
        known = next(iter(placed))
        if not rasters.same_crs(wkt, placed[known]):
            raise ArgumentError(
                f"{path} must have the CRS of {known}, got another one",
                remedy="reproject it, for example with .rio.reproject_match of rioxarray",
                field=path,
                value=wkt[:60],
            )


def _difference(array: xr.DataArray, like: xr.DataArray) -> str:
    if set(array.dims) != set(like.dims):
        named = [f"({', '.join(map(str, each.dims))})" for each in (array, like)]
        return f"dimensions {' and '.join(named)}"
    for dim in like.dims:
        if array.sizes[dim] != like.sizes[dim]:
            return f"numbers of cells along {dim} ({array.sizes[dim]} and {like.sizes[dim]})"
        labelled = dim in array.coords and dim in like.coords
        if labelled and not array.indexes[dim].equals(like.indexes[dim]):
            return f"coordinates along {dim}"
    return ""
