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

inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }

// As many cells as fit 32 bytes: one AVX register, or two of SSE.
template <typename T>
using Vector [[gnu::vector_size(32)]] = T;

template <typename V, typename T>
inline void load(V& v, const T* from) {
    __builtin_memcpy(&v, from, sizeof v);
}

// The first samples of each cell's own line. A sample that is missing is NaN and loses
// every comparison.
template <typename T>
inline void near_field(const HorizonRow<T>& row, T* best) {
    constexpr int width = sizeof(Vector<T>) / sizeof(T);
    for (int j = 0; j < lanes; j += width) {
        Vector<T> z, low, high, steepest = Vector<T>{} + nothing<T>;
        load(z, row.z + j);
        for (int n = 1; n <= row.near_samples; ++n) {
            const OwnLinePoint<T>& point = row.own[n];
            load(low, row.z + point.low + j);
            load(high, row.z + point.high + j);
            const Vector<T> there = low + point.fraction * (high - low);
            const Vector<T> slope =
                (there - z) * point.per_distance - static_cast<T>(n) * row.sink_per_step;
            steepest = slope > steepest ? slope : steepest;
        }
        __builtin_memcpy(best + j, &steepest, sizeof steepest);
    }
}

// One more sample of each cell's own line, beyond the near ones, at `steps` of its own.
// First all loads, which no instruction set does side by side with profit, then the sums.
template <typename T>
inline void own_sample(const HorizonRow<T>& row, const std::int32_t* steps, T* best) {
    T low[lanes], high[lanes], fraction[lanes], per_distance[lanes], sink[lanes];
    std::int32_t way[lanes];
    std::int32_t farthest = 0;
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        way[j] = steps[j] > near_samples ? steps[j] : 0;
        farthest |= way[j];
        sink[j] = static_cast<T>(way[j]) * row.sink_per_step;
    }
    if (farthest == 0) return;
#pragma GCC unroll 4
    for (int j = 0; j < lanes; ++j) {
        const OwnLinePoint<T>& point = row.own[way[j]];
        low[j] = row.z[j + point.low];
        high[j] = row.z[j + point.high];
        fraction[j] = point.fraction;
        per_distance[j] = point.per_distance;
    }
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        const T there = low[j] + fraction[j] * (high[j] - low[j]);
        const T slope = (there - row.z[j]) * per_distance[j] - sink[j];
        best[j] = slope > best[j] ? slope : best[j];
    }
}

// Points in the far field, whose samples are used as they are and blended where both
// lines look that far.
template <typename T>
inline void far_field(const HorizonRow<T>& row, const std::int32_t* steps, const T* elevation_m,
                      T* best) {
    std::int32_t any = 0;
#pragma GCC unroll 1
    for (int j = 0; j <= lanes; ++j) any |= steps[j];
    if (any >= 0) return;
    const bool on_b = row.toward_b == T(1);
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        const std::int32_t a = on_b ? 0 : steps[j], b = steps[j + 1];
        const std::int32_t n_a = a < 0 ? -a : 0, n_b = b < 0 ? -b : 0;
        const T from_a = (elevation_m[j] - row.z[j]) * row.per_distance[n_a] -
                         static_cast<T>(n_a) * row.sink_per_step;
        const T from_b = (elevation_m[j + 1] - row.z[j]) * row.per_distance[n_b] -
                         static_cast<T>(n_b) * row.sink_per_step;
        const T blend = from_a + row.toward_b * (from_b - from_a);
        const T slope = a < 0 ? (b < 0 ? blend : from_a) : (b < 0 ? from_b : nothing<T>);
        best[j] = slope > best[j] ? slope : best[j];
    }
}

template <typename T>
void resolve_row(const HorizonRow<T>& row, std::int16_t* codes) {
    T best[lanes];
    near_field(row, best);
    own_sample(row, row.steps + 1, best);
    own_sample(row, row.behind + 1, best);
    if (row.toward_b != T(1)) {
        own_sample(row, row.steps, best);
        own_sample(row, row.behind, best);
    }
    far_field(row, row.steps, row.elevation_m, best);
    far_field(row, row.behind, row.behind_m, best);
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        const bool seen = best[j] > nothing<T>;
        const T slope = seen ? best[j] : T(0);
        const T sine = slope / square_root(T(1) + slope * slope);
        const auto code = static_cast<std::int32_t>(sine * T(32767) + T(32768.5)) - 32768;
        const std::int32_t visible = code > horizon_nothing ? code : horizon_nothing + 1;
        const auto answer = static_cast<std::int16_t>(seen ? visible : horizon_nothing);
        codes[j] = row.z[j] == row.z[j] ? answer : horizon_nodata;
    }
}

}  // namespace

HorizonRowFunctions horizon_row_functions() { return {resolve_row<float>, resolve_row<double>}; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
