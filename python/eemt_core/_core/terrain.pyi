from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

def slope_aspect(
    elevation_m: NDArray[_Float], *, cell_x_m: float, cell_y_m: float, threads: int = 0
) -> tuple[NDArray[_Float], NDArray[_Float]]: ...
def horizon_map(
    elevation_m: NDArray[_Float],
    *,
    cell_x_m: float,
    cell_y_m: float,
    window: tuple[int, int, int, int],
    directions: int,
    anchor: tuple[int, int],
    far_field: Sequence[tuple[NDArray[_Float], float, float, float, float]],
    curvature: bool,
    refraction: bool,
    threads: int = 0,
) -> NDArray[np.int16]: ...
def sky_view_factor(
    horizon: NDArray[np.int16],
    slope_rad: NDArray[_Float],
    aspect_rad: NDArray[_Float],
    *,
    threads: int = 0,
) -> NDArray[_Float]: ...
def block_sums(
    elevation_m: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float32]]: ...
def merged_block_sums(
    total_m: NDArray[np.float64], count: NDArray[np.int64], highest_m: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float32]]: ...
