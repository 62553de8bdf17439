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

// A point of a cell's own line, some steps ahead, and what makes a slope of the rise to it. The
// point of no step has the fraction NaN and so the slope NaN, which is above no other.
template <typename T>
struct OwnLinePoint {
    T fraction;      // of the way from the lower to the upper of the two cells it lies between
    T per_distance;  // 1 / distance [m-1]
    T sink;          // of the slope, by curvature
    T unused;
};

// What a row hands to the one of the next block of lines: the skyline of its last line, which is
// the line before the next row's first cell.
template <typename T>
struct CarriedSkyline {
    std::int32_t steps, behind;  // as in SkylineSteps
    T at_steps, at_behind;       // as in SkylineElevations
    T slope;  // the larger one to both points, on the own line of the next row's first cell
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
