"""Horizons as the kernels keep them: sines in 16 bits, and angles in radians.

A run keeps 72 directions of every cell of a tile; as sines in 16 bits they take half the memory of
single precision. What is offered to others, in degrees, is `_horizon`.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._arrays import FloatArray, cell_size, described, grid_argument
from .._numbers import finite_number
from ..errors import ArgumentError
from ..plausible import DEFAULT_DIRECTIONS
from ._far_level import FarLevel

NODATA = -32768
"""Code of a cell that has no elevation itself."""

NOTHING = -32767
"""Code of a cell that sees no terrain at all in a direction."""


def _whole(name: str, value: SupportsIndex) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise ArgumentError(
            f"{name} must be a whole number, got {value!r}", field=name, value=value
        ) from None


def checked_window(
    window: tuple[int, int, int, int] | None, shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Return (row, col, rows, cols) within an array of that shape, all of it for None, or raise."""
    if window is None:
        return 0, 0, shape[0], shape[1]
    if len(window) != 4:
        raise ArgumentError(
            f"window must be (row0, col0, rows, cols), got {window!r}", field="window", value=window
        )
    row0, col0, rows, cols = (_whole("window", value) for value in window)
    inside = row0 >= 0 and col0 >= 0 and row0 + rows <= shape[0] and col0 + cols <= shape[1]
    if not inside or rows < 1 or cols < 1:
        raise ArgumentError(
            f"window must hold at least one cell and lie within elevation_m of shape "
            f"{shape}, got {window!r}",
            field="window",
            value=window,
        )
    return row0, col0, rows, cols


def horizon_codes(
    elevation_m: FloatArray,
    *,
    cell_size_m: float | tuple[float, float],
    window: tuple[int, int, int, int] | None = None,
    directions: int = DEFAULT_DIRECTIONS,
    anchor: tuple[int, int] = (0, 0),
    far_field: Sequence[FarLevel] = (),
    curvature: bool = True,
    refraction: bool = True,
    threads: int = 0,
) -> NDArray[np.int16]:
    """Skyline around each cell of a window, as sines in 16 bits.

    Parameters
    ----------
    elevation_m, cell_size_m, directions, far_field, curvature, refraction, threads
        As in `eemt_core.terrain.horizon_map`.
    window
        (row, col, rows, cols) of the cells whose horizons are wanted; all by default.
        The cells around it only cast shadows.
    anchor
        Row and column of ``elevation_m[0, 0]`` in the whole DEM that it was cut from. With
        it, a cut gives the same bits as the whole DEM where it holds the same skyline.

    Returns
    -------
    codes
        (directions, rows, cols) int16 array: 32767 times the sine of the skyline's
        elevation angle, rounded. `NODATA` where the cell has no elevation, `NOTHING` where
        it sees no terrain in that direction.
    """
    elevation_m = grid_argument("elevation_m", elevation_m)
    rows, cols = elevation_m.shape
    if (rows + 100) * (cols + 100) >= 2**31:  # the kernel counts cells in 32 bits
        raise ArgumentError(
            f"elevation_m must hold fewer than 2**31 cells, got {rows} x {cols}",
            remedy="cut it into tiles",
            field="elevation_m",
            value=described(elevation_m),
        )
    x, y = cell_size(cell_size_m)
    count = _whole("directions", directions)
    if not 1 <= count <= 3600:
        raise ArgumentError(
            f"directions must lie in [1, 3600], got {count}", field="directions", value=count
        )
    if len(anchor) != 2:
        raise ArgumentError(
            f"anchor must be (row, col), got {anchor!r}", field="anchor", value=anchor
        )
    levels = []
    for i, level in enumerate(far_field):
        name = f"far_field[{i}]"
        far = grid_argument(f"{name}.elevation_m", level.elevation_m)
        if far.dtype != elevation_m.dtype:
            raise ArgumentError(
                f"{name}.elevation_m must be {elevation_m.dtype} like elevation_m, got {far.dtype}",
                field=f"{name}.elevation_m",
                value=described(far),
            )
        offset = (finite_number(f"{name}.x_m", level.x_m), finite_number(f"{name}.y_m", level.y_m))
        levels.append((far, *cell_size(level.cell_size_m), *offset))
    return _core.terrain.horizon_map(
        elevation_m,
        cell_x_m=x,
        cell_y_m=y,
        window=checked_window(window, elevation_m.shape),
        directions=count,
        anchor=(_whole("anchor", anchor[0]), _whole("anchor", anchor[1])),
        far_field=levels,
        curvature=curvature,
        refraction=refraction,
        threads=threads,
    )


def codes_argument(codes: object) -> NDArray[np.int16]:
    """Return the codes of `horizon_codes` as they are, or raise."""
    if not isinstance(codes, np.ndarray) or codes.dtype != np.int16:
        got = getattr(codes, "dtype", type(codes).__name__)
        raise ArgumentError(
            f"horizon must be the int16 array of horizon_codes, got {got}",
            field="horizon",
            value=described(codes),
        )
    return codes


def angle_of_codes_rad(codes: NDArray[np.int16]) -> NDArray[np.float32]:
    """Elevation angle of the skyline [rad], from codes of any shape.

    NaN for cells without elevation, -pi/2 where no terrain is seen.
    """
    every_code = np.arange(-32768, 32768)
    angle = np.arcsin(np.maximum(every_code, NOTHING) / 32767.0).astype(np.float32)
    angle[0] = np.nan
    found: NDArray[np.float32] = angle[codes_argument(codes).astype(np.int32) + 32768]
    return found


def codes_of_angle(horizon_deg: FloatArray) -> NDArray[np.int16]:
    """Codes of elevation angles [degrees] of any shape: the very codes that the angles came from.

    Single precision suffices for it: it gives a sine to 1e-7, and codes are 3e-5 apart.
    """
    sines = 32767.0 * np.sin(np.radians(horizon_deg))
    return np.where(np.isnan(sines), NODATA, np.round(sines)).astype(np.int16)


def sky_view_of_codes(
    codes: NDArray[np.int16], slope_rad: FloatArray, aspect_rad: FloatArray, *, threads: int = 0
) -> FloatArray:
    """Sky-view factor as `eemt_core.terrain.sky_view_factor` has it, of codes and radians."""
    slope_rad = grid_argument("slope_rad", slope_rad)
    aspect_rad = grid_argument("aspect_rad", aspect_rad, like=slope_rad)
    codes = codes_argument(codes)
    if codes.ndim != 3 or codes.shape[0] < 1 or codes.shape[1:] != slope_rad.shape:
        raise ArgumentError(
            f"horizon must have shape (directions, {slope_rad.shape[0]}, {slope_rad.shape[1]}), "
            f"got shape {codes.shape}",
            field="horizon",
            value=described(codes),
        )
    return _core.terrain.sky_view_factor(
        np.ascontiguousarray(codes), slope_rad, aspect_rad, threads=threads
    )
