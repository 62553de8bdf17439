// The choices of the energy balance. Python's EnergyParameters owns the defaults,
// the ranges and the sources; here every number starts as NaN, so that one that was
// not set makes the results NaN.
#pragma once

#include <limits>

namespace eemt {

struct EnergyParameters {
    static constexpr double unset = std::numeric_limits<double>::quiet_NaN();

    // The two energy terms.
    double water_heat_capacity_j_kg_k = unset;
    double organic_heat_j_kg = unset;
    // Local temperature.
    double solar_term_c = unset;
    double solar_ratio_min = unset;
    double solar_ratio_max = unset;
    double lai_max = unset;
    bool solar_term_on_mean = false;  // else on the daily maximum alone
    // Vapour, radiation and evapotranspiration.
    double pressure_lapse_k_m = unset;
    double latent_heat_mj_kg = unset;
    bool latent_heat_varies = false;  // with temperature; else the number above
    bool saturation_at_mean = false;  // of the day; else mean of that at both extremes
    double relative_shortwave = unset;
    bool hamon_dingman = false;  // else Haith & Shoemaker
    double fu_w = unset;
    double canopy_height_min_m = unset;
    double blending_height_m = unset;
    bool surface_resistance_fao = false;  // else linear in LAI
    // Productivity.
    double npp_floor_g_m2_yr = unset;
    bool canopy_npp_printed = false;  // else the centred quadratic
};

// How much of the year one step covers.
struct MonthSpan {
    double days = EnergyParameters::unset;        // of the month that the climate describes
    double year_days = EnergyParameters::unset;   // of the year: 365, or 366
    double solar_days = EnergyParameters::unset;  // that the solar sums cover
};

}  // namespace eemt
