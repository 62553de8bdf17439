// The ESRA clear-sky model: beam and diffuse irradiance under a cloudless sky.
//
// Rigollier, Bauer & Wald (2000), "On the clear sky model of the ESRA", Solar
// Energy 68(1), doi 10.1016/S0038-092X(99)00055-9; Rayleigh optical thickness and
// air mass after Kasten (1996) and Kasten & Young (1989). Both parts are given as
// fractions of the extraterrestrial normal irradiance. Valid for Linke turbidities
// of 1 to 8 or so.
#pragma once

#include <cmath>

#include "eemt/constants.hpp"
#include "eemt/sun.hpp"

namespace eemt {

// Air mass at sea level: relative optical path at a geometric altitude >= 0 [rad].
inline double sea_level_air_mass(double altitude_rad) {
    const double apparent = altitude_rad + atmospheric_refraction(altitude_rad);
    return 1.0 /
           (std::sin(apparent) + 0.50572 * std::pow(apparent * rad_to_deg + 6.07995, -1.6364));
}

// Pressure relative to that at sea level.
inline double pressure_ratio(double elevation_m) {
    return std::exp(-elevation_m / pressure_scale_height_m);
}

// Optical depth of a clear sky per unit of Linke turbidity along an air mass
// (corrected for pressure): 0.8662 m delta_R(m).
inline double optical_depth_per_linke(double air_mass) {
    const double m = air_mass;
    const double inverse_rayleigh =
        m <= 20.0 ? 6.6296 + m * (1.7513 + m * (-0.1202 + m * (0.0065 - m * 0.00013)))
                  : 10.4 + 0.718 * m;
    return 0.8662 * m / inverse_rayleigh;
}

// Beam transmittance: normal beam irradiance over extraterrestrial normal irradiance.
inline double beam_transmittance(double air_mass, double linke) {
    return std::exp(-linke * optical_depth_per_linke(air_mass));
}

// Horizontal diffuse irradiance over extraterrestrial normal irradiance, as a quadratic in
// the sine of the geometric altitude.
struct DiffuseCoefficients {
    double c0, c1, c2;
};

inline DiffuseCoefficients diffuse_coefficients(double linke) {
    const double tn = -0.015843 + 0.030543 * linke + 0.0003797 * linke * linke;
    double a1 = 0.26463 - 0.061581 * linke + 0.0031408 * linke * linke;
    // Keeps the diffuse part positive at sunrise in very turbid air; r.sun's limit.
    if (a1 * tn < 0.0022) a1 = 0.0022 / tn;
    const double a2 = 2.04020 + 0.018945 * linke - 0.011161 * linke * linke;
    const double a3 = -1.3025 + 0.039231 * linke + 0.0085079 * linke * linke;
    return {tn * a1, tn * a2, tn * a3};
}

}  // namespace eemt
