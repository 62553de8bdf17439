"""Where the cells of a DataArray are: its axes, their order, its CRS, the size of its cells."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import xarray as xr

from .. import rasters
from ..errors import ArgumentError
from ..grids.grid import Grid

_X_NAMES = ("x", "lon", "longitude", "easting", "projection_x_coordinate", "grid_longitude")
_Y_NAMES = ("y", "lat", "latitude", "northing", "projection_y_coordinate", "grid_latitude")
_METRES = ("m", "metre", "meter", "metres", "meters")
_MAPPINGS = ("spatial_ref", "crs")

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
    """

    array: xr.DataArray
    step: tuple[int, int]
    grid: Grid

    @classmethod
    def of(cls, array: xr.DataArray) -> Place:
        """Return the place of a DataArray.

        Raises
        ------
        ArgumentError
            If it has not one horizontal axis of each kind, its cells are uneven, or its CRS does
            not do for lengths on the ground.
        """
        if not isinstance(array, xr.DataArray):
            raise ArgumentError(
                f"the DEM must be a DataArray, got {type(array).__name__}",
                field="dem",
                value=type(array).__name__,
            )
        y, x = _axis(array, _Y_NAMES, "Y"), _axis(array, _X_NAMES, "X")
        others = [d for d in array.dims if d not in (y, x)]
        long = [str(d) for d in others if array.sizes[d] != 1]
        if long:
            raise ArgumentError(
                f"the DEM has further dimensions ({', '.join(long)})",
                remedy=f"select one layer, for example with .isel({long[0]}=0)",
                field="dem",
            )
        unit = str(array.attrs.get("units", "m")).lower()
        if unit not in _METRES:
            raise ArgumentError(
                f"the elevations are in {unit}",
                remedy="convert them to metres and set units to m, or drop the attribute if it "
                "is wrong",
                field="dem",
                value=unit,
            )
        array = array.squeeze(others, drop=True).transpose(y, x)
        first_y, dy = _steps(array, y)
        first_x, dx = _steps(array, x)
        rows, cols = array.shape
        north = first_y if dy < 0 else first_y + (rows - 1) * dy
        west = first_x if dx > 0 else first_x + (cols - 1) * dx
        wkt = crs_wkt(array)
        unit_m = rasters.metres_in_unit(wkt) if wkt else _unit_of_axes(array, y, x)
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
        return cls(array, (1 if dy < 0 else -1, 1 if dx > 0 else -1), _on_the_ground(grid))

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
                "the DEM has no CRS, which says where on the Earth it lies",
                remedy='add it, for example with dem.rio.write_crs("EPSG:32613") of rioxarray',
                field="dem",
            )
        return rasters.geometry(self.grid)

    @property
    def is_dask(self) -> bool:
        """Whether the values are a dask array."""
        return self.array.chunks is not None

    @property
    def data(self) -> Any:
        """(rows, cols) array of float32 or float64, row 0 in the north, NaN for no data."""
        return self.turned(_as_floats(self.array))

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
        mapping = self.array.attrs.get("grid_mapping")
        if mapping is not None:
            attrs["grid_mapping"] = mapping
        made = xr.DataArray(self.turned(values), coords, (*leading, *self.array.dims), attrs=attrs)
        made.name = None  # xarray would take that of dask's graph
        if "grid_mapping" in self.array.encoding:
            made.encoding["grid_mapping"] = self.array.encoding["grid_mapping"]
        return made


def crs_wkt(array: xr.DataArray) -> str:
    """Return the CRS of a DataArray as WKT; empty where it has none.

    It is looked for where the CF conventions put it: in the attributes of the coordinate that
    ``grid_mapping`` names, which rioxarray calls ``spatial_ref``.
    """
    named = array.encoding.get("grid_mapping", array.attrs.get("grid_mapping"))
    for name in (named, *_MAPPINGS):
        if name in array.coords:
            attrs = array.coords[name].attrs
            text = attrs.get("crs_wkt") or attrs.get("spatial_ref")
            if text:
                return rasters.horizontal_wkt(str(text))
    text = array.attrs.get("crs")
    return rasters.horizontal_wkt(str(text)) if text else ""


def _axis(array: xr.DataArray, names: tuple[str, ...], kind: str) -> Hashable:
    found = [
        dim
        for dim in array.dims
        if str(dim).lower() in names
        or (dim in array.coords and array.coords[dim].attrs.get("axis") == kind)
    ]
    if len(found) != 1:
        raise ArgumentError(
            f"the DEM must have one {kind.lower()} axis, called {names[0]} or {names[1]} or with "
            f'the attribute axis="{kind}"; its dimensions are '
            f"{', '.join(map(str, array.dims)) or 'none'}",
            field="dem",
        )
    return found[0]


def _steps(array: xr.DataArray, dim: Hashable) -> tuple[float, float]:
    """Return the first coordinate of a dimension and the step between its cells."""
    if dim not in array.coords or array.sizes[dim] < 2:
        raise ArgumentError(
            f"the DEM must have coordinates of at least two cells along {dim}, which say how "
            "large its cells are",
            field="dem",
        )
    values = np.asarray(array.coords[dim].values, dtype=np.float64)
    step = (values[-1] - values[0]) / (len(values) - 1)
    off = np.abs(np.diff(values) - step).max()
    if not (step != 0 and off <= _UNEVEN * abs(step)):
        raise ArgumentError(
            f"the coordinates along {dim} must rise or fall in even steps",
            remedy="bring the DEM to a regular grid first, for example with .interp",
            field="dem",
        )
    return float(values[0]), float(step)


def _unit_of_axes(array: xr.DataArray, *dims: Hashable) -> float:
    units = [str(array.coords[dim].attrs.get("units", "")).lower() for dim in dims]
    if all(unit in _METRES for unit in units):
        return 1.0
    raise ArgumentError(
        "the DEM has neither a CRS nor coordinates in metres, so the size of its cells is unknown",
        remedy='add its CRS, for example with dem.rio.write_crs("EPSG:32613") of rioxarray, or '
        'set the attribute units="m" of its coordinates',
        field="dem",
    )


def _on_the_ground(grid: Grid) -> Grid:
    if not grid.crs:
        return grid
    remedy = "reproject it first, for example with dem.rio.reproject(dem.rio.estimate_utm_crs())"
    if grid.is_geographic:
        raise ArgumentError(
            "the DEM's coordinates are degrees, not lengths", remedy=remedy, field="dem"
        )
    scale = rasters.ground_scale(grid)
    if not scale.is_even:
        how = "mirrored" if scale.mirrored else f"off by up to {scale.error:.1%}"
        raise ArgumentError(
            f"the cells of the DEM's CRS are {how} on the ground", remedy=remedy, field="dem"
        )
    return scale.sized(grid)


def _as_floats(array: xr.DataArray) -> Any:
    """Return the values as floats: fills are NaN, packed numbers are unpacked (CF, chapter 8)."""
    data = array.data
    kind = data.dtype
    floats = data if kind in (np.float32, np.float64) else data.astype(np.float32)
    fills = [array.attrs[k] for k in ("_FillValue", "missing_value", "nodata") if k in array.attrs]
    for fill in fills:
        try:
            value = np.asarray(fill, dtype=kind)
        except (
            OverflowError,
            ValueError,
        ):  # such as NaN or -9999 of unsigned numbers: no cell has it
            continue
        if np.isfinite(np.float64(value)):
            floats = xr.where(data == value, np.asarray(np.nan, floats.dtype), floats)
    # a reader that has unpacked them has moved these attributes to the encoding
    scale, offset = array.attrs.get("scale_factor", 1.0), array.attrs.get("add_offset", 0.0)
    if (scale, offset) != (1.0, 0.0):
        floats = floats * floats.dtype.type(scale) + floats.dtype.type(offset)
    return floats


def contiguous(values: Any) -> NDArray[Any]:
    """Return an array of native byte order whose rows follow each other in memory."""
    values = np.ascontiguousarray(values)
    native: NDArray[Any] = values.astype(values.dtype.newbyteorder("="), copy=False)
    return native
