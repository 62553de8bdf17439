// A day of sunlight on a block of cells without visiting its time steps: the inner loops of
// the exact rule.
//
// All that a day sums up is linear in eight numbers of the cell (its normal, sky view and
// Muneer's slope function), once it is known when the cell is lit. So the clear sky is
// integrated once per block and day, from noon outwards, into tables (clear_sky_integrals.hpp),
// and an interval in which a cell is lit costs two look-ups: at its end and at its beginning. A
// cell is lit while the sun stands before its plane (which has a closed form in the hour angle)
// and above its horizon.
//
// One cell on one day, time running to the right:
//
//   steps     0        1        2        3        4        5        6        7
//   day       |--------|--------|--------|--------|--------|--------|--------|
//          sunrise                        noon                          sunset
//   nodes     o----o------o-----o-----o-----o-----o-----o-----o----o----o----o
//   sees?     no   no     yes   yes   no    no    yes   yes   yes  yes  yes  yes
//   seen               [rise    set]           [rise                      end]
//   facing       [from                                             to]
//   lit                [===========]           [=====================]
//
//   steps      equal parts of the day; in the middle of each the sky is evaluated
//   nodes      moments at which the sun stands in a direction of the horizon map, and some
//              between; two neighbours bound a stretch. At nodes the cell is asked whether it
//              sees the sun: whether it stands above the cell's horizon
//   seen       from the moment at which the sun rises over the horizon to that at which it
//              sets behind it; both are solved for within their stretch
//   facing     the sun stands before the cell's plane
//   lit        when both hold; such a piece of the day is an interval
//   sums       each interval adds the integrals up to its end less those up to its beginning
//              (LitSums) and its hours; when a group of days ends, the rule makes beam,
//              diffuse and reflected irradiation of them
//
// A patch of cells passes these stages, all its cells through each stage before the next:
//
//   facing_interval    from and to of each cell
//   cut_to_own_day     at the cell's own sunrise and sunset, where the block's are not good enough
//   find_rise_and_set  from node to node each cell is in one of three states:
//
//                          sees              does not: one loss
//                      never ------> sees ----------------------> lost
//                                      ^         sees             |
//                                      +--------------------------+
//
//                      kept are the first node that sees (rise), the last one before the
//                      latest loss (set), and the number of losses; the day's end is one
//   cut_at_horizon     solves for the moments of rise and set in the stretches beside them
//   add_one_interval   of cells with one loss at most: two look-ups
//   add_all_intervals  of the others, by going through the nodes once more
//
// The sun is given in the equatorial frame (towards the pole, towards the meridian on the
// equator, towards the east): S = (sin d, cos d cos t, -cos d sin t) with declination d and
// hour angle t. A cell's normal is rotated into that frame once, so the cosine of incidence is
// a dot product and exact at each cell's own latitude.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/block_order.hpp"
#include "eemt/horizon_code.hpp"
#include "eemt/simd.hpp"

namespace eemt {

// The eight integrals over the time in which a cell is lit; by which number of the cell each is
// multiplied in the end, and what it integrates: clear_sky_integrals.hpp. The loops treat them
// as one vector of `lit_lanes` numbers.
template <typename T>
struct LitSums {
    T beam_pole, beam_meridian, beam_east;
    T circumsolar_pole, circumsolar_meridian, circumsolar_east;
    T muneer;
    T sky_view;
};
inline constexpr int lit_lanes = 8;
static_assert(sizeof(LitSums<float>) == lit_lanes * sizeof(float));
static_assert(sizeof(LitSums<double>) == lit_lanes * sizeof(double));

// A block's cells, one value per cell, in arrays padded to whole packs.
template <typename T>
struct SunlitCells {
    int count = 0;                  // padded
    const T* latitude_offset;       // from the block's latitude [rad]
    const T* facing_centre;         // hour angle at which the sun stands most before the plane
    const T* facing_ratio;          // normal towards the pole over normal across it
    const std::int32_t* air_class;  // which of the day's tables holds the cell's air
    const T* height_offset;         // elevation [scale heights], from the class's middle
    const T* linke_offset;          // turbidity from the class's middle; only with maps
};

// A share of 1 in SunPathNode::weight_b.
inline constexpr int horizon_weight_scale = 32768;

// A moment of the sun's path at which cells are asked whether they see it.
template <typename T>
struct SunPathNode {
    // The horizon towards the sun: that of one direction, or between two. Offsets of both
    // directions' horizons within a pack's.
    std::int32_t direction_a, direction_b;
    std::int32_t weight_b;  // in 1/horizon_weight_scale
    T sine;                 // of the sun's apparent altitude, times horizon_scale
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
    // The tables of clear_sky_integrals.hpp: first row, elements from class to class, and per
    // class how much height_offset a radian of latitude is worth.
    const T* integrals;
    std::ptrdiff_t class_stride;
    const T* height_per_latitude;
    // The sun's path; no nodes: no shadows.
    int nodes;
    const SunPathNode<T>* path;
    const SunPathStretch<T>* stretches;  // nodes - 1
    // At which nodes the cells of each patch are asked: where they may differ, and beside
    // those. The number of them for each patch, and their numbers, with room for `nodes` each.
    const std::int16_t* asked_counts;
    const std::int16_t* asked_nodes;
    // The horizon map: pack after pack, in each direction after direction, in each cell after
    // cell; so a pack's stays in the first cache.
    const std::int16_t* horizon;
    std::ptrdiff_t pack_stride;
};

// Sums of the days so far, one value per cell.
template <typename T>
struct SunlitSums {
    LitSums<T>* lit;
    T* hours;
};

template <typename T>
using SunlitFunction = void (*)(const SunlitCells<T>&, const SunlitDay<T>&, const SunlitSums<T>&);

// The loops of one instruction set. [whether there are turbidity maps]
struct SunlitFunctions {
    SunlitFunction<float> f32[2];
    SunlitFunction<double> f64[2];
};

EEMT_PER_LEVEL(SunlitFunctions, sunlit_functions)

}  // namespace eemt
