// What a clear sky gives from noon to each step's boundary, per class of air: the tables
// behind sunlit_cells.hpp.
//
// With the beam's transmittance kb, the sun S, the horizontal diffuse irradiance `sky` and
// Muneer's N (all over the extraterrestrial irradiance), the lanes integrate
//   0-2  kb S                        beam, by the normal
//   3-5  sky kb (c S + b Z)          circumsolar, by the normal (c = 1/sin altitude, b: low sun)
//   6    sky (N (1 - kb) - N shaded) Muneer's slope function
//   7    -sky kb                     sky view
// A class of air is a range of altitude (and turbidity) narrow enough for the transmittance
// to be linear in it. A row holds what a look-up at the share u of its step needs: of the lanes
// at the class's middle the three coefficients in 1, u and u^2 (at the boundaries the integrals,
// between them a parabola whose slope in each step's middle is that of its neighbours' chord);
// of their derivative by altitude over scale height, whose part is small, those in 1 and u; and
// with turbidity maps the same by turbidity.
#pragma once

#include <cstddef>

#include "eemt/simd.hpp"
#include "eemt/sunlit_cells.hpp"

namespace eemt {

// Edge of a class in altitude over scale height: 0.02 or 169 m. Fitted at two Chebyshev nodes,
// the linear form leaves (optical depth x 0.01)^2/4 of the transmittance: 6e-6 at optical
// depth 0.5 (sun high), 1e-4 at 2 (sun on the horizon).
inline constexpr double depth_class_width = 0.02;
// Edge of a class in Linke turbidity. With an optical depth of 0.2 per unit (sun at 30 degrees)
// the linear form leaves (0.2 x 0.01)^2/4 = 1e-6 of the transmittance, and as much as 0.2 x 0.01
// times 0.6 x 0.01 = 1.2e-5 in a corner of both classes.
inline constexpr double linke_class_width = 0.02;

// The middles of the day's steps.
template <typename T>
struct SkyNodes {
    int count = 0;
    const T* base;        // 8 per node: S, c S + b Z, 1, 1
    const T* air_mass;    // at sea level
    const T* mass_slope;  // relative change of the air mass with latitude [per rad]
    const T* sin_altitude;
};

template <typename T>
struct AirClass {
    T pressure_low, pressure_high;  // at the class's two nodes of altitude
    T linke;
    T depth_half, linke_half;  // from the middle to the nodes; linke_half 0: no derivative
    T weight;                  // extraterrestrial irradiance times hours per step
    // diffuse_coefficients() at linke - linke_half, at linke and at linke + linke_half
    T diffuse[3][3];
};

// Values from row to row, without and with turbidity maps.
inline constexpr int integrals_row[2] = {5 * sunlit_lanes, 7 * sunlit_lanes};

// Fills a class's rows, one per step, and returns what a radian of latitude is worth in altitude
// over scale height. `scratch` has 16 values per node and 24 more.
template <typename T>
using IntegralsFunction = T (*)(const SkyNodes<T>&, const AirClass<T>&, T* scratch, T* rows);

struct IntegralsFunctions {
    IntegralsFunction<float> f32;
    IntegralsFunction<double> f64;
};

EEMT_PER_LEVEL(IntegralsFunctions, integrals_functions)

}  // namespace eemt
