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
// formulas may clamp with plain comparisons, which make a number of a NaN. A sum is NaN where a
// summand is: one comparison instead of one each. (So an infinite value and its opposite in
// one cell count as nodata, too.)
template <typename T, typename... More>
inline bool any_missing(T first, More... more) {
    const T sum = (first + ... + more);
    return !(sum == sum);
}

// A value held within limits; NaN stays NaN. In two steps, each of which is one instruction.
template <typename T>
inline T clamp_to(T value, T low, T high) {
    const T raised = value < low ? low : value;
    return raised > high ? high : raised;
}

inline double cell_exp(double x) { return __builtin_exp(x); }
inline double cell_log(double x) { return __builtin_log(x); }
inline double cell_sin(double x) { return __builtin_sin(x); }
inline double cell_cos(double x) { return __builtin_cos(x); }
inline double cell_atan(double x) { return __builtin_atan(x); }
inline double cell_sqrt(double x) { return __builtin_sqrt(x); }
inline float cell_sqrt(float x) { return __builtin_sqrtf(x); }

// c0 + c1 x + c2 x^2 + ... by Estrin's scheme, whose chain of operations that wait for each other
// is half as long as that of Horner's. Coefficients below are minimax fits of
// scripts/fit_polynomials.py, which prints their errors; cpp/tests/test_cell_math.cpp holds the
// functions to theirs.
inline float polynomial(float, float c0) { return c0; }
inline float polynomial(float x, float c0, float c1) { return c0 + c1 * x; }
inline float polynomial(float x, float c0, float c1, float c2) {
    return (c0 + c1 * x) + c2 * (x * x);
}
template <typename... More>
inline float polynomial(float x, float c0, float c1, float c2, float c3, More... more) {
    const float x2 = x * x, low = (c0 + c1 * x) + (c2 + c3 * x) * x2;
    if constexpr (sizeof...(more) == 0) {
        return low;
    } else {
        return low + (x2 * x2) * polynomial(x, more...);
    }
}

// The same by Horner's scheme, with fused multiply-adds where the processor has them: faster, but
// the last bit depends on whether it has. They are asked for by name, so that a loop's vectors and
// the cells that remain after them round alike.
inline float fused_polynomial(float, float last) { return last; }
template <typename... More>
inline float fused_polynomial(float x, float c0, float c1, More... more) {
#if defined(__FMA__)
    return __builtin_fmaf(x, fused_polynomial(x, c1, more...), c0);
#else
    return c0 + x * fused_polynomial(x, c1, more...);
#endif
}

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

// 2^n by its bits times e^f for |f| <= ln(2)/2: 1.7e-8. Beyond the range of float it stays
// at the range's ends. Limited is the whole exponent; to limit the float, which may be NaN,
// would take three times the instructions.
inline float cell_exp(float x) {
    const float rounded = x * 1.44269504f + whole_in_bits;
    const float n = rounded - whole_in_bits;
    const float f = (x - n * ln2_high) - n * ln2_low;
    const float power = polynomial(f, 1.0f, 1.0f, 0.499999911f, 0.166664198f, 0.0416682288f,
                                   0.00837485678f, 0.00138367934f);
    const auto whole = static_cast<std::int32_t>(bits_of(rounded) - bits_of(whole_in_bits));
    const std::int32_t least = whole < -126 ? -126 : whole;
    const std::int32_t held = least > 127 ? 127 : least;
    return power * float_of(static_cast<std::uint32_t>(held + 127) << 23);
}

// x = 2^e (1 + t) with 1 + t in [1/sqrt 2, sqrt 2]; ln(1 + t) = t - t^2/2 + t^3 q(t), without
// a division: 6e-9. Zero counts as the smallest normal number.
inline float cell_log(float x) {
    constexpr std::uint32_t root_half = 0x3f3504f3u;
    const float positive = x > 1.17549435e-38f ? x : 1.17549435e-38f;
    const std::uint32_t above = bits_of(positive) - root_half;
    const float e = static_cast<float>(static_cast<std::int32_t>(above) >> 23);
    const float t = float_of((above & 0x007fffffu) + root_half) - 1.0f, t2 = t * t;
    const float q = polynomial(t, 0.333333313f, -0.250008196f, 0.200012267f, -0.166233569f,
                               0.142017573f, -0.131601825f, 0.127615765f, -0.0763449669f);
    const float rest = t2 * (t * q - 0.5f) + e * ln2_low;
    return e * ln2_high + (t + rest);
}

// x = k pi + r with |r| <= pi/2, sin r = r s(r^2): 1.4e-8. For |x| up to 1000.
inline float cell_sin(float x) {
    const float rounded = x * 0.318309886f + whole_in_bits;
    const float k = rounded - whole_in_bits;
    const float r = ((x - k * 3.140625f) - k * 9.67502594e-4f) - k * 1.50995799e-7f;
    const float sine = r * polynomial(r * r, 1.0f, -0.166666567f, 0.00833302457f, -0.000198073511f,
                                      2.60174966e-06f);
    return float_of(bits_of(sine) ^ (bits_of(rounded) << 31));  // odd k turns the sign
}
inline float cell_cos(float x) { return cell_sin(x + 1.57079633f); }

// atan r = r a(r^2) for r in [0, 1], 5.4e-8; beyond, a quarter turn less that of 1 / x. For
// x >= 0.
inline float cell_atan(float x) {
    const bool steep = x > 1.0f;
    const float r = (steep ? 1.0f : x) / (steep ? x : 1.0f);
    const float angle =
        r * fused_polynomial(r * r, 1.0f, -0.333330721f, 0.199926198f, -0.142036438f, 0.106409334f,
                             -0.0750429407f, 0.0426915102f, -0.0160686243f, 0.00284988829f);
    return steep ? 1.57079633f - angle : angle;
}

// (1 + x)^p - 1 for x in [0, 1] and p in (0, 1], without loss of digits for small x: the
// logarithm as x l(x), 2.9e-8, and e^z - 1 as z g(z) for z up to ln 2, 3e-9.
inline double power_of_one_plus_less_one(double x, double p) {
    return __builtin_expm1(__builtin_log1p(x) * p);
}
inline float power_of_one_plus_less_one(float x, float p) {
    const float log =
        x * polynomial(x, 1.0f, -0.499999017f, 0.333299637f, -0.249541342f, 0.196759388f,
                       -0.153055921f, 0.106036536f, -0.0569595173f, 0.0198514536f, -0.0032440233f);
    const float z = log * p;
    return z * polynomial(z, 1.0f, 0.49999997f, 0.166667581f, 0.0416586138f, 0.00836666953f,
                          0.0013190523f, 0.000268839533f);
}

}  // namespace eemt::EEMT_CELLS
