"""The array functions on xarray's DataArrays: `eemt_core.xarray`, of the extra ``xarray``.

Importing this package adds the accessor ``eemt`` to DataArrays: ``dem.eemt.sunlight(days=[172])``
is ``sunlight(dem, days=[172])``. A DEM has one axis x and one axis y, in either order and
direction, and a projected CRS where rioxarray and the CF conventions put it, or, where neither
latitude nor north matter, coordinates in metres. The size of the cells on the ground and their
latitude are taken from these. Results keep dimensions, coordinates and CRS, and have their units
in ``attrs``.
"""

try:
    import xarray as _  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "eemt_core.xarray needs xarray: install it with pip install 'eemt-core[xarray]'",
        name=error.name,
    ) from None

from ._accessor import EemtAccessor
from ._energy import eemt_topo, eemt_topo_veg, eemt_trad
from ._solar import sunlight
from ._terrain import horizon_map, sky_view_factor, slope_aspect, surface
from ._water import (
    fill_depressions,
    flow_direction,
    specific_catchment_area,
    topographic_wetness_index,
    wetness_ratio,
)

__all__ = [
    "EemtAccessor",
    "eemt_topo",
    "eemt_topo_veg",
    "eemt_trad",
    "fill_depressions",
    "flow_direction",
    "horizon_map",
    "sky_view_factor",
    "slope_aspect",
    "specific_catchment_area",
    "sunlight",
    "surface",
    "topographic_wetness_index",
    "wetness_ratio",
]
