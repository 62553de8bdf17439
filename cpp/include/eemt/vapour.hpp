// The state of the air that evaporation feels: saturation vapour pressure, its
// slope, air pressure, density, latent heat and the psychrometric constant.
//
// Vapour and air pressures are in kPa and temperatures in degC here; rasters of
// vapour pressure are in Pa and converted where the kernels read them.
#pragma once

#include "eemt/cell_math.hpp"
#include "eemt/constants.hpp"

namespace eemt::EEMT_CELLS {

// Saturation vapour pressure over water [kPa]: at_zero exp(a T / (T + b)).
template <typename T>
struct SaturationCurve {
    T at_zero_kpa, a, b_c;

    T operator()(T temperature_c) const {
        return at_zero_kpa * cell_exp(a * temperature_c / (temperature_c + b_c));
    }
    // The mean of that at two temperatures, with one division for both.
    T mean(T one_c, T other_c) const {
        const T one = one_c + b_c, other = other_c + b_c, both = a / (one * other);
        return T(0.5) * at_zero_kpa *
               (cell_exp(one_c * other * both) + cell_exp(other_c * one * both));
    }
};

// Tetens (1930), as in FAO-56 Eq. 11; Hamon's equation is fitted with it.
template <typename T>
constexpr SaturationCurve<T> tetens{T(0.6108), T(17.27), T(237.3)};
// Bolton (1980), Mon. Weather Rev. 108, Eq. 10; the form of the EEMT_TOPO recipe.
template <typename T>
constexpr SaturationCurve<T> bolton{T(0.6112), T(17.67), T(243.5)};

// Slope of the saturation curve [kPa degC-1], the fit of the EEMT_TOPO recipe.
template <typename T>
T saturation_slope_kpa_c(T temperature_c) {
    return T(0.04145) * cell_exp(T(0.06088) * temperature_c);
}

// Mean air pressure at an elevation (FAO-56, Eq. 7), with the lapse rate as a parameter.
template <typename T>
T air_pressure_kpa(T elevation_m, T lapse_k_m) {
    return T(101.3) * cell_exp(T(5.26) * cell_log(T(1) - lapse_k_m * elevation_m * T(1.0 / 293)));
}

// Latent heat of vaporisation [MJ kg-1]: one number, or falling with temperature
// (Harrison 1963, in FAO-56 Annex 3, Eq. 3-1).
template <typename T>
struct LatentHeat {
    T at_0_c;
    T per_c;

    LatentHeat(bool varies, double fixed_mj_kg)
        : at_0_c(varies ? T(2.501) : static_cast<T>(fixed_mj_kg)),
          per_c(varies ? T(-2.361e-3) : T(0)) {}
    T operator()(T temperature_c) const { return at_0_c + per_c * temperature_c; }
};

// The psychrometric constant [kPa degC-1] is this times the pressure over the latent heat.
inline constexpr double psychrometric_latent = air_heat_capacity_mj_kg_k / vapour_air_weight_ratio;

template <typename T>
T psychrometric_kpa_c(T pressure_kpa, T latent_mj_kg) {
    return T(psychrometric_latent) * pressure_kpa / latent_mj_kg;
}

}  // namespace eemt::EEMT_CELLS
