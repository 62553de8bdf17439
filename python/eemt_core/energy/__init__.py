"""Effective energy and mass transfer: the monthly balance and its building blocks.

Arrays are (rows, cols); nodata is NaN.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
