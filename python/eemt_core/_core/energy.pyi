from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)
_Grid: TypeAlias = NDArray[_Float]

class Parameters:
    water_heat_capacity_j_kg_k: float
    organic_heat_j_kg: float
    solar_term_c: float
    solar_ratio_min: float
    solar_ratio_max: float
    lai_max: float
    solar_term_on_mean: bool
    pressure_lapse_k_m: float
    latent_heat_mj_kg: float
    latent_heat_varies: bool
    saturation_at_mean: bool
    relative_shortwave: float
    hamon_dingman: bool
    fu_w: float
    canopy_height_min_m: float
    blending_height_m: float
    surface_resistance_fao: bool
    npp_floor_g_m2_yr: float
    canopy_npp_printed: bool
    def __init__(self) -> None: ...

class MonthSpan:
    def __init__(self, *, days: float, year_days: float, solar_days: float) -> None: ...

# Every array is (rows, cols), or (1, 1) for one number everywhere.
def eemt_trad(
    tmin_c: _Grid[_Float],
    tmax_c: _Grid[_Float],
    prcp_mm: _Grid[_Float],
    daylight_hours: _Grid[_Float],
    *,
    span: MonthSpan,
    parameters: Parameters,
    threads: int = 0,
) -> tuple[_Grid[_Float], _Grid[_Float]]: ...
def eemt_topo(
    tmin_c: _Grid[_Float],
    tmax_c: _Grid[_Float],
    prcp_mm: _Grid[_Float],
    vapour_pressure_pa: _Grid[_Float],
    elevation_m: _Grid[_Float],
    wetness_ratio: _Grid[_Float],
    solar_topo_wh_m2: _Grid[_Float],
    ratio_topo_wh_m2: _Grid[_Float],
    ratio_flat_wh_m2: _Grid[_Float],
    wind_m_s: _Grid[_Float],
    albedo: _Grid[_Float],
    slope_rad: _Grid[_Float],
    aspect_rad: _Grid[_Float],
    *,
    span: MonthSpan,
    parameters: Parameters,
    threads: int = 0,
) -> tuple[_Grid[_Float], _Grid[_Float], int]: ...
def eemt_topo_veg(
    tmin_c: _Grid[_Float],
    tmax_c: _Grid[_Float],
    prcp_mm: _Grid[_Float],
    vapour_pressure_pa: _Grid[_Float],
    elevation_m: _Grid[_Float],
    wetness_ratio: _Grid[_Float],
    solar_topo_wh_m2: _Grid[_Float],
    ratio_topo_wh_m2: _Grid[_Float],
    ratio_flat_wh_m2: _Grid[_Float],
    wind_m_s: _Grid[_Float],
    albedo: _Grid[_Float],
    lai: _Grid[_Float],
    canopy_height_m: _Grid[_Float],
    *,
    span: MonthSpan,
    parameters: Parameters,
    threads: int = 0,
) -> tuple[_Grid[_Float], _Grid[_Float], int]: ...
def saturation_vapour_pressure(
    temperature_c: _Grid[_Float], *, tetens: bool, threads: int = 0
) -> _Grid[_Float]: ...
def air_pressure(
    elevation_m: _Grid[_Float], *, parameters: Parameters, threads: int = 0
) -> _Grid[_Float]: ...
def psychrometric_constant(
    elevation_m: _Grid[_Float],
    temperature_c: _Grid[_Float],
    *,
    parameters: Parameters,
    threads: int = 0,
) -> _Grid[_Float]: ...
def solar_ratio(
    solar_topo_wh_m2: _Grid[_Float],
    solar_flat_wh_m2: _Grid[_Float],
    *,
    parameters: Parameters,
    threads: int = 0,
) -> _Grid[_Float]: ...
def solar_temperature_shift(
    solar_ratio: _Grid[_Float], lai: _Grid[_Float], *, parameters: Parameters, threads: int = 0
) -> _Grid[_Float]: ...
def net_longwave(
    tmin_c: _Grid[_Float],
    tmax_c: _Grid[_Float],
    vapour_pressure_pa: _Grid[_Float],
    *,
    parameters: Parameters,
    threads: int = 0,
) -> _Grid[_Float]: ...
def net_radiation(
    solar_wh_m2: _Grid[_Float],
    albedo: _Grid[_Float],
    longwave_mj_m2_day: _Grid[_Float],
    *,
    solar_days: float,
    threads: int = 0,
) -> _Grid[_Float]: ...
def hamon_pet(
    tmin_c: _Grid[_Float],
    tmax_c: _Grid[_Float],
    daylight_hours: _Grid[_Float],
    *,
    parameters: Parameters,
    threads: int = 0,
) -> _Grid[_Float]: ...
def pan_resistance(wind_m_s: _Grid[_Float], *, threads: int = 0) -> _Grid[_Float]: ...
def canopy_resistance(
    wind_m_s: _Grid[_Float],
    canopy_height_m: _Grid[_Float],
    *,
    parameters: Parameters,
    threads: int = 0,
) -> _Grid[_Float]: ...
def surface_resistance(
    lai: _Grid[_Float], *, parameters: Parameters, threads: int = 0
) -> _Grid[_Float]: ...
def penman_monteith(
    temperature_c: _Grid[_Float],
    net_radiation_mj_m2_day: _Grid[_Float],
    vapour_pressure_deficit_pa: _Grid[_Float],
    elevation_m: _Grid[_Float],
    aerodynamic_resistance_s_m: _Grid[_Float],
    surface_resistance_s_m: _Grid[_Float],
    *,
    parameters: Parameters,
    threads: int = 0,
) -> _Grid[_Float]: ...
def fu_aet(
    prcp_mm: _Grid[_Float], pet_mm: _Grid[_Float], *, parameters: Parameters, threads: int = 0
) -> _Grid[_Float]: ...
def lieth_npp(temperature_c: _Grid[_Float], *, threads: int = 0) -> _Grid[_Float]: ...
def topo_npp(
    elevation_m: _Grid[_Float],
    slope_rad: _Grid[_Float],
    aspect_rad: _Grid[_Float],
    *,
    parameters: Parameters,
    threads: int = 0,
) -> _Grid[_Float]: ...
def canopy_npp(
    canopy_height_m: _Grid[_Float], *, parameters: Parameters, threads: int = 0
) -> _Grid[_Float]: ...
def lai_from_ndvi(ndvi: _Grid[_Float], *, threads: int = 0) -> _Grid[_Float]: ...
