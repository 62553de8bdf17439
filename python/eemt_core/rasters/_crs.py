"""Coordinate reference systems: units, transformed points, and a projection for an extent."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.env import Env
from rasterio.errors import CRSError, DriverRegistrationError, RasterioError
from rasterio.warp import transform

from ..environment import variables_of_data
from ..errors import InputError, VersionError

Array = NDArray[np.float64]

# What rasterio raises when GDAL fails: its own errors (two of them are not subclasses of
# RasterioError), GDAL's errors unchanged, and a SystemError where GDAL fails without a message.
GDAL_ERRORS = (RasterioError, CRSError, DriverRegistrationError, CPLE_BaseError, SystemError)

_NO_PLACE = (
    "a point of the raster lies outside the region where its coordinate reference system is defined"
)
_A_PLACE = "check its georeference, or cut it to that region"

# EPSG code of a geographic CRS -> (code of its UTM zone 0 north, first zone, last zone)
_UTM_NORTH = {
    4269: (26900, 1, 23),  # NAD83
    6318: (6329, 1, 19),  # NAD83(2011)
    4258: (25800, 28, 38),  # ETRS89
}


def wkt_of(crs: CRS) -> str:
    """Return a CRS as WKT 2 (2019), the version of WKT that can express every CRS."""
    text: str = crs.to_wkt(version="WKT2_2019")
    return text


def crs_wkt(name: str) -> str:
    """Return the WKT of a CRS given as "EPSG:4326", a PROJ string or WKT.

    Examples
    --------
    >>> crs_wkt("EPSG:32613")[:32]
    'PROJCRS["WGS 84 / UTM zone 13N",'
    """
    return wkt_of(_crs(name))


def described(crs: CRS) -> dict[str, Any]:
    """Return PROJ's JSON description of a CRS (PROJJSON), an empty dict where there is none.

    Which keys a description has depends on the kind of CRS: read every key with a default.
    """
    try:
        description = crs.to_dict(projjson=True)
    except (*GDAL_ERRORS, ValueError):
        return {}
    return description if isinstance(description, dict) else {}


def _unbound(description: Any) -> dict[str, Any]:
    """Return the description of a CRS itself, without a transformation to another CRS."""
    while isinstance(description, dict) and description.get("type") == "BoundCRS":
        description = description.get("source_crs")
    return description if isinstance(description, dict) else {}


def _components(crs: CRS) -> list[Any]:
    """Return the descriptions of the parts of a compound CRS, none for any other."""
    parts = _unbound(described(crs)).get("components")
    return parts if isinstance(parts, list) else []


def horizontal_crs(crs: CRS) -> CRS:
    """Return the horizontal part of a compound CRS; any other CRS is returned unchanged."""
    components = _components(crs)
    if not components:
        return crs
    try:
        return CRS.from_user_input(components[0])
    except (*GDAL_ERRORS, TypeError, ValueError) as error:
        raise InputError(
            f"the coordinate reference system {describe(crs)} has a horizontal part that cannot "
            "be read",
            remedy="declare a projected one, for example with rio edit-info --crs EPSG:32613",
        ) from error


def height_axis(crs: CRS) -> tuple[str | None, bool]:
    """Return the unit of a CRS's height axis (None without one), and whether it counts depths."""
    for part in _components(crs) or [described(crs)]:
        system = _unbound(part).get("coordinate_system")
        axes = system.get("axis") if isinstance(system, dict) else None
        for axis in axes if isinstance(axes, list) else []:
            if axis.get("direction") in ("up", "down"):
                unit = axis.get("unit")
                name = unit.get("name") if isinstance(unit, dict) else unit
                return (str(name) if name else None), axis["direction"] == "down"
    return None, False


def _grids(description: Any) -> list[str]:
    """Return the names of the grid files (datum shifts, geoids) in a CRS's description."""
    if isinstance(description, list):
        return [grid for part in description for grid in _grids(part)]
    if not isinstance(description, dict):
        return []
    value = description.get("value")
    if isinstance(value, str) and "file" in str(description.get("name", "")):
        return [value]
    return [grid for part in description.values() for grid in _grids(part)]


def geographic_crs(crs: CRS) -> CRS:
    """Return the geographic CRS that a projected CRS is based on, if EPSG lists it, else WGS 84.

    The result only serves to choose a projection; no coordinates are transformed with it, so WGS 84
    is accurate enough.
    """
    base = _unbound(described(horizontal_crs(crs))).get("base_crs")
    name = base.get("id") if isinstance(base, dict) else None
    if not isinstance(name, dict) or name.get("authority") != "EPSG":
        return CRS.from_epsg(4326)
    return CRS.from_epsg(name["code"])


def metres_per_unit(crs: CRS) -> float:
    """Return how many metres one unit of a projected CRS has; 0 for a geographic CRS."""
    return float(crs.linear_units_factor[1]) if crs.is_projected else 0.0


def horizontal_wkt(text: str) -> str:
    """Return the horizontal part of a CRS given as WKT, a PROJ string or "EPSG:4326", as WKT.

    Raises
    ------
    InputError
        If the text is not a CRS.
    """
    return wkt_of(horizontal_crs(_crs(text)))


def crs_name(text: str) -> str:
    """Return a short name of a CRS given as WKT, a PROJ string or "EPSG:4326".

    Examples
    --------
    >>> crs_name("EPSG:32613")
    'WGS 84 / UTM zone 13N (EPSG:32613)'
    """
    return describe(_crs(text))


def same_crs(wkt: str, other: str) -> bool:
    """Say whether two texts in WKT describe one CRS."""
    return bool(_crs(wkt) == _crs(other))


def metres_in_unit(wkt: str) -> float:
    """Return how many metres one unit of a CRS (WKT) has; 0 for a geographic CRS."""
    return metres_per_unit(_crs(wkt))


def transform_points(src_crs: str, dst_crs: str, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Transform points from one CRS to another.

    Parameters
    ----------
    src_crs, dst_crs
        WKT, "EPSG:4326", or whatever else GDAL understands.
    x, y
        Arrays of equal shape: easting and northing, or longitude and latitude [deg]. This order
        holds whatever axis order the CRS itself declares.

    Returns
    -------
    x, y
        float64 arrays of that shape.

    Raises
    ------
    InputError
        If a point lies outside the region where one of the two CRS is defined.

    Examples
    --------
    >>> x, y = transform_points("EPSG:4326", "EPSG:32613", [-105.0], [0.0])
    >>> round(float(x[0]), 3), round(float(y[0]), 3)
    (500000.0, 0.0)
    """
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    with Env():  # GDAL's errors are raised, not also printed
        ends = _crs(src_crs), _crs(dst_crs)
        try:
            to_x, to_y = transform(*ends, x.ravel(), y.ravel())
        except GDAL_ERRORS as error:
            raise _no_way(*ends) from error
    to = np.array([to_x, to_y]).reshape(2, *x.shape)
    if not np.isfinite(to).all():
        raise InputError(_NO_PLACE, remedy=_A_PLACE)
    return to[0], to[1]


def _no_way(*ends: CRS) -> InputError:
    """Return the error that says why points cannot be transformed between two CRS."""
    grids = [grid for crs in ends for grid in _grids(described(horizontal_crs(crs)))]
    if not grids:
        return InputError(_NO_PLACE, remedy=_A_PLACE)
    return InputError(
        f"the coordinate reference system ({describe(ends[0])}) needs the grid {grids[0]}, which"
        " PROJ does not have here",
        remedy="bring the raster to another one where the grid is installed, for example with"
        " gdalwarp -t_srs EPSG:32613, or declare one without a grid",
    )


def _crs(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except GDAL_ERRORS as error:
        raise InputError(
            f"{text!r} is no coordinate reference system",
            remedy="give WKT or a code such as EPSG:32613",
        ) from error


def fitted_crs(source: CRS, west: float, south: float, east: float, north: float) -> CRS:
    """Return a conformal projected CRS for an extent in degrees of a geographic CRS.

    An extent up to 6 degrees wide gets the UTM zone of its centre. A wider one gets a Lambert
    conformal conic projection whose standard parallels lie a sixth of the height inside the
    extent, which spreads the distortion evenly. Along the equator, where that cone becomes a
    cylinder, it is Mercator; near a pole it is polar stereographic.
    """
    lon, lat = (west + east) / 2, (south + north) / 2
    lon = (lon + 180) % 360 - 180
    datum = _proj_datum(source)
    if north > 84 or south < -80:
        if east - west > 360 or (north > 0 > south):
            raise InputError(
                f"an extent from {south:g} to {north:g} degrees of latitude fits no projection "
                "that keeps angles",
                remedy="cut the DEM to the region that matters",
            )
        pole = 90 if lat > 0 else -90
        return CRS.from_proj4(f"+proj=stere +lat_0={pole} +lat_ts={lat} +lon_0={lon} {datum}")
    if east - west > 180:
        raise InputError(
            f"an extent of {east - west:g} degrees of longitude fits no projection that keeps "
            "angles",
            remedy="cut the DEM to the region that matters",
        )
    if east - west <= 6:
        return _utm(source, lon, lat)
    sixth = (north - south) / 6
    first, second = south + sixth, north - sixth
    if abs(first + second) < 2:
        return CRS.from_proj4(f"+proj=merc +lon_0={lon} +lat_ts={abs(second)} {datum}")
    return CRS.from_proj4(
        f"+proj=lcc +lat_1={first} +lat_2={second} +lat_0={lat} +lon_0={lon} {datum}"
    )


def _utm(source: CRS, lon: float, lat: float) -> CRS:
    zone = min(int((lon + 180) // 6) + 1, 60)
    zero, first, last = _UTM_NORTH.get(source.to_epsg() or 0, (32600, 1, 60))
    if lat < 0 or not first <= zone <= last:
        zero = 32600 if lat >= 0 else 32700
    return CRS.from_epsg(zero + zone)


def _proj_datum(source: CRS) -> str:
    return "+datum=NAD83 +no_defs" if source.to_epsg() in (4269, 6318) else "+datum=WGS84 +no_defs"


def around_date_line(crs: CRS, lon_deg: float) -> CRS:
    """Return a geographic CRS whose longitudes range 180 degrees to both sides of `lon_deg`.

    GDAL's longitudes range from -180 to 180, so without this it would find only one half of a
    raster that crosses the date line.
    """
    return CRS.from_proj4(f"+proj=longlat {_proj_datum(crs)} +lon_wrap={lon_deg}")


def describe(crs: CRS) -> str:
    """Return a short name of a CRS, for use in messages."""
    description = _unbound(described(crs))
    name = str(description.get("name", "unnamed"))
    if name != "unknown":
        return f"{name} (EPSG:{crs.to_epsg()})" if crs.to_epsg() else name
    conversion = description.get("conversion")
    method = conversion.get("method") if isinstance(conversion, dict) else None
    title = method.get("name") if isinstance(method, dict) else None
    return f"a fitted {title}" if title else "without a name"


@cache
def check_database() -> None:
    """Raise VersionError unless PROJ finds a database that fits its own version."""
    try:
        with Env():
            CRS.from_epsg(4326)
    except GDAL_ERRORS as error:
        names = ", ".join(variables_of_data())
        remedy = f"unset {names}" if names else "install rasterio anew"
        raise VersionError(
            "PROJ finds no database that fits the installed rasterio", remedy=remedy
        ) from error
