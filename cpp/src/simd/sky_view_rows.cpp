// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/sky_view_rows.hpp"

#include "eemt/horizon_code.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

#include "eemt/arc_cosine.hpp"

// For x in [0, 1], rounded a little above too.
template <typename T>
inline T acos_positive(T x) {
    const T rest = T(1) - x;
    return square_root(rest > T(0) ? rest : T(0)) * arc_cosine_series(x);
}

// The integrand above a horizon at elevation h: sine of h, cos g, and
// facing = sin g cos(psi - a).
template <typename T>
inline T open_sky(T sine, T cos_slope, T facing) {
    const T cos2 = T(1) - sine * sine;
    return cos_slope * cos2 + facing * (acos_positive(sine) - sine * square_root(cos2));
}

template <typename T>
void hide_sky(SkyViewCells<T>& cells, const std::int16_t* horizon, T east, T north) {
    constexpr T unit = static_cast<T>(1.0 / horizon_scale);
    constexpr T tiny = sizeof(T) == sizeof(float) ? T(1.17549435e-38) : T(2.2250738585072014e-308);
#pragma GCC unroll 1
    for (int i = 0; i < sky_view_lanes; ++i) {
        const T cos_slope = cells.cos_slope[i];
        const T facing = cells.sin_east[i] * east + cells.sin_north[i] * north;
        const T rise = facing < T(0) ? -facing : T(0);
        const T plane = rise / square_root(cos_slope * cos_slope + rise * rise + tiny);
        const T terrain = static_cast<T>(horizon[i]) * unit;
        const T skyline = terrain > plane ? terrain : plane;
        cells.hidden[i] +=
            open_sky(plane, cos_slope, facing) - open_sky(skyline, cos_slope, facing);
    }
}

}  // namespace

SkyViewFunctions sky_view_functions() { return {hide_sky<float>, hide_sky<double>}; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
