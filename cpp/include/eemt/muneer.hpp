// Muneer's N, by which a slope gets more or less of the sky's light than of an evenly bright sky,
// as a function of the beam's transmittance.
//
// Muneer (1990), "Solar radiation model for Europe", as r.sun takes it (Hofierka & Suri 2002).
// Included within a namespace of the includer's own, so that units compiled once per
// instruction set (simd.hpp) share nothing.

template <typename T>
inline T muneer_n(T kb) {
    return T(0.00263) - kb * (T(0.712) + T(0.6883) * kb);
}
constexpr double muneer_shaded = 0.252271;  // N of a sky without visible sun
