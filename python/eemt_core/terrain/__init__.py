"""Shape of the terrain: slope and aspect, horizons, sky view.

`Terrain` is a DEM with its place on the Earth, `Surface` cells whose slope and aspect are known.
Arrays are (rows, cols), row 0 in the north, column 0 in the west; nodata is NaN.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
