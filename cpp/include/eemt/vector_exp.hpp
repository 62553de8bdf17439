// exp(-x) for the vector loops: no call, no branch.
//
// For units that are compiled once per instruction set (simd.hpp): include it within the
// level's namespace only.

inline float power_of_two(float whole) {
    const std::int32_t bits = (static_cast<std::int32_t>(whole) + 127) << 23;
    float result;
    __builtin_memcpy(&result, &bits, sizeof result);
    return result;
}
inline double power_of_two(double whole) {
    const std::int64_t bits = (static_cast<std::int64_t>(whole) + 1023) << 52;
    double result;
    __builtin_memcpy(&result, &bits, sizeof result);
    return result;
}

// exp(-x) for x in [0, 80]: 2^n by bits times the series of 2^f for |f| <= 1/2, whose
// truncation after the 7th power leaves (ln(2)/2)^8/8! = 5e-9.
template <typename T>
inline T exp_minus(T x) {
    const T scaled = -x * T(1.44269504088896341);
    const T y = scaled > T(-115) ? scaled : T(-115);
    const T whole = static_cast<T>(static_cast<std::int32_t>(y - T(0.5)));
    const T f = (y - whole) * T(0.69314718055994531);
    const T series =
        T(1) +
        f * (T(1) + f * (T(1.0 / 2) +
                         f * (T(1.0 / 6) +
                              f * (T(1.0 / 24) +
                                   f * (T(1.0 / 120) + f * (T(1.0 / 720) + f * T(1.0 / 5040)))))));
    return series * power_of_two(whole);
}
