// Square root and arc cosine for the vector loops: no call.
//
// For units that are compiled once per instruction set (simd.hpp): include it within the
// level's namespace only.

inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }

// acos(x) = sqrt(1 - x) times this for x in [0, 1], within 2e-8 (Abramowitz & Stegun 1964,
// 4.4.46).
template <typename T>
inline T arc_cosine_series(T x) {
    return T(1.5707963050) +
           x * (T(-0.2145988016) +
                x * (T(0.0889789874) +
                     x * (T(-0.0501743046) +
                          x * (T(0.0308918810) +
                               x * (T(-0.0170881256) +
                                    x * (T(0.0066700901) - x * T(0.0012624911)))))));
}
