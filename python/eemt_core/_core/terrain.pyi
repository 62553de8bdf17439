from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

def slope_aspect(
    elevation_m: NDArray[_Float], *, cell_x_m: float, cell_y_m: float, threads: int = 0
) -> tuple[NDArray[_Float], NDArray[_Float]]: ...
