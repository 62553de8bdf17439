from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

def round_mantissa(cells: NDArray[np.float32], *, bits: int) -> NDArray[np.float32]: ...
def halve(cells: NDArray[np.float32], *, circular: bool) -> NDArray[np.float32]: ...
def count(cells: NDArray[np.float32]) -> tuple[int, int, float, float, float]: ...
def predict(cells: NDArray[np.float32]) -> NDArray[np.uint8]: ...
def unpredict(planes: NDArray[np.uint8]) -> NDArray[np.float32]: ...
def same_bytes(planes: NDArray[np.uint8], plain: bytes) -> bool: ...
def block_planes(
    cells: NDArray[_Float],
    *,
    row0: int,
    col0: int,
    edge: int,
    factor: float,
    bits: int,
    above_bits: int,
    circular: bool,
) -> tuple[NDArray[np.uint8], NDArray[np.float32], tuple[int, int, float, float, float]]: ...
