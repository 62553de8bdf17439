"""Rasters: reading windows of DEMs and climate files, writing cloud-optimised maps.

This is the only part of the package that uses rasterio. It handles files, coordinate reference
systems and nodata. Apart from elevations it does not interpret the values that it reads.
"""

from . import _boto3 as _boto3  # before all that imports rasterio
from ._average import VRT_ENDING, Average, average_of, write_average_vrt
from ._cog import Run, write_cog
from ._crs import (
    crs_name,
    crs_wkt,
    fitted_crs,
    horizontal_wkt,
    metres_in_unit,
    same_crs,
    transform_points,
)
from ._dem import UNITS_M, DemInfo, DemOutline, PreparedDem, open_dem, outline_dem, prepare_dem
from ._files import (
    RasterInfo,
    WindowReader,
    open_map,
    raster_info,
    read_bands,
    read_overview,
    read_window,
)
from ._formats import FORMATS_VARIABLE
from ._geometry import Geometry, geometry
from ._heights import height_unit_m
from ._identity import RasterFiles, raster_files
from ._maps import Block, is_whole, overview_factors, write_map
from ._match import read_matched
from ._match_values import MatchedValues, check_matched
from ._overlay import bounds_deg, web_overlay, write_png
from ._reproject import projected_grid
from ._sample import sample_raster
from ._scale import ground_scale, true_size
from ._sources import source_files
from ._whole import remove_leftovers

__all__ = [
    "FORMATS_VARIABLE",
    "UNITS_M",
    "VRT_ENDING",
    "Average",
    "Block",
    "DemInfo",
    "DemOutline",
    "Geometry",
    "MatchedValues",
    "PreparedDem",
    "RasterFiles",
    "RasterInfo",
    "Run",
    "WindowReader",
    "average_of",
    "bounds_deg",
    "check_matched",
    "crs_name",
    "crs_wkt",
    "fitted_crs",
    "geometry",
    "ground_scale",
    "height_unit_m",
    "horizontal_wkt",
    "is_whole",
    "metres_in_unit",
    "open_dem",
    "open_map",
    "outline_dem",
    "overview_factors",
    "prepare_dem",
    "projected_grid",
    "raster_files",
    "raster_info",
    "read_bands",
    "read_matched",
    "read_overview",
    "read_window",
    "remove_leftovers",
    "same_crs",
    "sample_raster",
    "source_files",
    "transform_points",
    "true_size",
    "web_overlay",
    "write_average_vrt",
    "write_cog",
    "write_map",
    "write_png",
]
