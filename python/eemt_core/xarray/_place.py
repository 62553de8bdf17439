"""Where the cells of a DataArray are: its axes, their order, its CRS, the size of its cells."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import xarray as xr

from .. import rasters
from .._arrays import check_plausible
from ..errors import ArgumentError
from ..grids.grid import Grid
from ..plausible import ELEVATION, Quantity
from ._crs import crs_wkt
from ._values import as_floats, not_a_dataarray

_X_NAMES = ("x", "lon", "longitude", "easting", "projection_x_coordinate", "grid_longitude")
_Y_NAMES = ("y", "lat", "latitude", "northing", "projection_y_coordinate", "grid_latitude")
_UNKNOWN_FILL = "write no data as NaN, or say which value it is in the attribute _FillValue"
_OF_PLACE = ("grid_mapping", "crs")
_METRES = ("m", "metre", "meter", "metres", "meters")

# Coordinates in float32 are rounded: to a part in 10**7 of some million metres.
_UNEVEN = 0.05


@dataclass(frozen=True, eq=False)
class Place:
    """A two-dimensional DataArray and the grid that its cells lie on.

    Attributes
    ----------
    array
        The DataArray, its dimensions in the order (y, x).
    step
        For y and x the step through its rows and columns from the north-west: 1 or -1.
    grid
        The grid, north up; its cells know their size on the ground where the CRS is projected.
    name
        The argument that it is.
    quantity
        What its values can be, if that is known.
    """

    array: xr.DataArray
    step: tuple[int, int]
    grid: Grid
    name: str = "dem"
    quantity: Quantity | None = ELEVATION

    @classmethod
    def of(cls, array: xr.DataArray) -> Place:
        """Return the place of a DEM.

        Raises
        ------
        ArgumentError
            If it has not one horizontal axis of each kind, its cells are uneven, or its CRS does
            not do for lengths on the ground.
        """
        if not isinstance(array, xr.DataArray):
            raise not_a_dataarray("dem", array)
        unit = str(array.attrs.get("units", "m")).lower()
        if unit not in _METRES:
            raise ArgumentError(
                f"the elevations are in {unit}",
                remedy="convert them to metres and set units to m, or drop the attribute if it "
                "is wrong",
                field="dem",
                value=unit,
            )
        return cls.of_cells(array, "dem", ELEVATION)

    @classmethod
    def of_cells(cls, array: xr.DataArray, name: str, quantity: Quantity | None = None) -> Place:
        """Return the place of a DataArray whose values may be others than elevations."""
        if not isinstance(array, xr.DataArray):
            raise not_a_dataarray(name, array)
        y, x = _axis(array, _Y_NAMES, "Y", name), _axis(array, _X_NAMES, "X", name)
        others = [d for d in array.dims if d not in (y, x)]
        long = [str(d) for d in others if array.sizes[d] != 1]
        if long:
            raise ArgumentError(
                f"{name} has further dimensions ({', '.join(long)})",
                remedy=f"select one layer, for example with .isel({long[0]}=0)",
                field=name,
            )
        array = array.squeeze(others, drop=True).transpose(y, x)
        first_y, dy = _steps(array, y, name)
        first_x, dx = _steps(array, x, name)
        rows, cols = array.shape
        north = first_y if dy < 0 else first_y + (rows - 1) * dy
        west = first_x if dx > 0 else first_x + (cols - 1) * dx
        wkt = crs_wkt(array, name)
        unit_m = rasters.metres_in_unit(wkt) if wkt else _unit_of_axes(array, name, y, x)
        grid = Grid(
            rows=rows,
            cols=cols,
            x0=west - abs(dx) / 2,
            y0=north + abs(dy) / 2,
            dx=abs(dx),
            dy=abs(dy),
            unit_m=unit_m,
            crs=wkt,
        )
        step = (1 if dy < 0 else -1, 1 if dx > 0 else -1)
        return cls(array, step, _on_the_ground(grid, name), name, quantity)

    @property
    def cell_size_m(self) -> tuple[float, float]:
        """Edge lengths (x, y) of a cell on the ground [m]."""
        return self.grid.cell_size_m

    @cached_property
    def geometry(self) -> rasters.Geometry:
        """Latitude, longitude and the direction of north.

        Raises
        ------
        ArgumentError
            If there is no CRS.
        """
        if not self.grid.crs:
            raise ArgumentError(
                f"{self.name} has no CRS, which says where on the Earth it lies",
                remedy='add it, for example with .rio.write_crs("EPSG:32613") of rioxarray',
                field=self.name,
            )
        return rasters.geometry(self.grid)

    @property
    def is_dask(self) -> bool:
        """Whether the values are a dask array."""
        return self.array.chunks is not None

    @property
    def data(self) -> Any:
        """(rows, cols) array of float32 or float64, row 0 in the north, NaN for no data."""
        values = as_floats(self.array, self.name)
        if isinstance(values, np.ndarray) and self.quantity is not None:
            check_plausible(self.name, values, self.quantity, remedy=_UNKNOWN_FILL)
        return self.turned(values)

    def turned(self, values: Any) -> Any:
        """Return an array of (..., rows, cols), from the DataArray's order to ours or back."""
        return values[..., :: self.step[0], :: self.step[1]]

    def wrapped(
        self,
        values: Any,
        units: str,
        long_name: str,
        leading: Mapping[Hashable, Any] | None = None,
    ) -> xr.DataArray:
        """Return (..., rows, cols) values as a DataArray with this one's coordinates and CRS.

        Parameters
        ----------
        leading
            Names and coordinates of the dimensions before rows and columns.
        """
        leading = leading or {}
        coords: dict[Hashable, Any] = {**leading, **self.array.coords}
        attrs: dict[str, Any] = {"units": units, "long_name": long_name}
        attrs |= {key: self.array.attrs[key] for key in _OF_PLACE if key in self.array.attrs}
        made = xr.DataArray(self.turned(values), coords, (*leading, *self.array.dims), attrs=attrs)
        made.name = None  # xarray would take that of dask's graph
        if "grid_mapping" in self.array.encoding:
            made.encoding["grid_mapping"] = self.array.encoding["grid_mapping"]
        return made


def _axis(array: xr.DataArray, names: tuple[str, ...], kind: str, name: str) -> Hashable:
    found = [
        dim
        for dim in array.dims
        if str(dim).lower() in names
        or (dim in array.coords and str(array.coords[dim].attrs.get("axis")) == kind)
    ]
    if len(found) != 1:
        raise ArgumentError(
            f"{name} must have one {kind.lower()} axis, called {names[0]} or {names[1]} or with "
            f'the attribute axis="{kind}"; its dimensions are '
            f"{', '.join(map(str, array.dims)) or 'none'}",
            field=name,
        )
    return found[0]


def _steps(array: xr.DataArray, dim: Hashable, name: str) -> tuple[float, float]:
    """Return the first coordinate of a dimension and the step between its cells."""
    if dim not in array.coords or array.sizes[dim] < 2:
        raise ArgumentError(
            f"{name} must have coordinates of at least two cells along {dim}, which say how "
            "large its cells are",
            field=name,
        )
    coordinates = array.coords[dim]
    if coordinates.ndim != 1 or coordinates.dtype.kind not in "fiu":
        raise ArgumentError(
            f"the coordinates along {dim} must be a row of numbers, got {coordinates.dtype} of the "
            f"dimensions ({', '.join(map(str, coordinates.dims))})",
            remedy="bring it to a regular grid first, for example with .rio.reproject, or "
            "give it its own coordinates with .assign_coords",
            field=name,
            value=str(coordinates.dtype),
        )
    values = np.asarray(coordinates.values, dtype=np.float64)
    step = (values[-1] - values[0]) / (len(values) - 1)
    off = np.abs(np.diff(values) - step).max()
    if not (step != 0 and off <= _UNEVEN * abs(step)):
        raise ArgumentError(
            f"the coordinates along {dim} must rise or fall in even steps",
            remedy="bring it to a regular grid first, for example with .interp",
            field=name,
        )
    return float(values[0]), float(step)


def _unit_of_axes(array: xr.DataArray, name: str, *dims: Hashable) -> float:
    units = [str(array.coords[dim].attrs.get("units", "")).lower() for dim in dims]
    if all(unit in _METRES for unit in units):
        return 1.0
    raise ArgumentError(
        f"{name} has neither a CRS nor coordinates in metres, so the size of its cells is unknown",
        remedy='add its CRS, for example with .rio.write_crs("EPSG:32613") of rioxarray, or '
        'set the attribute units="m" of its coordinates',
        field=name,
    )


def _on_the_ground(grid: Grid, name: str) -> Grid:
    if not grid.crs:
        return grid
    remedy = (
        f"reproject it first, for example with {name}.rio.reproject({name}.rio.estimate_utm_crs())"
    )
    if grid.is_geographic:
        raise ArgumentError(
            f"the coordinates of {name} are degrees, not lengths", remedy=remedy, field=name
        )
    scale = rasters.ground_scale(grid)
    if not scale.is_even:
        how = "mirrored" if scale.mirrored else f"off by up to {scale.error:.1%}"
        raise ArgumentError(
            f"the cells of the CRS of {name} are {how} on the ground", remedy=remedy, field=name
        )
    return scale.sized(grid)
