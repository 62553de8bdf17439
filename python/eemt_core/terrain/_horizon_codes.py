"""Horizons as the kernels keep them: sines in 16 bits, and angles in radians.

A run keeps 72 directions of every cell of a tile; as sines in 16 bits they take half the memory of
single precision. What is offered to others, in degrees, is `_horizon`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._arrays import (
    FloatArray,
    cell_size,
    check_plausible,
    described,
    flag_argument,
    grid_argument,
    thread_count,
)
from .._numbers import brief, instance_of, kept, whole_number_in, whole_numbers_in
from ..errors import ArgumentError
from ..plausible import DEFAULT_DIRECTIONS, ELEVATION
from ._far_level import FarLevel

NODATA = -32768
"""Code of a cell that has no elevation itself."""

NOTHING = -32767
"""Code of a cell that sees no terrain at all in a direction."""


MOST_STEPS = 2**24
"""Cells across everything that a horizon is looked for in: what single precision counts."""


def checked_window(
    window: tuple[int, int, int, int] | None, shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Return (row, col, rows, cols) within an array of that shape, all of it for None, or raise."""
    if window is None:
        return 0, 0, shape[0], shape[1]
    if not isinstance(window, Sequence) or len(window) != 4:
        raise ArgumentError(
            f"window must be (row0, col0, rows, cols), got {brief(window)}",
            field="window",
            value=kept(window),
        )
    row0, col0, rows, cols = whole_numbers_in("window", window, -(2**31), 2**31)
    inside = row0 >= 0 and col0 >= 0 and row0 + rows <= shape[0] and col0 + cols <= shape[1]
    if not inside or rows < 1 or cols < 1:
        raise ArgumentError(
            f"window must hold at least one cell and lie within elevation_m of shape "
            f"{shape}, got {brief(window)}",
            field="window",
            value=window,
        )
    return row0, col0, rows, cols


def checked_anchor(anchor: object) -> tuple[int, int]:
    """Return the (row, col) of an array's first cell in the DEM that it was cut from, or raise."""
    if not isinstance(anchor, Sequence) or len(anchor) != 2:
        raise ArgumentError(
            f"anchor must be (row, col), got {brief(anchor)}", field="anchor", value=kept(anchor)
        )
    row, col = whole_numbers_in("anchor", anchor, -(2**31), 2**31)
    return row, col


def checked_levels(far_field: object, dtype: np.dtype[Any]) -> list[FarLevel]:
    """Return the levels beyond a DEM of that dtype, or raise."""
    if not isinstance(far_field, Sequence):
        raise ArgumentError(
            f"far_field must be a list of FarLevel, got {brief(far_field)}",
            field="far_field",
            value=kept(far_field),
        )
    for i, level in enumerate(far_field):
        instance_of(f"far_field[{i}]", level, FarLevel)
        if level.elevation_m.dtype != dtype:
            raise ArgumentError(
                f"far_field[{i}].elevation_m must be {dtype} like elevation_m, "
                f"got {level.elevation_m.dtype}",
                field=f"far_field[{i}].elevation_m",
                value=described(level.elevation_m),
            )
    return list(far_field)


def _check_reach(
    elevation_m: FloatArray, size: tuple[float, float], levels: Sequence[FarLevel]
) -> None:
    """Raise where the DEM and its far field are wider than `MOST_STEPS` of the DEM's cells."""
    rows, cols = elevation_m.shape
    west, north, east, south = 0.0, 0.0, cols * size[0], rows * size[1]
    for level in levels:
        x, y = cell_size(level.cell_size_m)
        west, north = min(west, level.x_m), min(north, level.y_m)
        east = max(east, level.x_m + level.elevation_m.shape[1] * x)
        south = max(south, level.y_m + level.elevation_m.shape[0] * y)
    steps = math.hypot(east - west, south - north) / min(size)
    if steps >= MOST_STEPS:
        raise ArgumentError(
            f"far_field and elevation_m must span fewer than 2**24 edges of elevation_m's cells, "
            f"got {steps:.3g}",
            remedy="cut off what is too far away to be seen, and make cells about square",
            field="far_field" if levels else "cell_size_m",
            value=size,
        )


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
    check_plausible("elevation_m", elevation_m, ELEVATION)
    rows, cols = elevation_m.shape
    if (rows + 100) * (cols + 100) >= 2**31:  # the kernel counts cells in 32 bits
        raise ArgumentError(
            f"elevation_m must hold fewer than 2**31 cells, got {rows} x {cols}",
            remedy="cut it into tiles",
            field="elevation_m",
            value=described(elevation_m),
        )
    x, y = cell_size(cell_size_m)
    levels = checked_levels(far_field, elevation_m.dtype)
    _check_reach(elevation_m, (x, y), levels)
    return _core.terrain.horizon_map(
        elevation_m,
        cell_x_m=x,
        cell_y_m=y,
        window=checked_window(window, elevation_m.shape),
        directions=whole_number_in("directions", directions, 1, 3600),
        anchor=checked_anchor(anchor),
        far_field=[
            (
                np.ascontiguousarray(level.elevation_m),
                *cell_size(level.cell_size_m),
                float(level.x_m),
                float(level.y_m),
            )
            for level in levels
        ],
        curvature=flag_argument("curvature", curvature),
        refraction=flag_argument("refraction", refraction),
        threads=thread_count(threads),
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
        np.ascontiguousarray(codes), slope_rad, aspect_rad, threads=thread_count(threads)
    )
