"""Where water goes: depressions, flow directions, catchment area, wetness.

Arrays are (rows, cols), row 0 in the north, column 0 in the west; nodata is NaN (an
infinite elevation counts as nodata too) and, like the map's edge, an outlet. Directions are
degrees clockwise from grid north. A raster may have up to 2**32 - 1 cells.
"""

from __future__ import annotations

import numpy as np

from . import _core
from ._arrays import (
    FloatArray,
    cell_size,
    check_plausible,
    described,
    grid_argument,
    thread_count,
)
from ._numbers import number_in
from .errors import ArgumentError
from .plausible import ELEVATION

__all__ = [
    "fill_depressions",
    "flow_direction",
    "specific_catchment_area",
    "topographic_wetness_index",
    "wetness_ratio",
]

#: Least gradient (tan of the slope angle) that the wetness index divides by, 0.06 degrees.
MIN_GRADIENT = 1e-3

#: Memory that `topographic_wetness_index` takes on float32, its input and output included
#: [bytes per cell]; on float64 twice as much.
WETNESS_BYTES_PER_CELL = 20

#: Address space that filling reserves for its queues, most of which it never touches [bytes per
#: cell]. It takes no memory, but counts where a process is held to an amount of data.
WETNESS_RESERVED_BYTES_PER_CELL = 16

_NOWHERE = -1.0  # direction of water that stays

#: Cells are numbered in 32 bits, which halves the queues.
MAX_CELLS = 2**32 - 1


def _numbered_grid(name: str, array: object) -> FloatArray:
    size = getattr(array, "size", 0)
    if size > MAX_CELLS:
        raise ArgumentError(
            f"{name} must have at most {MAX_CELLS} cells, got {size}; cut it",
            field=name,
            value=described(array),
        )
    return grid_argument(name, array)


def _elevation(elevation_m: object) -> FloatArray:
    elevation = _numbered_grid("elevation_m", elevation_m)
    check_plausible("elevation_m", elevation, ELEVATION)
    return elevation


def fill_depressions(elevation_m: FloatArray) -> FloatArray:
    """Raise the terrain until every cell drains, and no more than that.

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array, elevation [m]; NaN where there is none.

    Returns
    -------
    filled_m
        (rows, cols) array of the input's dtype: the lowest surface [m] that is nowhere below
        `elevation_m` and from which every cell has a path that never rises to an outlet, a
        cell at the edge of the map or beside nodata.

    Raises
    ------
    ArgumentError
        If the array has a wrong dtype or shape.

    Notes
    -----
    Priority-flood with a plain queue inside pits. Filled depressions come out level:
    `flow_direction` leads water across them by counting steps to where they drain. Nothing is
    raised by an epsilon, which float32 would lose or let grow to metres.

    References
    ----------
    Barnes, R., Lehman, C., Mulla, D. (2014). Priority-flood: an optimal depression-filling
    and watershed-labeling algorithm for digital elevation models. Computers & Geosciences 62,
    117-127. doi:10.1016/j.cageo.2013.04.024

    Examples
    --------
    >>> import numpy as np
    >>> pit = np.array([[9.0, 9.0, 9.0], [9.0, 1.0, 5.0], [9.0, 9.0, 9.0]])
    >>> fill_depressions(pit)[1]
    array([9., 5., 5.])
    """
    return _core.water.fill_depressions(_elevation(elevation_m))


def flow_direction(
    elevation_m: FloatArray, *, cell_size_m: float | tuple[float, float], threads: int = 0
) -> tuple[FloatArray, FloatArray]:
    """D-infinity flow direction and the gradient along it.

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array, elevation [m]; NaN where there is none. Fill
        it first (`fill_depressions`) if water is not to end in its pits.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    direction_deg, gradient
        (rows, cols) arrays of the input's dtype: the direction water leaves in, clockwise
        from grid north [degrees, 0 to 360), or -1 where it has none (a pit that is not filled,
        a level outlet); and the drop per distance that way, tan of the slope angle [-].

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape or the cell size is not positive.

    Notes
    -----
    Water takes the steepest descent on the eight triangular facets around a cell's centre. A
    missing neighbour is the plane through the cell and the opposite neighbour, so at the edge
    water leaves in the direction of the slope. On level ground (filled depressions included)
    it goes to the neighbour one step nearer to where the level area drains.

    References
    ----------
    Tarboton, D. G. (1997). A new method for the determination of flow directions and upslope
    areas in grid digital elevation models. Water Resources Research 33(2), 309-319.
    doi:10.1029/96WR03137

    Garbrecht, J., Martz, L. W. (1997). The assignment of drainage direction over flat
    surfaces in raster digital elevation models. Journal of Hydrology 193, 204-213.
    doi:10.1016/S0022-1694(96)03138-1

    Examples
    --------
    >>> import numpy as np
    >>> south_facing = np.add.outer([3.0, 2.0, 1.0], np.zeros(3))
    >>> direction_deg, gradient = flow_direction(south_facing, cell_size_m=10.0)
    >>> bool(np.allclose(direction_deg, 180.0)), bool(np.allclose(gradient, 0.1))
    (True, True)
    """
    direction_rad, gradient = flow_direction_rad(
        elevation_m, cell_size_m=cell_size_m, threads=threads
    )
    direction_deg = np.where(direction_rad == _NOWHERE, _NOWHERE, np.degrees(direction_rad))
    return direction_deg.astype(direction_rad.dtype, copy=False), gradient


def flow_direction_rad(
    elevation_m: FloatArray, *, cell_size_m: float | tuple[float, float], threads: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Direction and gradient as `flow_direction` has them, the direction in radians."""
    elevation_m = _elevation(elevation_m)
    x, y = cell_size(cell_size_m)
    return _core.water.flow_direction(
        elevation_m, cell_x_m=x, cell_y_m=y, threads=thread_count(threads)
    )


def specific_catchment_area(
    direction_deg: FloatArray, *, cell_size_m: float | tuple[float, float]
) -> FloatArray:
    """Upslope area per unit of contour width.

    Parameters
    ----------
    direction_deg
        (rows, cols) float32 or float64 array from `flow_direction` [degrees]: NaN where there
        is no data, -1 where water stays.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].

    Returns
    -------
    area_m
        (rows, cols) float64 array: area that drains through the cell, its own included,
        divided by the contour width [m2 m-1 = m].

    Raises
    ------
    ArgumentError
        If the array has a wrong dtype or shape, the cell size is not positive, or the
        directions lead in a circle (those of `flow_direction` never do).

    Notes
    -----
    A cell's water goes to the two neighbours on either side of its direction, in proportion
    to the angle. With direction phi the contour width is ``max(dx |cos phi|, dy |sin phi|)``, the
    cell's edge seen along the flow: then on an inclined plane the result is the distance from
    the divide, exactly and in every direction. Tarboton's own width is the edge itself.

    References
    ----------
    Tarboton, D. G. (1997). A new method for the determination of flow directions and upslope
    areas in grid digital elevation models. Water Resources Research 33(2), 309-319.
    doi:10.1029/96WR03137

    Examples
    --------
    >>> import numpy as np
    >>> south_facing = np.add.outer([3.0, 2.0, 1.0], np.zeros(3))
    >>> direction_deg, _ = flow_direction(south_facing, cell_size_m=10.0)
    >>> specific_catchment_area(direction_deg, cell_size_m=10.0)[:, 1]
    array([10., 20., 30.])
    """
    direction_deg = _numbered_grid("direction_deg", direction_deg)
    stays = direction_deg == _NOWHERE
    known = (direction_deg >= 0) & (direction_deg < 360)
    if not np.all(known | stays | np.isnan(direction_deg)):
        raise ArgumentError(
            "direction_deg must lie in [0, 360) or be -1 (none) or NaN (no data)",
            field="direction_deg",
            value=described(direction_deg),
        )
    direction_rad = np.where(stays, _NOWHERE, np.radians(direction_deg))
    return specific_catchment_area_rad(
        direction_rad.astype(direction_deg.dtype, copy=False), cell_size_m=cell_size_m
    )


def specific_catchment_area_rad(
    direction_rad: FloatArray, *, cell_size_m: float | tuple[float, float]
) -> FloatArray:
    """Area as `specific_catchment_area` has it, of directions of `flow_direction_rad`."""
    x, y = cell_size(cell_size_m)
    try:
        return _core.water.specific_catchment_area(direction_rad, cell_x_m=x, cell_y_m=y)
    except ValueError:
        raise ArgumentError(
            "the directions must not lead in a circle",
            remedy="use those of flow_direction",
            field="direction_deg",
        ) from None


def wetness_ratio(wetness: FloatArray) -> FloatArray:
    """Share of the landscape's water that each cell gets, as a multiple of the mean.

    Parameters
    ----------
    wetness
        (rows, cols) float32 or float64 array, `topographic_wetness_index` or another index of
        wetness [-]; NaN where there is none.

    Returns
    -------
    ratio
        (rows, cols) array of the input's dtype: the index, less than 0 counting as 0, over the
        mean of just that over all cells that have one [-]. Its mean is 1, so what is shared out
        by it is neither more nor less than there is.

    Raises
    ------
    ArgumentError
        If the array has a wrong dtype or shape or is nowhere above 0.

    References
    ----------
    Rasmussen, C., et al. (2015). Vadose Zone Journal 14(11), Eq. 10.
    doi:10.2136/vzj2014.07.0102

    Examples
    --------
    >>> import numpy as np
    >>> wetness_ratio(np.array([[-1.0, 3.0, np.nan, 6.0]]))
    array([[ 0.,  1., nan,  2.]])
    """
    used = np.maximum(grid_argument("wetness", wetness), 0)
    known = np.isfinite(used)
    mean = used[known].mean(dtype=np.float64) if known.any() else 0.0
    if not mean > 0:
        raise ArgumentError(
            "wetness must be above 0 somewhere, so that water can be shared out",
            field="wetness",
            value=described(wetness),
        )
    ratio: FloatArray = np.where(known, used / used.dtype.type(mean), used.dtype.type(np.nan))
    return ratio


def topographic_wetness_index(
    elevation_m: FloatArray,
    *,
    cell_size_m: float | tuple[float, float],
    min_gradient: float = MIN_GRADIENT,
    threads: int = 0,
) -> FloatArray:
    """Topographic wetness index ln(a / tan b) over the filled terrain.

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array, elevation [m]; NaN where there is none.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].
    min_gradient
        Least value of tan b [-], 1e-9 to 1: on level ground the index would be infinite. The
        default, 1e-3, is the usual one.
    threads
        Number of threads for the parts that run on several; 0 means all.

    Returns
    -------
    wetness
        (rows, cols) array of the input's dtype: ln(a / tan b) with a in metres [-].

    Raises
    ------
    ArgumentError
        If the array has a wrong dtype or shape or a number is out of range.

    Notes
    -----
    Depressions are filled (`fill_depressions`), a is the D-infinity specific catchment area
    (`specific_catchment_area`), and tan b the gradient along the same direction
    (`flow_direction`), both on the filled surface.

    The whole DEM is needed at once. At most ``WETNESS_BYTES_PER_CELL`` (20) bytes a cell are
    in use for float32, input and output among them. To stay below it areas are summed in the
    input's precision: in float32 water that adds less than 6e-8 of a river's area is lost,
    which changes the index by less than 0.001 for a river of 100 million cells.

    References
    ----------
    Beven, K. J., Kirkby, M. J. (1979). A physically based, variable contributing area model
    of basin hydrology. Hydrological Sciences Bulletin 24(1), 43-69.
    doi:10.1080/02626667909491834

    Examples
    --------
    >>> import numpy as np
    >>> south_facing = np.add.outer([3.0, 2.0, 1.0], np.zeros(3))
    >>> wetness = topographic_wetness_index(south_facing, cell_size_m=10.0)
    >>> bool(np.allclose(np.exp(wetness[:, 1]), [100.0, 200.0, 300.0]))
    True
    """
    elevation_m = _elevation(elevation_m)
    x, y = cell_size(cell_size_m)
    return _core.water.topographic_wetness_index(
        elevation_m,
        cell_x_m=x,
        cell_y_m=y,
        min_gradient=number_in("min_gradient", min_gradient, 1e-9, 1.0),
        threads=thread_count(threads),
    )
