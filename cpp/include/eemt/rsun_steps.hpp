// One sample of r.sun's time grid over one block of cells: the inner loops of its rule.
//
// The sun is given in the equatorial frame (towards the pole, towards the meridian
// on the equator, towards the east): S = (sin d, cos d cos t, -cos d sin t) with
// declination d and hour angle t. A cell's zenith and normal are rotated into that
// frame once, so sine of altitude and cosine of incidence are dot products and
// exact at each cell's own latitude.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/block_order.hpp"
#include "eemt/simd.hpp"

namespace eemt {

// A block's cells, one value per cell, in arrays padded to whole packs.
template <typename T>
struct RsunCells {
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

// Terms of the transmittance's Chebyshev series.
inline constexpr int rsun_series_terms = 8;

// What is constant over the block during a step.
template <typename T>
struct RsunStep {
    T sun_pole, sun_meridian, sun_east;
    // horizon towards the sun: those of two directions and their weights, over horizon_scale; a
    // pack's lies pack_stride after that of the one before
    const std::int16_t* horizon_a;
    const std::int16_t* horizon_b;
    std::ptrdiff_t pack_stride;
    T weight_a, weight_b;
    // air mass at sea level about the block's sine of altitude
    T sin_altitude;
    T mass0, mass1, mass2;
    // transmittance (or, with turbidity maps, optical depth per Linke) as a Chebyshev series
    // in (air mass - mass_centre) * mass_scale: bears any relief within a block to 1e-5
    T mass_centre, mass_scale;
    T series[rsun_series_terms];
    // diffuse_coefficients() without turbidity maps
    T diffuse_c0, diffuse_c1, diffuse_c2;
    T hours;  // length of the step [h]
};

template <typename T>
struct RsunSums {
    T* beam;
    T* diffuse;
    T* horizontal;  // beam and diffuse on the horizontal as the cell sees them
    T* hours;
    T* flat_beam;
    T* flat_diffuse;
};

template <typename T>
using RsunFunction = void (*)(const RsunCells<T>&, const RsunStep<T>&, const RsunSums<T>&);

// The loops of one instruction set. [whether there are shadows][turbidity maps]
struct RsunFunctions {
    RsunFunction<float> f32[2][2];
    RsunFunction<double> f64[2][2];
};

EEMT_PER_LEVEL(RsunFunctions, rsun_functions)

}  // namespace eemt
