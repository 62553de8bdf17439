"""Effective energy and mass transfer: the monthly balance and its building blocks.

`eemt_trad`, `eemt_topo` and `eemt_topo_veg` give a month's energy from its climate
(`MonthClimate`) and sun (`MonthSun`); the steps on the way are functions too. Arrays are
(rows, cols), numbers alone one cell of shape (1, 1); nodata is NaN.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
