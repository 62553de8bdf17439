"""The three monthly functions, with all arguments under flat keyword names."""

from eemt_core import energy
from eemt_core.energy import MonthClimate, MonthSun, Vegetation
from eemt_core.terrain import Surface


def climate_and_sun(
    tmin_c,
    tmax_c,
    prcp_mm,
    vapour_pressure_pa,
    solar_topo_wh_m2,
    solar_flat_wh_m2,
    *,
    wind_m_s=None,
    albedo=None,
    ratio_topo_wh_m2=None,
    ratio_flat_wh_m2=None,
    days,
    year_days=365,
    solar_days=None,
    **others,
):
    """Split arguments into a month's climate, its sunlight, and the rest."""
    climate = MonthClimate(
        tmin_c,
        tmax_c,
        prcp_mm,
        vapour_pressure_pa=vapour_pressure_pa,
        wind_m_s=wind_m_s,
        days=days,
        year_days=year_days,
    )
    sun = MonthSun(
        solar_topo_wh_m2,
        solar_flat_wh_m2,
        ratio_topo_wh_m2=ratio_topo_wh_m2,
        ratio_flat_wh_m2=ratio_flat_wh_m2,
        albedo=albedo,
        days=solar_days,
    )
    return climate, sun, others


def trad(*, tmin_c, tmax_c, prcp_mm, daylight_hours, days, year_days=365, **choices):
    """EEMT_TRAD of a month."""
    climate = MonthClimate(tmin_c, tmax_c, prcp_mm, days=days, year_days=year_days)
    return energy.eemt_trad(climate, daylight_hours=daylight_hours, **choices)


def topo(**cells):
    """EEMT_TOPO of a month."""
    climate, sun, others = climate_and_sun(**cells)
    ground = ("elevation_m", "slope_deg", "aspect_deg", "latitude_deg")
    surface = Surface(**{name: others.pop(name) for name in ground})
    return energy.eemt_topo(climate, sun, surface, **others)


def topo_veg(**cells):
    """EEMT_TOPO-VEG of a month."""
    climate, sun, others = climate_and_sun(**cells)
    vegetation = Vegetation(others.pop("lai"), others.pop("canopy_height_m"))
    return energy.eemt_topo_veg(climate, sun, vegetation, **others)
