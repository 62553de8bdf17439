"""Horizons and sky view of terrain.

Users find these functions in `terrain`. Arrays are (rows, cols), row 0 in the north,
column 0 in the west; nodata is NaN. It knows nothing of files, tiles or the sun.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._arrays import FloatArray, cell_size, finite_number, grid_argument
from ..errors import ArgumentError

HORIZON_NODATA = -32768
"""Code of a cell that has no elevation itself."""

HORIZON_NOTHING = -32767
"""Code of a cell that sees no terrain at all in a direction."""


@dataclass(frozen=True)
class FarLevel:
    """Terrain beyond a tile on a coarser grid.

    Parameters
    ----------
    elevation_m
        (rows, cols) array of the tile's dtype, elevation [m]; NaN where there is none.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].
    x_m, y_m
        Offset of the level's outer north-west corner from the tile's, to the east and
        to the south [m]: negative where the level reaches beyond the tile.
    """

    elevation_m: FloatArray
    cell_size_m: float | tuple[float, float]
    x_m: float
    y_m: float


def _whole(name: str, value: SupportsIndex) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise ArgumentError(f"{name} must be a whole number, got {value!r}") from None


def _window(
    window: tuple[int, int, int, int] | None, shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    if window is None:
        return 0, 0, shape[0], shape[1]
    if len(window) != 4:
        raise ArgumentError(f"window must be (row0, col0, rows, cols), got {window!r}")
    row0, col0, rows, cols = (_whole("window", value) for value in window)
    inside = row0 >= 0 and col0 >= 0 and row0 + rows <= shape[0] and col0 + cols <= shape[1]
    if not inside or rows < 1 or cols < 1:
        raise ArgumentError(
            f"window must hold at least one cell and lie within elevation_m of shape "
            f"{shape}, got {window!r}"
        )
    return row0, col0, rows, cols


def horizon_map(
    elevation_m: FloatArray,
    *,
    cell_size_m: float | tuple[float, float],
    window: tuple[int, int, int, int] | None = None,
    directions: int = 72,
    anchor: tuple[int, int] = (0, 0),
    far_field: Sequence[FarLevel] = (),
    curvature: bool = True,
    refraction: bool = True,
    threads: int = 0,
) -> NDArray[np.int16]:
    """Elevation angle of the skyline around each cell.

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array, elevation [m]; NaN where there is none.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].
    window
        (row0, col0, rows, cols) of the cells whose horizons are wanted; all by default.
        The cells around it only cast shadows.
    directions
        Number of directions; direction k looks towards grid azimuth 2 pi k / directions,
        clockwise from grid north.
    anchor
        Row and column of ``elevation_m[0, 0]`` in the whole DEM that it was cut from. With
        it, a cut gives the same bits as the whole DEM where it holds the same skyline.
    far_field
        Terrain beyond `elevation_m`, from fine to coarse; each level is used beyond the
        extent of the one before.
    curvature
        Let distant terrain sink below the horizontal by the curvature of the Earth.
    refraction
        Let light bend downwards with 0.13 times that curvature; without `curvature` it
        has no effect.
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    horizon
        (directions, rows, cols) int16 array: 32767 times the sine of the skyline's
        elevation angle, rounded. Angles below the horizontal are negative. -32768 where
        the cell has no elevation, -32767 where it sees no terrain in that direction.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape, or a number is out of range.

    Notes
    -----
    One sweep per direction finds each scan line's skyline points as tangents to an upper
    convex hull [1]_; a cell takes those of the two lines beside it and measures them on
    its own line, interpolated linearly between neighbouring cells. The cost grows with
    the number of cells only, not with the distance of the skyline. A cell without data
    ends no line of sight and raises no other cell's horizon.

    References
    ----------
    .. [1] Timonen, V. and Westerholm, J. (2010). Scalable height field self-shadowing.
       Computer Graphics Forum 29(2), 723-731. doi:10.1111/j.1467-8659.2009.01642.x

    Examples
    --------
    A wall 30 m high, seen over 60 m of flat ground:

    >>> import numpy as np
    >>> ground = np.zeros((1, 8))
    >>> ground[0, 7] = 30.0
    >>> east = horizon_map(ground, cell_size_m=20.0, directions=4)[1]
    >>> round(float(np.degrees(horizon_angle_rad(east))[0, 4]), 2)
    26.57
    """
    elevation_m = grid_argument("elevation_m", elevation_m)
    rows, cols = elevation_m.shape
    if (rows + 100) * (cols + 100) >= 2**31:  # the kernel counts cells in 32 bits
        raise ArgumentError(
            f"elevation_m must hold fewer than 2**31 cells, got {rows} x {cols}: cut it into tiles"
        )
    x, y = cell_size(cell_size_m)
    count = _whole("directions", directions)
    if not 1 <= count <= 3600:
        raise ArgumentError(f"directions must lie in [1, 3600], got {count}")
    if len(anchor) != 2:
        raise ArgumentError(f"anchor must be (row, col), got {anchor!r}")
    levels = []
    for i, level in enumerate(far_field):
        name = f"far_field[{i}]"
        far = grid_argument(f"{name}.elevation_m", level.elevation_m)
        if far.dtype != elevation_m.dtype:
            raise ArgumentError(
                f"{name}.elevation_m must be {elevation_m.dtype} like elevation_m, got {far.dtype}"
            )
        offset = (finite_number(f"{name}.x_m", level.x_m), finite_number(f"{name}.y_m", level.y_m))
        levels.append((far, *cell_size(level.cell_size_m), *offset))
    return _core.terrain.horizon_map(
        elevation_m,
        cell_x_m=x,
        cell_y_m=y,
        window=_window(window, elevation_m.shape),
        directions=count,
        anchor=(_whole("anchor", anchor[0]), _whole("anchor", anchor[1])),
        far_field=levels,
        curvature=curvature,
        refraction=refraction,
        threads=threads,
    )


def _horizon_argument(horizon: object) -> NDArray[np.int16]:
    if not isinstance(horizon, np.ndarray) or horizon.dtype != np.int16:
        got = getattr(horizon, "dtype", type(horizon).__name__)
        raise ArgumentError(f"horizon must be an int16 array from horizon_map, got {got}")
    return horizon


def horizon_angle_rad(horizon: NDArray[np.int16]) -> NDArray[np.float32]:
    """Elevation angle from the codes that `horizon_map` returns.

    Parameters
    ----------
    horizon
        int16 array of any shape, as from `horizon_map`.

    Returns
    -------
    angle_rad
        float32 array of the same shape: elevation angle [rad], NaN for cells without
        elevation, -pi/2 where no terrain is seen.

    Raises
    ------
    ArgumentError
        If the array is not int16.

    Examples
    --------
    >>> import numpy as np
    >>> codes = np.array([0, 16384, -32767, -32768], np.int16)
    >>> np.degrees(horizon_angle_rad(codes)).round(1).tolist()
    [0.0, 30.0, -90.0, nan]
    """
    codes = np.arange(-32768, 32768)
    angle = np.arcsin(np.maximum(codes, HORIZON_NOTHING) / 32767.0).astype(np.float32)
    angle[0] = np.nan
    found: NDArray[np.float32] = angle[_horizon_argument(horizon).astype(np.int32) + 32768]
    return found


def sky_view_factor(
    horizon: NDArray[np.int16], slope_rad: FloatArray, aspect_rad: FloatArray, *, threads: int = 0
) -> FloatArray:
    r"""Share of the isotropic sky's radiation that each cell's plane receives.

    Parameters
    ----------
    horizon
        (directions, rows, cols) int16 array from `horizon_map`.
    slope_rad, aspect_rad
        (rows, cols) float32 or float64 arrays: angle from the horizontal [rad], and the
        direction the slope faces, clockwise from grid north [rad].
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    sky_view
        (rows, cols) array of the slope's dtype [1], 0 to 1: 1 on an open plain,
        (1 + cos g) / 2 on an open slope g; NaN where any input has no data.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape.

    Notes
    -----
    With g the slope, a the aspect and H the zenith angle of the skyline in azimuth psi,
    not below the horizontal nor below the cell's own plane [1]_,

    .. math:: V = \frac{1}{2\pi} \int_0^{2\pi} \cos g \sin^2 H
              + \sin g \cos(\psi - a) (H - \sin H \cos H) \, d\psi

    The plane's own part, (1 + cos g) / 2, is taken in closed form and only what terrain
    hides beyond it is summed over the directions, so an open slope is exact.

    References
    ----------
    .. [1] Dozier, J. and Frew, J. (1990). Rapid calculation of terrain parameters for
       radiation modeling from digital elevation data. IEEE Transactions on Geoscience and
       Remote Sensing 28(5), 963-969. doi:10.1109/36.58986

    Examples
    --------
    The flat floor of a round basin whose rim stands at 30 degrees sees cos^2 of it:

    >>> import numpy as np
    >>> rim = np.full((72, 1, 1), round(32767 * np.sin(np.radians(30))), np.int16)
    >>> flat = np.zeros((1, 1))
    >>> float(sky_view_factor(rim, flat, flat)[0, 0].round(4))
    0.75
    """
    slope_rad = grid_argument("slope_rad", slope_rad)
    aspect_rad = grid_argument("aspect_rad", aspect_rad, like=slope_rad)
    horizon = _horizon_argument(horizon)
    if horizon.ndim != 3 or horizon.shape[0] < 1 or horizon.shape[1:] != slope_rad.shape:
        raise ArgumentError(
            f"horizon must have shape (directions, {slope_rad.shape[0]}, {slope_rad.shape[1]}), "
            f"got shape {horizon.shape}"
        )
    return _core.terrain.sky_view_factor(
        np.ascontiguousarray(horizon), slope_rad, aspect_rad, threads=threads
    )
