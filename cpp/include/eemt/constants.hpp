// Physical constants, each with its unit and source.
#pragma once

namespace eemt {

inline constexpr double pi = 3.14159265358979323846;
inline constexpr double deg_to_rad = pi / 180.0;
inline constexpr double rad_to_deg = 180.0 / pi;

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

}  // namespace eemt
