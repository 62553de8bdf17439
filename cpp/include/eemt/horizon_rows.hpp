// Last stage of the horizon sweep: the horizon of a row of neighbouring cells from the
// skylines of the scan lines between them; compiled once per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/horizon_hulls.hpp"
#include "eemt/simd.hpp"

namespace eemt {

// Samples nearest to a cell that are always measured on its own line.
inline constexpr int horizon_near_samples = 16;

// A cell's own line after so many steps: how far it passes from the lower to the upper of
// the two neighbours, and what turns the rise to it into a slope. After no step the fraction
// is NaN, and so is the slope, which loses every comparison.
template <typename T>
struct OwnLinePoint {
    T fraction;
    T per_distance;  // 1 / distance [m-1]
    T sink;          // of the slope, by curvature
    T unused;
};

// What a row of cells takes over from the row beside it: of the line between them.
template <typename T>
struct CarriedSkyline {
    std::int32_t steps, behind;
    T at_steps, at_behind;
    T slope;  // of both points, measured on the own line of the cell behind the line
};

// Cell j lies between the lines j - 1 and j; line -1 is the last of the row beside it. Tables
// are by steps ahead of the cell.
template <typename T>
struct HorizonRow {
    const T* z;               // elevations of the cells; the DEM around them is readable
    const std::int32_t* way;  // to the lower of an own line's two neighbours, in elements
    const OwnLinePoint<T>* own;
    const T* per_distance;  // 1 / distance [m-1]
    T sink_per_step;        // of the slope, by curvature
    int near_samples;       // of them that the DEM holds
    T toward_b;             // where the cells lie between their lines; 1: on line j
    bool far;               // whether there is a far field
    const SkylineSteps* seen;
    const SkylineElevations<T>* elevations;
};

template <typename T>
using ResolveHorizonRow = void (*)(const HorizonRow<T>& row, CarriedSkyline<T>& carried,
                                   std::int16_t* codes);

struct HorizonRowFunctions {
    ResolveHorizonRow<float> f32;
    ResolveHorizonRow<double> f64;
};

EEMT_PER_LEVEL(HorizonRowFunctions, horizon_row_functions)

}  // namespace eemt
