// What a clear sky gives from noon to each step's boundary, per class of air: the tables
// behind sunlit_cells.hpp.
//
// With the beam's transmittance kb, the sun S, the horizontal diffuse irradiance `sky` and
// Muneer's N (all over the extraterrestrial irradiance), LitSums integrates
//   beam_*         kb S                        to be multiplied by the normal
//   circumsolar_*  sky kb (c S + b Z)          by the normal (c = 1/sin altitude, b: low sun)
//   muneer         sky (N (1 - kb) - N shaded) by Muneer's slope function
//   sky_view       -sky kb                     by the sky view
//
// A class of air is a range of elevation (and of turbidity) so narrow that the transmittance is
// linear in it. A table has a row for each step, which holds what a look-up at the share u of
// that step needs:
//   value      the integrals at the class's middle: coefficients of 1, u and u^2 of the parabola
//              that has the right values at the step's boundaries, and the second derivative
//              that the growth in the steps before and behind gives
//   by_height  their derivative by elevation in scale heights, whose part is small: coefficients
//              of 1 and u
//   by_linke   with turbidity maps, the same by turbidity
#pragma once

#include <cstddef>

#include "eemt/simd.hpp"
#include "eemt/sunlit_cells.hpp"

namespace eemt {

// Range of a class in elevation: 0.02 scale heights, 169 m. Fitted at two Chebyshev nodes,
// the linear form leaves (optical depth x 0.01)^2/4 of the transmittance: 6e-6 at optical
// depth 0.5 (sun high), 1e-4 at 2 (sun on the horizon).
inline constexpr double height_class_width = 0.02;
// Range of a class in Linke turbidity. With an optical depth of 0.2 per unit (sun at 30 degrees)
// the linear form leaves (0.2 x 0.01)^2/4 = 1e-6 of the transmittance, and as much as 0.2 x 0.01
// times 0.6 x 0.01 = 1.2e-5 in a corner of both classes.
inline constexpr double linke_class_width = 0.02;

// The sun and the air in the middle of each of the day's steps.
template <typename T>
struct StepMiddles {
    int count = 0;
    const LitSums<T>*
        geometry;           // what of the integrands the air does not change: S, c S + b Z, 1, 1
    const T* air_mass;      // at sea level
    const T* mass_slope;    // relative change of the air mass with latitude [per rad]
    const T* sin_altitude;  // of the sun
};

// diffuse_coefficients() of clear_sky.hpp.
template <typename T>
struct DiffuseTerms {
    T c0, c1, c2;
};

template <typename T>
struct AirClass {
    T pressure_low, pressure_high;  // at the class's two Chebyshev nodes of elevation
    T linke;                        // at its middle
    T height_half, linke_half;      // from the middle to the nodes; linke_half 0: no derivative
    T weight;                       // extraterrestrial irradiance times hours per step
    // at linke - linke_half, at linke and at linke + linke_half
    DiffuseTerms<T> diffuse_low, diffuse_middle, diffuse_high;
};

// Where each LitSums of a row begins, in elements of T.
enum RowOffset : int {
    row_value = 0,
    row_value_linear = lit_lanes,
    row_value_square = 2 * lit_lanes,
    row_by_height = 3 * lit_lanes,
    row_by_height_linear = 4 * lit_lanes,
    row_by_linke = 5 * lit_lanes,
    row_by_linke_linear = 6 * lit_lanes,
};
// Elements from row to row, without and with turbidity maps.
inline constexpr int integrals_row[2] = {5 * lit_lanes, 7 * lit_lanes};

// Elements that `scratch` needs for so many steps: two sets of four factors for each, and a
// LitSums at each boundary and one beyond the first and the last.
constexpr std::size_t integrals_scratch(std::size_t steps) {
    return 8 * steps + lit_lanes * (steps + 3);
}

// Fills a class's rows, one per step, and returns what a radian of latitude is worth in elevation
// [scale heights].
template <typename T>
using IntegralsFunction = T (*)(const StepMiddles<T>&, const AirClass<T>&, T* scratch, T* rows);

struct IntegralsFunctions {
    IntegralsFunction<float> f32;
    IntegralsFunction<double> f64;
};

EEMT_PER_LEVEL(IntegralsFunctions, integrals_functions)

}  // namespace eemt
