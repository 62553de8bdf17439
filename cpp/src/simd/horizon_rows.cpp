// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/horizon_rows.hpp"

#include "eemt/horizon_code.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

// Loops over all lanes carry `unroll 1`: GCC 12 would unroll them into scalars first.
constexpr int lanes = horizon_lanes;
constexpr std::int32_t near_samples = horizon_near_samples;

template <typename T>
constexpr T nothing = -static_cast<T>(__builtin_inf());

// As many cells as fit a register: GCC 12 compares longer vectors one by one.
#if defined(__AVX__)
constexpr int register_bytes = 32;
#else
constexpr int register_bytes = 16;
#endif
template <typename T>
using Vector [[gnu::vector_size(register_bytes)]] = T;

#include "eemt/arc_cosine.hpp"
#include "eemt/four_vectors.hpp"

// The steepest slope to the first samples of each cell's own line. That to a missing sample is NaN,
// which is greater than nothing.
template <typename T>
inline void near_field(const HorizonRow<T>& row, T* best) {
    constexpr int width = sizeof(Vector<T>) / sizeof(T), count = lanes / width;
    Vector<T> z[count], steepest[count];
#pragma GCC unroll 8
    for (int k = 0; k < count; ++k) {
        load(z[k], row.z + k * width);
        steepest[k] = Vector<T>{} + nothing<T>;
    }
    for (int n = 1; n <= row.near_samples; ++n) {
        const OwnLinePoint<T> point = row.own[n];
        const T* const there = row.z + row.way[n];
        const T* const beside = there + (point.fraction > T(0));
#pragma GCC unroll 8
        for (int k = 0; k < count; ++k) {
            Vector<T> low, high;
            load(low, there + k * width);
            load(high, beside + k * width);
            const Vector<T> rise = low + point.fraction * (high - low) - z[k];
            const Vector<T> slope = rise * point.per_distance - point.sink;
            steepest[k] = slope > steepest[k] ? slope : steepest[k];
        }
    }
    __builtin_memcpy(best, steepest, sizeof steepest);
}

// Slopes to one point of each line's hull, measured on the own lines of the cells on both
// sides of the line: cell j before line j, cell j + 1 behind it. Points of the near field and
// of the far field give none.
template <typename T>
inline void own_samples(const HorizonRow<T>& row, const std::int32_t* steps, T* before, T* behind) {
    for (int j = 0; j < lanes; j += 4) {
        Four<T> z[4], point[4], here, next;  // of four lines, then of four columns
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) {
            const std::int32_t n = steps[j + k] > near_samples ? steps[j + k] : 0;
            load(z[k], row.z + (j + k) + row.way[n]);
            __builtin_memcpy(&point[k], row.own + n, sizeof point[k]);
        }
        transpose<T>(z[0], z[1], z[2], z[3]);
        transpose<T>(point[0], point[1], point[2], point[3]);
        const Four<T> fraction = point[0], per_distance = point[1], sink = point[2];
        const Four<T> zero{};
        load(here, row.z + j);
        load(next, row.z + j + 1);
        // a line through a cell's centre must not look at the neighbour, which may be missing (the
        // fraction of no step, NaN, equals nothing)
        const auto through = fraction == zero;
        const Four<T> a = through ? z[0] : z[0] + fraction * (z[1] - z[0]);
        const Four<T> b = through ? z[1] : z[1] + fraction * (z[2] - z[1]);
        const Four<T> slope_a = (a - here) * per_distance - sink;
        const Four<T> slope_b = (b - next) * per_distance - sink;
        Four<T> best_a, best_b;
        load(best_a, before + j);
        load(best_b, behind + j);
        best_a = slope_a > best_a ? slope_a : best_a;
        best_b = slope_b > best_b ? slope_b : best_b;
        __builtin_memcpy(before + j, &best_a, sizeof best_a);
        __builtin_memcpy(behind + j, &best_b, sizeof best_b);
    }
}

// Points in the far field, whose samples are used as they are and blended where both
// lines look that far.
template <typename T>
inline void far_field(const HorizonRow<T>& row, const std::int32_t* steps, const T* elevation_m,
                      std::int32_t carried_steps, T carried_elevation_m, T* best) {
    const bool on_b = row.toward_b == T(1);
    for (int j = 0; j < lanes; ++j) {
        const std::int32_t a = on_b ? 0 : j == 0 ? carried_steps : steps[j - 1], b = steps[j];
        const T there = j == 0 ? carried_elevation_m : elevation_m[j - 1];
        const std::int32_t n_a = a < 0 ? -a : 0, n_b = b < 0 ? -b : 0;
        const T from_a =
            (there - row.z[j]) * row.per_distance[n_a] - static_cast<T>(n_a) * row.sink_per_step;
        const T from_b = (elevation_m[j] - row.z[j]) * row.per_distance[n_b] -
                         static_cast<T>(n_b) * row.sink_per_step;
        const T blend = from_a + row.toward_b * (from_b - from_a);
        const T slope = a < 0 ? (b < 0 ? blend : from_a) : (b < 0 ? from_b : nothing<T>);
        best[j] = slope > best[j] ? slope : best[j];
    }
}

template <typename T>
void resolve_row(const HorizonRow<T>& row, CarriedSkyline<T>& carried, std::int16_t* codes) {
    const SkylineSteps& seen = *row.seen;
    const SkylineElevations<T>& elevations = *row.elevations;
    // `aside` is of the cells behind the lines: one further on
    T best[lanes], aside[lanes + 1];
    near_field(row, best);
    aside[0] = carried.slope;
    for (int j = 1; j <= lanes; ++j) aside[j] = nothing<T>;
    own_samples(row, seen.steps, best, aside + 1);
    own_samples(row, seen.behind, best, aside + 1);
    if (row.toward_b != T(1)) {
#pragma GCC unroll 1
        for (int j = 0; j < lanes; ++j) best[j] = aside[j] > best[j] ? aside[j] : best[j];
    }
    if (row.far) {
        far_field(row, seen.steps, elevations.at_steps, carried.steps, carried.at_steps, best);
        far_field(row, seen.behind, elevations.at_behind, carried.behind, carried.at_behind, best);
    }
    constexpr int last = lanes - 1;
    carried = {seen.steps[last], seen.behind[last], elevations.at_steps[last],
               elevations.at_behind[last], aside[lanes]};
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        const bool is_seen = best[j] > nothing<T>;
        const T slope = is_seen ? best[j] : T(0);
        const T sine = slope / square_root(T(1) + slope * slope);
        // rounded to the nearest code: a number above 0 is cut
        constexpr int above = horizon_scale + 1;
        const auto code =
            static_cast<std::int32_t>(sine * T(horizon_scale) + T(above + 0.5)) - above;
        const std::int32_t visible = code > horizon_nothing ? code : horizon_nothing + 1;
        const auto answer = static_cast<std::int16_t>(is_seen ? visible : horizon_nothing);
        codes[j] = row.z[j] == row.z[j] ? answer : horizon_nodata;
    }
}

}  // namespace

HorizonRowFunctions horizon_row_functions() { return {resolve_row<float>, resolve_row<double>}; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
