from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

def sun_position(
    julian_days_ut: NDArray[np.float64], *, latitude_rad: float, longitude_rad: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def julian_day(year: int, month: int, day: int, hours_ut: float) -> float: ...
def sun_day(
    year: int, month: int, day: int, *, longitude_rad: float
) -> tuple[float, float, float]: ...
def sun_day_rsun(day_of_year: int) -> tuple[float, float, float]: ...
def sunset_hour_angle(
    latitude_rad: ArrayLike, declination_rad: ArrayLike
) -> NDArray[np.float64]: ...
def irradiation(
    elevation_m: NDArray[_Float],
    slope_rad: NDArray[_Float],
    aspect_rad: NDArray[_Float],
    latitude_rad: NDArray[_Float],
    *,
    days: NDArray[np.float64],
    groups: int,
    convergence_rad: NDArray[_Float] | None,
    sky_view: NDArray[_Float] | None,
    horizon: NDArray[np.int16] | None,
    linke_maps: NDArray[_Float] | None,
    anchor: tuple[int, int],
    block: int,
    rsun: bool,
    refraction: bool,
    step_hours: float,
    albedo: float,
    threads: int,
) -> NDArray[_Float]: ...
