"""A month of the three variants in plain NumPy: whole arrays, one expression after the other.

What a careful user would write, in the precision of the arrays, with the parameters' defaults.
Names and equations are those of eemt_core.energy; both terms are returned [MJ m-2].
"""

from math import log

import numpy as np

KELVIN = 273.15
WATER_J_KG_K, ORGANIC_J_KG = 4185.5, 22e6
LATENT_MJ_KG, FU_W = 2.45, 2.63


def terms(water_mm, temperature_c, npp_g_m2_yr, days):
    bio = npp_g_m2_yr * (1e-9 * ORGANIC_J_KG * days / 365)
    return bio, water_mm * np.maximum(temperature_c, 0) * (1e-6 * WATER_J_KG_K)


def trad(tmin_c, tmax_c, prcp_mm, daylight_hours, *, days):
    mean = (tmin_c + tmax_c) / 2
    low = np.exp(17.27 * tmin_c / (tmin_c + 237.3))
    high = np.exp(17.27 * tmax_c / (tmax_c + 237.3))
    saturation = 0.6108 * (low + high) / 2
    pet = 2.1 * daylight_hours**2 * saturation / (mean + 273.2)
    surplus = prcp_mm - days * np.where(mean > 0, pet, 0)
    wet = surplus > 0
    npp = np.where(wet, 3000 / (1 + np.exp(1.315 - 0.119 * mean)), 0)
    return terms(np.where(wet, surplus, 0), mean, npp, days)


def air(cells, openness, days):
    """Mean temperature, vapour deficit [kPa], net radiation [MJ m-2 d-1], pressure [kPa]."""
    ratio = np.clip(cells["solar_topo_wh_m2"] / cells["solar_flat_wh_m2"], 0.1, 10)
    tmin, tmax = cells["tmin_c"], cells["tmax_c"] + openness * (ratio - 1 / ratio)
    mean, vapour = (tmin + tmax) / 2, cells["vapour_pressure_pa"] / 1000
    low = np.exp(17.67 * tmin / (tmin + 243.5))
    high = np.exp(17.67 * tmax / (tmax + 243.5))
    deficit = np.maximum(0.6112 * (low + high) / 2 - vapour, 0)
    emission = 4.903e-9 * ((tmin + KELVIN) ** 4 + (tmax + KELVIN) ** 4) / 2
    longwave = emission * (0.34 - 0.14 * np.sqrt(vapour))
    sun = cells["solar_topo_wh_m2"] * (0.0036 / days)
    pressure = 101.3 * ((293 - 0.0065 * cells["elevation_m"]) / 293) ** 5.26
    return mean, deficit, sun * (1 - cells["albedo"]) - longwave, pressure


def evaporation_mm_day(mean, deficit, net_radiation, pressure, conductance, resistance):
    slope = 0.04145 * np.exp(0.06088 * mean)
    gamma = 1.013e-3 / (0.622 * LATENT_MJ_KG) * pressure
    density = 1000 * pressure / (287.05 * (mean + KELVIN))
    aerodynamic = density * (1.013e-3 * 86400) * deficit * conductance
    resisted = gamma * (1 + resistance * conductance)
    water = (slope * net_radiation + aerodynamic) / (LATENT_MJ_KG * (slope + resisted))
    return np.maximum(water, 0)


def topo(*, days, **cells):
    over = air(cells, 1, days)
    conductance = (1 + 0.536 * cells["wind_m_s"]) / (4.72 * log(2 / 0.00137) ** 2)
    rain = cells["prcp_mm"]
    phi = days * evaporation_mm_day(*over, conductance, 0) / rain
    aet = rain * (1 + phi - (1 + phi**FU_W) ** (1 / FU_W))
    northness = np.cos(cells["aspect_rad"]) * np.sin(cells["slope_rad"])
    northness *= np.sign(cells["latitude_rad"])
    npp = np.maximum(0.39 * cells["elevation_m"] + 346 * northness - 187, 100)
    return terms(cells["wetness_ratio"] * (rain - aet), over[0], npp, days)


def topo_veg(*, days, **cells):
    lai, height = cells["lai"], np.maximum(cells["canopy_height_m"], 0.12)
    over = air(cells, 1 - lai / 10, days)
    aloft = log((200 - 0.08) / 0.01476) / log((2 - 0.08) / 0.01476)
    momentum = np.log((200 - height * 2 / 3) / (0.123 * height))
    heat = np.log((height + 1.88 - height * 2 / 3) / (0.0123 * height))
    conductance = 0.41**2 * aloft * cells["wind_m_s"] / (momentum * heat)
    resistance = 55 - (np.clip(lai, 0.5, 6) - 0.5) * (17 / 5.5)
    aet = days * evaporation_mm_day(*over, conductance, resistance)
    canopy = cells["canopy_height_m"]
    npp = np.maximum(196 + 36 * canopy - 0.61 * (canopy - 12.0933) ** 2, 0)
    surplus = np.maximum(cells["prcp_mm"] - aet, 0)
    return terms(cells["wetness_ratio"] * surplus, over[0], npp, days)
