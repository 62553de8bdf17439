"""The energy balance of one cell, in the order of the papers, with plain numbers.

VZJ: Rasmussen et al. 2015, doi 10.2136/vzj2014.07.0102. DR: Durcik & Rasmussen, "EEMT-topo
Computations". FAO: FAO-56 (Allen et al. 1998). Everything in double precision, scalars in,
scalars out; `on_grid` spreads a function over arrays.
"""

import math

import numpy as np

T0 = 273.15
SIGMA = 4.903e-9  # MJ K-4 m-2 d-1


def trad(tmin, tmax, prcp, hours, *, days, year_days, p):
    if any(map(math.isnan, (tmin, tmax, prcp, hours))):
        return math.nan, math.nan
    t = (tmin + tmax) / 2
    pet = hamon(tmin, tmax, hours, p.hamon_form) * days  # VZJ supplement, S1
    if prcp <= pet:
        return 0.0, 0.0  # 2005: both terms only in months with PPT > PET
    e_ppt = p.water_heat_capacity_j_kg_k * (prcp - pet) * max(t, 0.0) / 1e6  # VZJ Eq. 4
    npp = 3000 / (1 + math.exp(1.315 - 0.119 * t)) * days / year_days  # Lieth 1975
    return npp / 1000 * p.organic_heat_j_kg / 1e6, e_ppt  # VZJ Eq. 5


def hamon(tmin, tmax, hours, form):
    t = (tmin + tmax) / 2
    if t <= 0:
        return 0.0
    e_s = (fao_saturation_kpa(tmin) + fao_saturation_kpa(tmax)) / 2
    return (2.1 * hours**2 if form == "haith" else 29.8 * hours) * e_s / (t + 273.2)


def fao_saturation_kpa(t):
    return 0.6108 * math.exp(17.27 * t / (t + 237.3))  # FAO Eq. 11


def bolton_saturation_pa(t):
    return 611.2 * math.exp(17.67 * t / (t + 243.5))  # DR section 6


def solar_ratio(s_topo, s_flat, p):
    if s_flat == 0:
        return 1.0
    return min(max(s_topo / s_flat, p.solar_ratio_min), p.solar_ratio_max)


def warmed(tmin, tmax, ratio, lai, p):
    """Return both extremes after the third term of VZJ Eq. 6."""
    openness = min(max(1 - lai / p.lai_max, 0), 1)
    shift = p.solar_term_c * (ratio - 1 / ratio) * openness
    return (tmin + shift if p.solar_term_on == "mean" else tmin), tmax + shift


def net_longwave(tmin, tmax, vapour_pa, p):
    emission = SIGMA * ((tmax + T0) ** 4 + (tmin + T0) ** 4) / 2
    vapour = 0.34 - 0.14 * math.sqrt(vapour_pa / 1000)
    return emission * vapour * (1.35 * p.relative_shortwave - 0.35)  # FAO Eq. 39


def latent_heat(t, p):
    return 2.501 - 0.002361 * t if p.latent_heat == "temperature" else p.latent_heat_mj_kg


def pressure_kpa(z, p):
    return 101.3 * ((293 - p.pressure_lapse_k_m * z) / 293) ** 5.26  # FAO Eq. 7


def penman_monteith(t, r_n, vpd_pa, z, r_a, r_s, p):
    """Return the combination equation in mm d-1 (DR section 8; VZJ with r_s)."""
    lam = latent_heat(t, p)
    pressure = pressure_kpa(z, p)
    delta = 0.04145 * math.exp(0.06088 * t)  # kPa K-1
    gamma = 1.013e-3 * pressure / (0.622 * lam)  # FAO Eq. 8
    rho = pressure * 1000 / (287.05 * (t + T0))
    aerodynamic = rho * 1.013e-3 * (vpd_pa / 1000) / r_a * 86400
    et = (delta * r_n + aerodynamic) / (lam * (delta + gamma * (1 + r_s / r_a)))
    return max(et, 0.0)


def pan_resistance(u):
    return 4.72 * math.log(2 / 0.00137) ** 2 / (1 + 0.536 * u)  # Shuttleworth 1993


def canopy_resistance(u, h, p):
    """Return FAO Eq. 4 above a canopy, the wind taken down from the blending height."""
    h = max(h, p.canopy_height_min_m)
    z_b = p.blending_height_m
    grass_d, grass_z0 = 2 / 3 * 0.12, 0.123 * 0.12
    u_b = u * math.log((z_b - grass_d) / grass_z0) / math.log((2 - grass_d) / grass_z0)
    d, z0m, z0h = 2 / 3 * h, 0.123 * h, 0.0123 * h
    return math.log((z_b - d) / z0m) * math.log((h + 1.88 - d) / z0h) / (0.41**2 * u_b)


def surface_resistance(lai, p):
    if p.surface_resistance == "fao":
        return 100 / (0.5 * max(lai, 0.01))  # FAO Eq. 5
    return float(np.interp(lai, [0.5, 6.0], [55.0, 38.0]))


def fu(prcp, pet, w):
    """Return VZJ Eq. 8 as printed."""
    if prcp == 0:
        return 0.0
    phi = pet / prcp
    if phi > 1e30:  # all of the rain, and phi^w would overflow
        return prcp
    return prcp * (1 + phi - (1 + phi**w) ** (1 / w))


def air(tmin, tmax, vapour_pa, solar_wh_m2, albedo, solar_days, p):
    """Return mean temperature, net radiation [MJ m-2 d-1] and vapour deficit [Pa]."""
    t = (tmin + tmax) / 2
    r_n = solar_wh_m2 * 0.0036 / solar_days * (1 - albedo)  # DR section 3, per day
    r_n -= net_longwave(tmin, tmax, vapour_pa, p)
    if p.saturation_at == "mean":
        saturation = bolton_saturation_pa(t)
    else:
        saturation = (bolton_saturation_pa(tmin) + bolton_saturation_pa(tmax)) / 2
    return t, r_n, max(saturation - vapour_pa, 0.0)


def topo_npp(z, slope, aspect, latitude, floor):
    northness = math.cos(aspect) * math.sin(slope)
    shade = northness if latitude > 0 else -northness if latitude < 0 else 0.0
    return max(0.39 * z + 346 * shade - 187, floor)  # VZJ Eq. 11, which was fitted at 32 N


def canopy_npp(h, form):
    square = (0.61 * h - 12.0933) ** 2 if form == "printed" else 0.61 * (h - 12.0933) ** 2
    return max(196 + 36 * h - square, 0.0)  # VZJ Eq. 12


def terms(water_mm, t, npp, days, year_days, p):
    e_ppt = p.water_heat_capacity_j_kg_k * water_mm * max(t, 0.0) / 1e6  # VZJ Eq. 4
    return npp / 1000 * p.organic_heat_j_kg / 1e6 * days / year_days, e_ppt  # VZJ Eq. 5


def topo(cell, *, days, year_days, solar_days, p):
    """Return both terms for a dict of numbers named as the arguments of `eemt_topo`."""
    if any(map(math.isnan, cell.values())):
        return math.nan, math.nan
    ratio = solar_ratio(cell["solar_topo_wh_m2"], cell["solar_flat_wh_m2"], p)
    tmin, tmax = warmed(cell["tmin_c"], cell["tmax_c"], ratio, 0.0, p)
    t, r_n, vpd = air(
        tmin,
        tmax,
        cell["vapour_pressure_pa"],
        cell["solar_topo_wh_m2"],
        cell["albedo"],
        solar_days,
        p,
    )
    r_a = pan_resistance(cell["wind_m_s"])
    pet = days * penman_monteith(t, r_n, vpd, cell["elevation_m"], r_a, 0.0, p)
    aet = fu(cell["prcp_mm"], pet, p.fu_w)
    water = cell["wetness_ratio"] * (cell["prcp_mm"] - aet)  # VZJ Eq. 9-10
    place = (cell[name] for name in ("elevation_m", "slope_rad", "aspect_rad", "latitude_rad"))
    npp = topo_npp(*place, p.npp_floor_g_m2_yr)
    return terms(water, t, npp, days, year_days, p)


def topo_veg(cell, *, days, year_days, solar_days, p):
    """Return both terms for a dict of numbers named as the arguments of `eemt_topo_veg`."""
    if any(map(math.isnan, cell.values())):
        return math.nan, math.nan
    ratio = solar_ratio(cell["solar_topo_wh_m2"], cell["solar_flat_wh_m2"], p)
    tmin, tmax = warmed(cell["tmin_c"], cell["tmax_c"], ratio, cell["lai"], p)
    t, r_n, vpd = air(
        tmin,
        tmax,
        cell["vapour_pressure_pa"],
        cell["solar_topo_wh_m2"],
        cell["albedo"],
        solar_days,
        p,
    )
    r_a = canopy_resistance(cell["wind_m_s"], cell["canopy_height_m"], p)
    r_s = surface_resistance(cell["lai"], p)
    aet = days * penman_monteith(t, r_n, vpd, cell["elevation_m"], r_a, r_s, p)
    water = cell["wetness_ratio"] * max(cell["prcp_mm"] - aet, 0.0)
    return terms(
        water, t, canopy_npp(cell["canopy_height_m"], p.canopy_npp_form), days, year_days, p
    )


def on_grid(function, cells, **settings):
    """Return two arrays: `function` at every cell of a dict of equal arrays."""
    shape = next(iter(cells.values())).shape
    bio, ppt = np.empty(shape), np.empty(shape)
    for at in np.ndindex(shape):
        cell = {name: float(values[at]) for name, values in cells.items()}
        bio[at], ppt[at] = function(cell, **settings)
    return bio, ppt
