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

# For the tiles of a run; arrays of other shapes than these are refused with a sentence.
class LatticeWindow:
    def __init__(
        self,
        values: NDArray[np.float64],
        row_interval: NDArray[np.int64],
        row_part: NDArray[np.float64],
        col_interval: NDArray[np.int64],
        col_part: NDArray[np.float64],
    ) -> None: ...

# Each year fills the first two anew and adds its terms to the others, which begin as 0.
class VariantYear:
    monthly_mj_m2: NDArray[np.float32]  # (12, rows, cols)
    yearly_mj_m2: NDArray[np.float32]  # (rows, cols)
    e_bio_mj_m2: NDArray[np.float64]  # (rows, cols)
    e_ppt_mj_m2: NDArray[np.float64]  # (rows, cols)

# Arrays of the tile are (rows, cols), those of months (12, rows, cols).
class TileEnergy:
    def __init__(
        self,
        elevation_m: NDArray[np.float32],
        *,
        parameters: Parameters,
        wind_m_s: float,
        albedo: float,
        threads: int = 0,
    ) -> None: ...
    # Where the cells lie in a gridded climate; without it the climate is that of one station.
    def lies_at(self, row: LatticeWindow, col: LatticeWindow, *, row0: int, col0: int) -> None: ...
    def set_sun(
        self,
        beam_wh_m2: NDArray[np.float32],
        diffuse_wh_m2: NDArray[np.float32],
        reflected_wh_m2: NDArray[np.float32],
        flat_beam_wh_m2: NDArray[np.float32],
        flat_diffuse_wh_m2: NDArray[np.float32],
        days: NDArray[np.float64],
        *,
        ratio_of_beam: bool,
    ) -> None: ...
    # node_rad: (nodes,), whole multiples of the step from first_node on; node_hours: (12, nodes)
    def add_trad(
        self,
        latitude_rad: LatticeWindow,
        *,
        step_rad: float,
        first_node: float,
        node_rad: NDArray[np.float64],
        node_hours: NDArray[np.float64],
    ) -> VariantYear: ...
    def add_topo(
        self,
        slope_rad: NDArray[np.float32],
        aspect_rad: NDArray[np.float32],
        wetness_ratio: NDArray[np.float32],
    ) -> VariantYear: ...
    def add_topo_veg(
        self,
        lai: NDArray[np.float32],
        canopy_height_m: NDArray[np.float32],
        wetness_ratio: NDArray[np.float32],
    ) -> VariantYear: ...
    # Fields are (12, rows, cols) on the climate's cells; humidity, lapse rates and days (12,).
    # Returns how many cells met the solar ratio's limits, over all months and variants.
    def year(
        self,
        *,
        tmin_c: NDArray[np.float64],
        tmax_c: NDArray[np.float64],
        prcp_mm: NDArray[np.float64],
        vapour_pressure_pa: NDArray[np.float64] | None,
        relative_humidity: NDArray[np.float64] | None,
        wind_m_s: NDArray[np.float64] | None,
        reference_m: NDArray[np.float64],
        weight: NDArray[np.float64],
        tmin_lapse_c_m: NDArray[np.float64],
        tmax_lapse_c_m: NDArray[np.float64],
        days: NDArray[np.float64],
        year_days: float,
    ) -> int: ...

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
