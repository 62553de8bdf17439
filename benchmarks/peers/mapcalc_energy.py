"""A month of the three variants as one expression of r.mapcalc each: the sum of both terms.

The equations of numpy_energy.py; maps are named as the arguments of eemt_core.energy.
"""

TRAD = """
mean = (tmin_c + tmax_c) / 2,
low = exp(17.27 * tmin_c / (tmin_c + 237.3)),
high = exp(17.27 * tmax_c / (tmax_c + 237.3)),
pet = 2.1 * daylight_hours^2 * 0.6108 * (low + high) / 2 / (mean + 273.2),
water = max(prcp_mm - {days} * if(mean > 0, pet, 0), 0),
npp = if(water > 0, 3000 / (1 + exp(1.315 - 0.119 * mean)), 0)
"""

AIR = """
ratio = max(min(solar_topo_wh_m2 / solar_flat_wh_m2, 10), 0.1),
warm = tmax_c + {openness} * (ratio - 1 / ratio),
mean = (tmin_c + warm) / 2,
vapour = vapour_pressure_pa / 1000,
low = exp(17.67 * tmin_c / (tmin_c + 243.5)),
high = exp(17.67 * warm / (warm + 243.5)),
deficit = max(0.6112 * (low + high) / 2 - vapour, 0),
emission = 4.903e-9 * ((tmin_c + 273.15)^4 + (warm + 273.15)^4) / 2,
gain = solar_topo_wh_m2 * (0.0036 / {days}) * (1 - albedo),
net = gain - emission * (0.34 - 0.14 * sqrt(vapour)),
pressure = 101.3 * ((293 - 0.0065 * elevation_m) / 293)^5.26,
slope = 0.04145 * exp(0.06088 * mean),
gamma = 1.013e-3 / (0.622 * 2.45) * pressure,
density = 1000 * pressure / (287.05 * (mean + 273.15))
"""

EVAPORATED = """
drawn = slope * net + density * (1.013e-3 * 86400) * deficit * ga,
mm = {days} * max(drawn / (2.45 * (slope + gamma * (1 + {resistance} * ga))), 0)
"""

TOPO = """
ga = (1 + 0.536 * wind_m_s) / (4.72 * log(2 / 0.00137)^2),
{evaporated},
phi = mm / prcp_mm,
surplus = prcp_mm * ((1 + phi^2.63)^(1 / 2.63) - phi),
water = wetness_ratio * surplus,
north = cos(aspect_rad * 57.29577951308232) * sin(slope_rad * 57.29577951308232) * \
    if(latitude_rad, 1, 0, -1),
npp = max(0.39 * elevation_m + 346 * north - 187, 100)
"""

TOPO_VEG = """
h = max(canopy_height_m, 0.12),
aloft = log((200 - 0.08) / 0.01476) / log((2 - 0.08) / 0.01476),
momentum = log((200 - h * 2 / 3) / (0.123 * h)),
heat = log((h + 1.88 - h * 2 / 3) / (0.0123 * h)),
ga = 0.41^2 * aloft * wind_m_s / (momentum * heat),
rs = 55 - (max(min(lai, 6), 0.5) - 0.5) * (17 / 5.5),
{evaporated},
water = wetness_ratio * max(prcp_mm - mm, 0),
npp = max(196 + 36 * canopy_height_m - 0.61 * (canopy_height_m - 12.0933)^2, 0)
"""


def expression(variant: str, days: int) -> str:
    """What r.mapcalc is to compute: a map `eemt` [MJ m-2], float32."""
    if variant == "trad":
        steps = TRAD
    elif variant == "topo":
        steps = f"{AIR},{TOPO}".replace("{evaporated}", EVAPORATED)
        steps = steps.replace("{openness}", "1").replace("{resistance}", "0")
    else:
        steps = f"{AIR},{TOPO_VEG}".replace("{evaporated}", EVAPORATED)
        steps = steps.replace("{openness}", "(1 - lai / 10)").replace("{resistance}", "rs")
    bio, heat = 1e-9 * 22e6 * days / 365, 1e-6 * 4185.5
    total = f"float(npp * {bio} + water * max(mean, 0) * {heat})"
    one_line = " ".join(steps.replace("{days}", f"{days}.0").split())
    return f"eemt = eval({one_line}, {total})"
