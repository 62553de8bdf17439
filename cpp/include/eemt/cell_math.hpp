// Elementary functions for loops over cells. In float they are straight-line code
// that the compiler turns into vectors, good to about 1e-7 relative; in double they
// are the C library's.
//
// The headers that hold formulas of one cell (this one, vapour, net_radiation,
// local_temperature, evapotranspiration, productivity, slope_air) are compiled into a
// namespace per instruction set, because the units in src/simd must not share an
// inline function with others (see simd.hpp).
#pragma once

#include <cstdint>

#if defined(EEMT_SIMD_NAMESPACE)
#define EEMT_CELLS EEMT_SIMD_NAMESPACE
#else
#define EEMT_CELLS plain_cells
namespace eemt {
namespace plain_cells {}
using namespace plain_cells;
}  // namespace eemt
#endif

namespace eemt::EEMT_CELLS {

// Nodata in any input makes the cell nodata. Tested once per cell, so that the
// formulas may clamp with plain comparisons, which swallow a NaN.
template <typename... T>
inline bool any_missing(T... values) {
    // no short circuit, which would be a branch in the loop
    return (static_cast<int>(!(values == values)) | ...) != 0;
}

inline double cell_exp(double x) { return __builtin_exp(x); }
inline double cell_log(double x) { return __builtin_log(x); }
inline double cell_sin(double x) { return __builtin_sin(x); }
inline double cell_cos(double x) { return __builtin_cos(x); }
inline double cell_sqrt(double x) { return __builtin_sqrt(x); }
inline float cell_sqrt(float x) { return __builtin_sqrtf(x); }

// ln 2 in two parts, the first with so few digits that whole multiples are exact.
inline constexpr float ln2_high = 0.693359375f;
inline constexpr float ln2_low = -2.12194440e-4f;

// Adding this rounds a float of moderate size to the nearest whole number, which then
// stands in its lowest bits: a conversion without the conversion instruction.
inline constexpr float whole_in_bits = 12582912.0f;  // 1.5 * 2^23

inline std::uint32_t bits_of(float x) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}
inline float float_of(std::uint32_t bits) {
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

// 2^n by its bits times the series of e^f for |f| <= ln(2)/2, cut after the 7th power:
// (0.347)^8 / 8! = 5e-9. Beyond the range of float it stays at the range's ends.
inline float cell_exp(float x) {
    const float in_range = x > -87.0f ? (x < 88.0f ? x : 88.0f) : -87.0f;
    const float rounded = in_range * 1.44269504f + whole_in_bits;
    const float n = rounded - whole_in_bits;
    const float f = (in_range - n * ln2_high) - n * ln2_low;
    const float series =
        1.0f +
        f * (1.0f +
             f * (0.5f +
                  f * (1.0f / 6 +
                       f * (1.0f / 24 + f * (1.0f / 120 + f * (1.0f / 720 + f * (1.0f / 5040)))))));
    return series * float_of((bits_of(rounded) + 127u) << 23);
}

// x = 2^e m with m in [1/sqrt 2, sqrt 2]; ln m = 2 artanh s, s = (m - 1)/(m + 1), cut after
// the 9th power: 2 (0.172)^11 / 11 = 7e-10. Zero counts as the smallest normal number.
inline float cell_log(float x) {
    const float positive = x > 1.17549435e-38f ? x : 1.17549435e-38f;
    const std::uint32_t bits = bits_of(positive);
    const float m = float_of((bits & 0x007fffffu) | 0x3f800000u);
    const float e = static_cast<float>(static_cast<std::int32_t>(bits >> 23)) - 127.0f;
    const bool high = m > 1.41421356f;
    const float mantissa = high ? 0.5f * m : m, exponent = high ? e + 1.0f : e;
    const float s = (mantissa - 1.0f) / (mantissa + 1.0f), s2 = s * s;
    const float series =
        2.0f * s * (1.0f + s2 * (1.0f / 3 + s2 * (1.0f / 5 + s2 * (1.0f / 7 + s2 * (1.0f / 9)))));
    return exponent * ln2_high + (series + exponent * ln2_low);
}

// x = k pi + r with |r| <= pi/2; the series of sin r cut after the 11th power:
// (pi/2)^13 / 13! = 6e-8. For |x| up to 1000.
inline float cell_sin(float x) {
    const float in_range = x > -1000.0f ? (x < 1000.0f ? x : 1000.0f) : -1000.0f;
    const float rounded = in_range * 0.318309886f + whole_in_bits;
    const float k = rounded - whole_in_bits;
    const float r = ((in_range - k * 3.140625f) - k * 9.67502594e-4f) - k * 1.50995799e-7f;
    const float r2 = r * r;
    const float series =
        r *
        (1.0f + r2 * (-1.0f / 6 +
                      r2 * (1.0f / 120 +
                            r2 * (-1.0f / 5040 + r2 * (1.0f / 362880 + r2 * (-1.0f / 39916800))))));
    return float_of(bits_of(series) ^ (bits_of(rounded) << 31));  // odd k turns the sign
}
inline float cell_cos(float x) { return cell_sin(x + 1.57079633f); }

// (1 + x)^p - 1 for x in [0, 1] and p in (0, 1], without loss of digits for small x.
inline double power_of_one_plus_less_one(double x, double p) {
    return __builtin_expm1(__builtin_log1p(x) * p);
}
inline float power_of_one_plus_less_one(float x, float p) {
    // ln(1 + x) with the rounding of 1 + x made good (Kahan)
    const float u = 1.0f + x;
    const float log = u == 1.0f ? x : cell_log(u) * (x / (u - 1.0f));
    const float z = log * p;  // at most ln 2: (ln 2)^11 / 11! = 4e-10
    return z * (1.0f +
                z * (1.0f / 2 +
                     z * (1.0f / 6 +
                          z * (1.0f / 24 +
                               z * (1.0f / 120 +
                                    z * (1.0f / 720 +
                                         z * (1.0f / 5040 + z * (1.0f / 40320 +
                                                                 z * (1.0f / 362880 +
                                                                      z * (1.0f / 3628800))))))))));
}

}  // namespace eemt::EEMT_CELLS
