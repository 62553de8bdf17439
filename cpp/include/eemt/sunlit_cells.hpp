// A day of sunlight on a block of cells without visiting its time steps: the inner loops of
// the exact rule.
//
// All that a day sums up is linear in eight numbers of the cell (its normal, sky view and
// Muneer's slope function), once it is known when the cell is lit. So the integrands are
// integrated once per block and day from noon outwards, in `sunlit_lanes` lanes at each time
// step's boundary (clear_sky_integrals.hpp), and a lit interval of a cell costs two look-ups.
// Lit is a cell while the sun stands before its plane (a closed form in the hour angle) and
// above its horizon (compared where the sun crosses the horizon map's directions).
//
// The sun is given in the equatorial frame (towards the pole, towards the meridian on the
// equator, towards the east): S = (sin d, cos d cos t, -cos d sin t) with declination d and
// hour angle t. A cell's normal is rotated into that frame once, so the cosine of incidence is
// a dot product and exact at each cell's own latitude.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/block_lanes.hpp"
#include "eemt/horizon_code.hpp"
#include "eemt/simd.hpp"

namespace eemt {

inline constexpr int sunlit_lanes = 8;

// A block's cells, one value per cell, in arrays padded to `block_lanes`.
template <typename T>
struct SunlitCells {
    int count = 0;                  // padded
    const T* latitude_offset;       // from the block's latitude [rad]
    const T* facing_centre;         // hour angle at which the sun stands most before the slope
    const T* facing_ratio;          // normal towards the pole over normal across it
    const std::int32_t* air_class;  // which of the day's tables holds the cell's air
    const T* depth_offset;          // altitude over scale height, from the class's middle
    const T* linke_offset;          // turbidity from the class's middle; only with maps
};

// A moment of the sun's path at which cells are asked whether they see it.
template <typename T>
struct SunPathNode {
    // horizon towards the sun: of one direction, or between two; as offsets into a group's
    std::int32_t sector_a, sector_b;
    std::int32_t weight_b;  // in 1/32768
    T sine;                 // of the apparent altitude, times horizon_scale
    T northward;            // its change with latitude [per rad]
};

// From one node to the next: time, and how the sun's path bends in between.
template <typename T>
struct SunPathStretch {
    T start, length, bend;  // [steps]: start + u length + bend u (u - 1), u in 0 to 1
    T sine_bend;            // likewise of the sine
};

template <typename T>
struct SunlitDay {
    int steps;
    T sunrise, steps_per_radian;              // hour angle at step 0; steps per hour angle
    T tan_declination, tan_declination_rate;  // at noon; per radian of hour angle
    T hours_per_step;
    // Each cell's own sunrise and sunset [steps]; null where those of the block serve for all.
    const T* own_sunrise;
    const T* own_sunset;
    // clear_sky_integrals(): first row, distance from class to class, per class what a
    // radian of latitude is worth in depth_offset
    const T* integrals;
    std::ptrdiff_t class_stride;
    const T* depth_per_latitude;
    // the sun's path; no nodes: no shadows
    int nodes;
    const SunPathNode<T>* path;
    const SunPathStretch<T>* stretches;  // nodes - 1
    // The nodes at which each patch is asked: where its cells may differ, and those beside
    // them. How many, and which ones, room for `nodes` each.
    const std::int16_t* asked;
    const std::int16_t* ask;
    // The horizon map: groups of block_lanes cells after one another, in each direction after
    // direction, in each cell after cell; so a group's stays in the first cache.
    const std::int16_t* horizon;
    std::ptrdiff_t group_stride;
};

// Sums of the days so far. `lit` has sunlit_lanes values per cell, the others one.
template <typename T>
struct SunlitSums {
    T* lit;
    T* hours;
};

template <typename T>
using SunlitFunction = void (*)(const SunlitCells<T>&, const SunlitDay<T>&, const SunlitSums<T>&);

// The loops of one instruction set. [turbidity maps]
struct SunlitFunctions {
    SunlitFunction<float> f32[2];
    SunlitFunction<double> f64[2];
};

EEMT_PER_LEVEL(SunlitFunctions, sunlit_functions)

}  // namespace eemt
