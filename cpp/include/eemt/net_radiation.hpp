// Net radiation of a surface [MJ m-2 d-1], a gain where positive: absorbed solar
// radiation less the net longwave loss of FAO-56 (Allen et al. 1998, Eq. 38-40).
#pragma once

#include "eemt/cell_math.hpp"
#include "eemt/constants.hpp"
#include "eemt/vapour.hpp"

namespace eemt::EEMT_CELLS {

// Net longwave LOSS, Eq. 39. The fourth powers of both extremes are averaged, not
// the temperatures. relative_shortwave is Rs/Rso: 1 under a clear sky.
template <typename T>
T net_longwave_mj_m2_day(T tmin_c, T tmax_c, T vapour_kpa, T relative_shortwave) {
    const T low = tmin_c + T(kelvin_at_0_c), high = tmax_c + T(kelvin_at_0_c);
    const T low2 = low * low, high2 = high * high;
    const T emission = T(0.5 * stefan_boltzmann_mj_k4_m2_day) * (low2 * low2 + high2 * high2);
    return emission * (T(0.34) - T(0.14) * cell_sqrt(vapour_kpa)) *
           (T(1.35) * relative_shortwave - T(0.35));
}

template <typename T>
T net_radiation_mj_m2_day(T solar_mj_m2_day, T albedo, T longwave_loss_mj_m2_day) {
    return solar_mj_m2_day * (T(1) - albedo) - longwave_loss_mj_m2_day;
}

}  // namespace eemt::EEMT_CELLS
