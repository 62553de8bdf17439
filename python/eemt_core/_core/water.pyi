from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

def fill_depressions(elevation_m: NDArray[_Float]) -> NDArray[_Float]: ...
def flow_direction(
    elevation_m: NDArray[_Float], *, cell_x_m: float, cell_y_m: float, threads: int = 0
) -> tuple[NDArray[_Float], NDArray[_Float]]: ...
def specific_catchment_area(
    direction_rad: NDArray[_Float], *, cell_x_m: float, cell_y_m: float
) -> NDArray[np.float64]: ...
def topographic_wetness_index(
    elevation_m: NDArray[_Float],
    *,
    cell_x_m: float,
    cell_y_m: float,
    min_gradient: float,
    threads: int = 0,
) -> NDArray[_Float]: ...
