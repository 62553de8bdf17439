"""The CRS of a DataArray."""

from __future__ import annotations

import xarray as xr

from .. import rasters
from .._numbers import brief, kept
from ..errors import ArgumentError, InputError

_MAPPINGS = ("spatial_ref", "crs")


def crs_wkt(array: xr.DataArray, name: str = "dem") -> str:
    """Return the CRS of a DataArray as WKT; empty where it has none.

    It is looked for where the CF conventions put it: in the attributes of the coordinate that
    ``grid_mapping`` names, which rioxarray calls ``spatial_ref``.

    Raises
    ------
    ArgumentError
        If ``grid_mapping`` is no name, or what stands there is no CRS.
    """
    named = array.encoding.get("grid_mapping", array.attrs.get("grid_mapping"))
    if named is not None and not isinstance(named, str):
        raise ArgumentError(
            f"the attribute grid_mapping of {name} must be the name of one coordinate, "
            f"got {brief(named)}",
            remedy="correct it, or drop it if it is wrong",
            field=name,
            value=kept(named),
        )
    for coordinate in (named, *_MAPPINGS):
        if coordinate in array.coords:
            attrs = array.coords[coordinate].attrs
            text = attrs.get("crs_wkt") or attrs.get("spatial_ref")
            if text:
                return _horizontal_wkt(text, name)
    text = array.attrs.get("crs")
    return _horizontal_wkt(text, name) if text else ""


def _horizontal_wkt(text: object, name: str) -> str:
    try:
        return rasters.horizontal_wkt(str(text))
    except InputError:
        raise ArgumentError(
            f"the CRS of {name} cannot be read, got {brief(text)}",
            remedy='set it anew, for example with .rio.write_crs("EPSG:32613") of rioxarray',
            field=name,
            value=kept(text),
        ) from None
