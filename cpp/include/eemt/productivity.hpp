// Net primary production, dry matter of a whole YEAR [g m-2 yr-1]; a month has its
// share of the year's days. And leaf area index from NDVI.
#pragma once

#include "eemt/cell_math.hpp"

namespace eemt::EEMT_CELLS {

// Temperature term of the "Miami" model (Lieth 1975). Some papers print a minus in
// the denominator, which has a pole at 11 degC; the plus is the original.
template <typename T>
T lieth_npp_g_m2_yr(T temperature_c) {
    return T(3000) / (T(1) + cell_exp(T(1.315) - T(0.119) * temperature_c));
}

// Northness: +1 on a cliff that faces north, -1 on one that faces south. South of the equator,
// where shade lies on the south side, the slope comes with a minus sign, which turns this round
// (the sine is odd), and on the equator as 0.
template <typename T>
T northness(T slope_rad, T aspect_rad) {
    return cell_cos(aspect_rad) * cell_sin(slope_rad);
}

// Rasmussen et al. (2015), Eq. 11, regressed on the transects of Whittaker & Niering
// (1975) in the Santa Catalina Mountains, 800 to 2800 m, at 32 degrees north: the northness
// stands for shade.
template <typename T>
T topo_npp_g_m2_yr(T elevation_m, T slope_rad, T aspect_rad, T floor_g_m2_yr) {
    const T npp = T(0.39) * elevation_m + T(346) * northness(slope_rad, aspect_rad) - T(187);
    return npp < floor_g_m2_yr ? floor_g_m2_yr : npp;
}

// Rasmussen et al. (2015), Eq. 12, on canopy height h. "Centred" is the quadratic
// about the mean height, 196 + 36 h - 0.61 (h - 12.0933)^2, which meets the floor of
// Eq. 11 at h = 0; "printed" has the coefficient inside the bracket. The parabola
// falls below zero beyond 80 m and is cut there.
template <typename T>
struct CanopyNpp {
    T inside, outside;

    explicit CanopyNpp(bool printed)
        : inside(printed ? T(0.61) : T(1)), outside(printed ? T(1) : T(0.61)) {}

    T operator()(T canopy_height_m) const {
        const T bracket = inside * canopy_height_m - T(12.0933);
        const T npp = T(196) + T(36) * canopy_height_m - outside * bracket * bracket;
        return npp < T(0) ? T(0) : npp;
    }
};

// Leaf area index from NDVI (Qi et al. 2000), within the range of its data, 0 to 9.5.
template <typename T>
T lai_from_ndvi(T ndvi) {
    const T lai = ((T(18.99) * ndvi - T(15.24)) * ndvi + T(6.124)) * ndvi - T(0.352);
    return lai < T(0) ? T(0) : (lai > T(9.5) ? T(9.5) : lai);
}

}  // namespace eemt::EEMT_CELLS
