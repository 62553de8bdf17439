"""What an open raster says of all its cells: scales, and where its gaps stand.

GDAL is asked once for each open raster: of twelve small bands the answers take longer than cells.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.vrt import WarpedVRT


class Gaps(NamedTuple):
    """Of each band: its scale and offset, and whether its cells tell their gaps without a mask.

    That is so where no cell is masked, or NaN is the only nodata value. `alpha` is the number of
    the band of opacity if GDAL does not use it as a mask (it does for uint8 and uint16).
    """

    scaling: tuple[tuple[float, float], ...]
    in_cells: tuple[bool, ...]
    alpha: int | None


_known: WeakKeyDictionary[Any, Gaps] = WeakKeyDictionary()


def gaps_of(source: Any) -> Gaps:
    """Return what an open raster says; it is read only, and so stays as it is."""
    found = _known.get(source)
    if found is None:
        flags = source.mask_flag_enums
        found = _known[source] = Gaps(
            tuple(zip(source.scales, source.offsets, strict=True)),
            tuple(map(_in_cells, flags, source.nodatavals)),
            None
            if isinstance(source, WarpedVRT) or MaskFlags.alpha in flags[0]
            else alpha_band(source),
        )
    return found


def alpha_band(source: Any) -> int | None:
    """Return the number of the band that a raster declares as alpha (opacity), None without one."""
    kinds = zip(source.indexes, source.colorinterp, strict=True)
    return next((band for band, kind in kinds if kind is ColorInterp.alpha), None)


def _in_cells(flags: list[MaskFlags], nodata: float | None) -> bool:
    marked_nan = flags == [MaskFlags.nodata] and nodata is not None and np.isnan(nodata)
    return MaskFlags.all_valid in flags or bool(marked_nan)
