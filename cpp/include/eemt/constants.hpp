// Physical constants, each with its unit and source.
#pragma once

namespace eemt {

inline constexpr double pi = 3.14159265358979323846;
inline constexpr double deg_to_rad = pi / 180.0;
inline constexpr double rad_to_deg = 180.0 / pi;

inline constexpr double seconds_per_day = 86400.0;
inline constexpr double mj_per_wh = 3.6e-3;
inline constexpr double kelvin_at_0_c = 273.15;

// Extraterrestrial irradiance at the mean Sun-Earth distance [W m-2]: ESRA
// (Scharmer & Greif 2000); r.sun uses the same value.
inline constexpr double solar_constant_w_m2 = 1367.0;

// Height over which the pressure ratio exp(-z/H) falls by 1/e [m] (Kasten 1993;
// Rigollier et al. 2000, Eq. 5).
inline constexpr double pressure_scale_height_m = 8434.5;

// Mean radius of the Earth [m]; the value r.sun uses for curvature.
inline constexpr double earth_radius_m = 6371000.0;

// Coefficient of terrestrial refraction: light rays bend with k times the
// curvature of the Earth (geodesy's usual mean, 0.13).
inline constexpr double terrestrial_refraction_k = 0.13;

// Stefan-Boltzmann constant for a day [MJ K-4 m-2 d-1] (FAO-56).
inline constexpr double stefan_boltzmann_mj_k4_m2_day = 4.903e-9;

// Von Karman's constant of the wind's profile [-] (FAO-56, Eq. 4).
inline constexpr double von_karman = 0.41;

// Specific heat of air at constant pressure [MJ kg-1 K-1] and the ratio of the
// molecular weights of water vapour and dry air [-] (FAO-56, Eq. 8).
inline constexpr double air_heat_capacity_mj_kg_k = 1.013e-3;
inline constexpr double vapour_air_weight_ratio = 0.622;

// Specific gas constant of dry air [J kg-1 K-1].
inline constexpr double dry_air_gas_constant_j_kg_k = 287.05;

}  // namespace eemt
