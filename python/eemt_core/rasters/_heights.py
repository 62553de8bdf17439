"""The unit that a raster of elevations other than the DEM itself declares."""

from __future__ import annotations

from ..errors import InputError
from ._crs import height_axis
from ._dem import _SPELLINGS, UNITS_M
from ._files import Path_, opened


def height_unit_m(path: Path_) -> float | None:
    """Return the metres per unit of a raster's elevations, or None if the file declares no unit.

    The unit is that of the first band, or else of the height axis in the CRS.

    Raises
    ------
    InputError
        If the file is missing or unreadable, holds depths, or declares an unknown unit.
    """
    with opened(path) as source:
        unit_of_axis, is_depth = height_axis(source.crs) if source.crs else (None, False)
        if is_depth:
            raise InputError(
                f"{source.name} has a coordinate reference system of depths, which count downwards",
                remedy="give heights, and declare a reference system of heights or a horizontal "
                "one alone",
            )
        said = (source.units[0] if source.count else None) or unit_of_axis
        if not said or not said.strip():
            return None
        for unit, spellings in _SPELLINGS.items():
            if said.strip().lower() in spellings:
                return UNITS_M[unit]
        raise InputError(
            f"{source.name} gives its elevations in {said!r}",
            remedy="write m, ft or us-ft there, for example with rio edit-info --bidx 1 --units m",
        )
