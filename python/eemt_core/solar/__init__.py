"""The sun over terrain: its place, irradiation of slopes, shadows, reflected light.

`sunlight` takes a DEM (`eemt_core.terrain.Terrain`) and finds slopes and shadows, `irradiation`
takes cells whose slopes are known (`eemt_core.terrain.Surface`); `Sun` has the days, `Air` the
turbidity and albedo. Arrays are (rows, cols), row 0 in the north, column 0 in the west; nodata is
NaN.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
