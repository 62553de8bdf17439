// Last stage of the horizon sweep: the horizon of a row of neighbouring cells from the
// skylines of the scan lines between them; compiled once per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/simd.hpp"

namespace eemt {

// Lines marched side by side, and so cells resolved at a time.
inline constexpr int horizon_lanes = 16;
// Samples nearest to a cell that are always measured on its own line.
inline constexpr int horizon_near_samples = 16;

// Where a cell's own line is after so many steps: the two neighbours it passes between,
// in elements of the grid from the cell, and how far from the lower to the upper one.
// After no step it is NaN, which loses every comparison.
template <typename T>
struct OwnLinePoint {
    std::int32_t low;
    std::int32_t high;
    T fraction;
    T per_distance;  // 1 / distance [m-1]
};

// Cell j lies between the lines j and j + 1. Tables are by steps ahead of the cell.
template <typename T>
struct HorizonRow {
    const T* z;  // elevations of the cells; the DEM around them is readable
    const OwnLinePoint<T>* own;
    const T* per_distance;       // 1 / distance [m-1]
    T sink_per_step;             // of the slope, by curvature
    int near_samples;            // of them that the DEM holds
    T toward_b;                  // where the cells lie between their lines
    const std::int32_t* steps;   // to each line's skyline; 0: none, negative: in the far field
    const T* elevation_m;        // there
    const std::int32_t* behind;  // the same for the next point of its hull
    const T* behind_m;           // and the elevation there
};

template <typename T>
using ResolveHorizonRow = void (*)(const HorizonRow<T>& row, std::int16_t* codes);

struct HorizonRowFunctions {
    ResolveHorizonRow<float> f32;
    ResolveHorizonRow<double> f64;
};

namespace simd_base {
HorizonRowFunctions horizon_row_functions();
}
#if defined(EEMT_SIMD_X86)
namespace simd_v3 {
HorizonRowFunctions horizon_row_functions();
}
namespace simd_v4 {
HorizonRowFunctions horizon_row_functions();
}
#endif

}  // namespace eemt
