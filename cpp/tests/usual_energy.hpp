// The energy balance's choices as most runs make them.
#pragma once

#include "eemt/energy_parameters.hpp"

namespace eemt::test {

inline EnergyParameters usual_energy() {
    EnergyParameters p;
    p.water_heat_capacity_j_kg_k = 4185.5;
    p.organic_heat_j_kg = 22e6;
    p.solar_term_c = 1.0;
    p.solar_ratio_min = 0.1;
    p.solar_ratio_max = 10.0;
    p.lai_max = 10.0;
    p.pressure_lapse_k_m = 0.0065;
    p.latent_heat_mj_kg = 2.45;
    p.relative_shortwave = 1.0;
    p.fu_w = 2.63;
    p.canopy_height_min_m = 0.12;
    p.blending_height_m = 200.0;
    p.npp_floor_g_m2_yr = 100.0;
    return p;
}

}  // namespace eemt::test
