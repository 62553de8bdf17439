// What terrain hides of the sky in one direction, for a row of cells: the inner loop of
// sky_view.hpp, compiled once per instruction set (see simd.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/simd.hpp"

namespace eemt {

// Cells of a row summed at a time, so that their sums stay in the first cache; arrays have so
// many, also where fewer cells are meant.
inline constexpr int sky_view_lanes = 256;

template <typename T>
struct SkyViewCells {
    T cos_slope[sky_view_lanes];
    T sin_east[sky_view_lanes], sin_north[sky_view_lanes];  // of the slope's normal
    T hidden[sky_view_lanes];                               // so far
};

// Adds what the horizon hides in the direction (east, north).
template <typename T>
using HideSky = void (*)(SkyViewCells<T>& cells, const std::int16_t* horizon, T east, T north);

struct SkyViewFunctions {
    HideSky<float> f32;
    HideSky<double> f64;
};

EEMT_PER_LEVEL(SkyViewFunctions, sky_view_functions)

}  // namespace eemt
