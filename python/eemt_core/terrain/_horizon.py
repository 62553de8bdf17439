"""Horizons and sky view of terrain, in degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .._arrays import FloatArray, described, float_array, grid_argument
from ..errors import ArgumentError
from ..plausible import DEFAULT_DIRECTIONS
from ._far_level import FarLevel
from ._horizon_codes import angle_of_codes_rad, codes_of_angle, horizon_codes, sky_view_of_codes


def horizon_map(
    elevation_m: FloatArray,
    *,
    cell_size_m: float | tuple[float, float],
    directions: int = DEFAULT_DIRECTIONS,
    far_field: Sequence[FarLevel] = (),
    curvature: bool = True,
    refraction: bool = True,
    threads: int = 0,
) -> NDArray[np.float32]:
    """Elevation angle of the skyline around each cell.

    Parameters
    ----------
    elevation_m
        (rows, cols) float32 or float64 array, elevation [m]; NaN where there is none.
    cell_size_m
        Edge length of a cell, or a pair (x, y) [m].
    directions
        Number of directions, 1 to 3600; direction k looks towards 360 k / directions degrees,
        clockwise from grid north.
    far_field
        Terrain beyond `elevation_m` (`FarLevel`), from fine to coarse; each level is used
        beyond the extent of the one before.
    curvature
        Let distant terrain sink below the horizontal by the curvature of the Earth.
    refraction
        Let light bend downwards with 0.13 times that curvature; without `curvature` it
        has no effect.
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    horizon_deg
        (directions, rows, cols) float32 array: elevation angle [degrees], negative below the
        horizontal, in steps of 1/32767 of its sine. NaN where the cell has no elevation, -90
        where it sees no terrain in that direction.

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
    >>> north, east, south, west = horizon_map(ground, cell_size_m=20.0, directions=4)
    >>> round(float(east[0, 4]), 2)
    26.57
    """
    codes = horizon_codes(
        elevation_m,
        cell_size_m=cell_size_m,
        directions=directions,
        far_field=far_field,
        curvature=curvature,
        refraction=refraction,
        threads=threads,
    )
    return np.degrees(angle_of_codes_rad(codes))


def check_horizon(horizon_deg: object, shape: tuple[int, ...]) -> None:
    """Raise unless this is an array of `horizon_map` for cells of that shape."""
    horizon_deg = float_array("horizon_deg", horizon_deg)
    if horizon_deg.ndim != 3 or horizon_deg.shape[0] < 1 or horizon_deg.shape[1:] != shape:
        raise ArgumentError(
            f"horizon_deg must have shape (directions, {shape[0]}, {shape[1]}), "
            f"got shape {horizon_deg.shape}",
            field="horizon_deg",
            value=described(horizon_deg),
        )
    if (np.abs(horizon_deg) > 90.0).any():
        raise ArgumentError(
            "horizon_deg must lie in [-90, 90] everywhere",
            field="horizon_deg",
            value=described(horizon_deg),
        )


def sky_view_factor(
    horizon_deg: NDArray[np.float32],
    slope_deg: FloatArray,
    aspect_deg: FloatArray,
    *,
    threads: int = 0,
) -> FloatArray:
    r"""Share of the isotropic sky's radiation that each cell's plane receives.

    Parameters
    ----------
    horizon_deg
        (directions, rows, cols) array of `horizon_map`, elevation angles [degrees].
    slope_deg, aspect_deg
        (rows, cols) float32 or float64 arrays of `slope_aspect`: angle from the horizontal,
        and the direction the slope faces, clockwise from grid north [degrees].
    threads
        Number of threads; 0 means all. It does not change the answer.

    Returns
    -------
    sky_view
        (rows, cols) array of the slope's dtype [-], 0 to 1: 1 on an open plain,
        (1 + cos g) / 2 on an open slope g; NaN where any input has no data.

    Raises
    ------
    ArgumentError
        If an array has a wrong dtype or shape, or an angle of the horizon is out of range.

    Notes
    -----
    With g the slope, a the aspect and Z the zenith angle of the skyline in azimuth psi,
    not below the horizontal nor below the cell's own plane [1]_,

    .. math:: V = \frac{1}{2\pi} \int_0^{2\pi} \left[\cos g \sin^2 Z
              + \sin g \cos(\psi - a) (Z - \sin Z \cos Z)\right] d\psi

    The integral for the plane alone, (1 + cos g) / 2, is computed in closed form, and only
    what terrain hides beyond it is summed over the directions. So the result is exact for an
    open slope.

    References
    ----------
    .. [1] Dozier, J. and Frew, J. (1990). Rapid calculation of terrain parameters for
       radiation modeling from digital elevation data. IEEE Transactions on Geoscience and
       Remote Sensing 28(5), 963-969. doi:10.1109/36.58986

    Examples
    --------
    The flat floor of a round basin whose rim stands at 30 degrees sees cos² 30° of the sky:

    >>> import numpy as np
    >>> rim_deg = np.full((72, 1, 1), 30.0)
    >>> flat = np.zeros((1, 1))
    >>> float(sky_view_factor(rim_deg, flat, flat)[0, 0].round(4))
    0.75
    """
    slope_deg = grid_argument("slope_deg", slope_deg)
    aspect_deg = grid_argument("aspect_deg", aspect_deg, like=slope_deg)
    check_horizon(horizon_deg, slope_deg.shape)
    codes = codes_of_angle(horizon_deg)
    return sky_view_of_codes(codes, np.radians(slope_deg), np.radians(aspect_deg), threads=threads)
