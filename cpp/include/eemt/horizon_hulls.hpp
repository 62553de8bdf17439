// First stage of the horizon sweep: the hulls of scan lines marched side by side; compiled
// once per instruction set.
//
// A hull is a stack of the points that can still be the skyline of a nearer cell, in three
// arrays: position (whole major steps in the look direction), elevation, and the slope from
// the point to the one behind it. A new sample hides some of the topmost points; how many, no
// processor can predict, so the topmost ones are tested all at once instead of one by one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/line_sample.hpp"
#include "eemt/simd.hpp"

namespace eemt {

// Lines marched side by side, and so cells resolved at a time.
inline constexpr int horizon_lanes = 16;
// Points of a hull tested at a time. So many elements, and the two marks of its end, must lie
// before a hull's first point in memory.
inline constexpr int hull_points = 8;
// Steps that are more than those to any point; the marks at a hull's end lie beyond.
inline constexpr float hull_end = 1e9f;

// Of `horizon_lanes` lines; the arrays of the next line begin `stride` further on.
template <typename T>
struct LineHulls {
    T* position;
    T* elevation_m;
    T* slope;
    std::ptrdiff_t stride;
    std::int32_t* depth;  // points on each line's stack
    const T* last_fine;   // position of each line's last sample before the far field
    T step_m;             // length of a step
    T sink_per_step;      // of the slope, by curvature
};

// What the lines' samples see: steps ahead to the tangent point (0: none, negative: in the
// far field) and the elevation there; and the same for the next point of the hull behind it,
// which is the skyline where, on the own line of the cell beside, the tangent point is a little
// lower or the cell a little higher.
struct SkylineSteps {
    std::int32_t steps[horizon_lanes];
    std::int32_t behind[horizon_lanes];
};
template <typename T>
struct SkylineElevations {
    T at_steps[horizon_lanes];
    T at_behind[horizon_lanes];
};

template <typename T>
struct HullFunctions {
    // Empties all hulls: leaves the marks at their ends.
    void (*clear)(const LineHulls<T>& hulls);
    // Samples all lines at `position`, finds what the samples see and puts them on their
    // hulls. The lines pass `fraction` of the way from the cells `low` to their neighbours
    // `high`.
    void (*march)(const LineHulls<T>& hulls, const T* low, const T* high, T fraction, T position,
                  SkylineSteps& seen, SkylineElevations<T>& seen_m);
    // Puts samples, each nearer than all before it, on the hull of one line.
    void (*push)(const LineHulls<T>& hulls, int lane, const LineSample<T>* samples,
                 std::ptrdiff_t count);
};

struct HullFunctionsOfLevel {
    HullFunctions<float> f32;
    HullFunctions<double> f64;
};

EEMT_PER_LEVEL(HullFunctionsOfLevel, hull_functions)

}  // namespace eemt
