// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/horizon_hulls.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

// Loops over all lanes carry `unroll 1`: GCC 12 would unroll them into scalars first.
constexpr int lanes = horizon_lanes;

template <typename T>
constexpr T infinite = static_cast<T>(__builtin_inf());

template <typename T>
using Points [[gnu::vector_size(hull_points * sizeof(T))]] = T;

template <typename V, typename T>
inline void load(V& v, const T* from) {
    __builtin_memcpy(&v, from, sizeof v);
}

// Which of the values are negative, a bit each.
template <typename V>
inline unsigned negative(const V& value) {
    unsigned bits = 0;
    for (int i = 0; i < hull_points; ++i) bits |= static_cast<unsigned>(value[i] < 0) << i;
    return bits;
}
#if defined(__AVX__)
template <>
inline unsigned negative(const Points<float>& value) {
    return static_cast<unsigned>(__builtin_ia32_movmskps256(value));
}
template <>
inline unsigned negative(const Points<double>& value) {
    const int low = __builtin_ia32_movmskpd256(__builtin_shufflevector(value, value, 0, 1, 2, 3));
    const int high = __builtin_ia32_movmskpd256(__builtin_shufflevector(value, value, 4, 5, 6, 7));
    return static_cast<unsigned>(low | high << 4);
}
#elif defined(__SSE2__)
template <>
inline unsigned negative(const Points<float>& value) {
    const int low = __builtin_ia32_movmskps(__builtin_shufflevector(value, value, 0, 1, 2, 3));
    const int high = __builtin_ia32_movmskps(__builtin_shufflevector(value, value, 4, 5, 6, 7));
    return static_cast<unsigned>(low | high << 4);
}
#endif

// Index of the point of a line's hull that a sample sees; the hull stays as it is.
//
// A point is hidden for all that come after the sample when it lies below the straight line
// (of z - x^2 / 2R) from the sample to the point behind it. With dz the rise to it, n the
// steps, d their length and e the slope from it to the one behind, both as seen from where
// they start: d (e - n sink) >= dz. The first point and the end mark below it have e minus
// infinity: they are never hidden.
template <typename T>
inline std::ptrdiff_t tangent(const LineHulls<T>& h, std::ptrdiff_t end, T position, T z) {
    unsigned bits;
    do {
        end -= hull_points;
        Points<T> there, elevation, slope;
        load(there, h.position + end);
        load(elevation, h.elevation_m + end);
        load(slope, h.slope + end);
        const Points<T> steps = there - position;
        const Points<T> over = slope - steps * h.sink_per_step;
        bits = negative(steps * h.step_m * over - (elevation - z));
    } while (bits == 0);
    return end + 31 - __builtin_clz(bits);
}

// Slope from a sample to a point; minus infinity to the end mark.
template <typename T>
inline T slope_to(const LineHulls<T>& h, T steps, T rise) {
    return steps < T(hull_end) ? rise / (steps * h.step_m) - steps * h.sink_per_step : -infinite<T>;
}

template <typename T>
inline void put(const LineHulls<T>& h, int lane, std::ptrdiff_t index, T position, T z, T slope) {
    h.position[index] = position;
    h.elevation_m[index] = z;
    h.slope[index] = slope;
    h.depth[lane] = static_cast<std::int32_t>(index - lane * h.stride) + 1;
}

template <typename T>
void clear(const LineHulls<T>& h) {
    for (int lane = 0; lane < lanes; ++lane) {
        for (int mark = 2; mark > 0; --mark) {
            put(h, lane, lane * h.stride - mark, T(2 * hull_end), T(0), -infinite<T>);
        }
    }
}

// The points are tested one by one, with the top of the hull in registers: the samples of one line
// come so fast that a vector would be loaded while one of its elements is still being stored,
// for which the processor would have to wait.
template <typename T>
void push(const LineHulls<T>& hulls, int lane, const LineSample<T>* samples, std::ptrdiff_t count) {
    const LineHulls<T> h = hulls;
    std::ptrdiff_t at = lane * h.stride + h.depth[lane] - 1;
    T top = h.position[at], top_m = h.elevation_m[at], top_slope = h.slope[at];
    for (const LineSample<T>* sample = samples; sample < samples + count; ++sample) {
        const T position = static_cast<T>(sample->position), z = sample->elevation_m;
        while ((top - position) * h.step_m * (top_slope - (top - position) * h.sink_per_step) >=
               top_m - z) {
            --at;
            top = h.position[at];
            top_m = h.elevation_m[at];
            top_slope = h.slope[at];
        }
        top_slope = slope_to(h, top - position, top_m - z);
        top = position;
        top_m = z;
        put(h, lane, ++at, top, top_m, top_slope);
    }
}

// Steps to a point in the form of SkylineSteps.
template <typename T>
inline std::int32_t coded(T there, T position, T last_fine) {
    const T steps = there < T(hull_end) ? there - position : T(0);
    return static_cast<std::int32_t>(there > last_fine ? -steps : steps);
}

// A sample between a valid and a missing cell is no terrain, but the valid cell still
// looks from there.
template <typename T>
void march(const LineHulls<T>& hulls, const T* low, const T* high, T fraction, T position,
           SkylineSteps& seen, SkylineElevations<T>& seen_m) {
    const LineHulls<T> h = hulls;  // a copy, which needs no reading again after each store
    T line[lanes], from[lanes];
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        line[j] = low[j] + fraction * (high[j] - low[j]);
        const T valid = low[j] == low[j] ? low[j] : high[j] == high[j] ? high[j] : T(0);
        from[j] = line[j] == line[j] ? line[j] : valid;
    }
    std::ptrdiff_t at[lanes];
    T there[lanes], behind[lanes], slope[lanes];
    for (int lane = 0; lane < lanes; ++lane) {
        const std::ptrdiff_t i = tangent(h, lane * h.stride + h.depth[lane], position, from[lane]);
        at[lane] = i;
        there[lane] = h.position[i];
        behind[lane] = h.position[i - 1];
        seen_m.at_steps[lane] = h.elevation_m[i];
        seen_m.at_behind[lane] = h.elevation_m[i - 1];
    }
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        const bool looks = low[j] == low[j] || high[j] == high[j];
        const T last = h.last_fine[j];
        seen.steps[j] = looks ? coded(there[j], position, last) : 0;
        seen.behind[j] = looks ? coded(behind[j], position, last) : 0;
        slope[j] = slope_to(h, there[j] - position, seen_m.at_steps[j] - line[j]);
    }
    for (int lane = 0; lane < lanes; ++lane) {
        if (line[lane] == line[lane]) {
            put(h, lane, at[lane] + 1, position, line[lane], slope[lane]);
        }
    }
}

}  // namespace

HullFunctionsOfLevel hull_functions() {
    return {{clear<float>, march<float>, push<float>},
            {clear<double>, march<double>, push<double>}};
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
