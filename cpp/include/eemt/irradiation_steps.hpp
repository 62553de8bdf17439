// One time step over one block of cells: the innermost loops of irradiation.hpp.
//
// The sun is given in the equatorial frame (towards the pole, towards the meridian
// on the equator, towards the east): S = (sin d, cos d cos t, -cos d sin t) with
// declination d and hour angle t. A cell's zenith and normal are rotated into that
// frame once, so sine of altitude and cosine of incidence are dot products and
// exact at each cell's own latitude.
#pragma once

#include <cstdint>

#include "eemt/simd.hpp"

namespace eemt {

// A block's cells, one value per cell, in arrays padded to `irradiation_lanes`.
template <typename T>
struct BlockCells {
    int count = 0;          // padded
    const T* sin_latitude;  // zenith, component towards the pole
    const T* cos_latitude;  // zenith, component towards the meridian on the equator
    const T* normal_pole;
    const T* normal_meridian;
    const T* normal_east;
    const T* normal_up;     // cosine of the slope
    const T* muneer_slope;  // sin g - g cos g - pi sin^2(g/2)
    const T* sky_view;
    const T* pressure;    // exp(-z/H)
    const T* linke;       // only with turbidity maps
    const T* diffuse_c0;  // diffuse_coefficients() per cell; only with turbidity maps
    const T* diffuse_c1;
    const T* diffuse_c2;
    const T* flat;  // 1 where the cell is horizontal
};

// Multiple of every vector width; the arrays end on it.
inline constexpr int irradiation_lanes = 16;

// What is constant over the block during a step.
template <typename T>
struct StepConstants {
    // sun at the middle of the step, and half its change across the step
    T sun_pole, sun_meridian, sun_east;
    T half_pole, half_meridian, half_east;
    // sun at the end of the step; refraction raises the sine of its altitude
    T end_pole, end_meridian, end_refraction;
    // horizon at the end of the step: two directions and their weights (scaled)
    const std::int16_t* sector_a;
    const std::int16_t* sector_b;
    T weight_a, weight_b;
    // air mass at sea level about the block's sine of altitude
    T sin_altitude;
    T mass0, mass1, mass2;
    // transmittance (or, with turbidity maps, optical depth per Linke) as a cubic in
    // air mass about `mass_centre`
    T mass_centre;
    T depth[4];
    // the same for r.sun's rule, which must bear any relief within a block to 1e-5: a
    // Chebyshev series in (air mass - mass_centre) * mass_scale
    T mass_scale;
    T series[8];
    // diffuse_coefficients() without turbidity maps
    T diffuse_c0, diffuse_c1, diffuse_c2;
    // circumsolar part: 1/sin altitude expanded, the low-sun form and its share
    T inverse0, inverse1, low_sun, low_share;
    T hours;  // length of the step [h]
};

template <typename T>
struct DaySums {
    T* beam;
    T* diffuse;
    T* horizontal;  // beam and diffuse on the horizontal as the cell sees them
    T* hours;
    T* flat_beam;
    T* flat_diffuse;
    T* clearance;  // sine of the sun's altitude over the horizon at the last step's end
};

template <typename T>
using StepFunction = void (*)(const BlockCells<T>&, const StepConstants<T>&, const DaySums<T>&);

// The loops of one instruction set. [shadows][turbidity maps]
struct StepFunctions {
    StepFunction<float> exact_f32[2][2];
    StepFunction<double> exact_f64[2][2];
    StepFunction<float> clearance_f32;
    StepFunction<double> clearance_f64;
    StepFunction<float> rsun_f32[2][2];
    StepFunction<double> rsun_f64[2][2];
};

// Fetches the loops for a level; defined once per level.
namespace simd_base {
StepFunctions step_functions();
}
#if defined(EEMT_SIMD_X86)
namespace simd_v3 {
StepFunctions step_functions();
}
namespace simd_v4 {
StepFunctions step_functions();
}
#endif

}  // namespace eemt
