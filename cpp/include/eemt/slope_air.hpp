// From a month's climate and sun on one cell to the air over that slope and the
// energy it has to evaporate water: the steps that EEMT_TOPO and EEMT_TOPO-VEG share.
#pragma once

#include "eemt/cell_math.hpp"
#include "eemt/energy_parameters.hpp"
#include "eemt/evapotranspiration.hpp"
#include "eemt/local_temperature.hpp"
#include "eemt/net_radiation.hpp"
#include "eemt/vapour.hpp"

namespace eemt::EEMT_CELLS {

// Saturation vapour pressure of a day [kPa]: with spread 1 the mean of that at both
// extremes (FAO-56, Eq. 12), with spread 0 that at the mean temperature.
template <typename T>
T daily_saturation_kpa(T tmin_c, T tmax_c, T spread) {
    const T mean_c = (tmin_c + tmax_c) / T(2), half_c = spread * (tmax_c - tmin_c) / T(2);
    return bolton<T>.mean(mean_c - half_c, mean_c + half_c);
}

template <typename T>
class SlopeAirModel {
  public:
    SlopeAirModel(const EnergyParameters& p, const MonthSpan& span)
        : latent_(p.latent_heat_varies, p.latent_heat_mj_kg),
          pressure_lapse_k_m_(static_cast<T>(p.pressure_lapse_k_m)),
          relative_shortwave_(static_cast<T>(p.relative_shortwave)),
          daily_mj_(static_cast<T>(mj_per_wh / span.solar_days)),
          shift_of_tmin_(p.solar_term_on_mean ? T(1) : T(0)),
          saturation_spread_(p.saturation_at_mean ? T(0) : T(1)) {}

    // The slope's share of the sun warms the day's maximum, or both extremes.
    T warmed_tmin_c(T tmin_c, T shift_c) const { return tmin_c + shift_of_tmin_ * shift_c; }
    T deficit_kpa(T tmin_c, T tmax_c, T vapour_kpa) const {
        const T deficit = daily_saturation_kpa(tmin_c, tmax_c, saturation_spread_) - vapour_kpa;
        return deficit < T(0) ? T(0) : deficit;
    }
    T net_radiation_mj_m2_day(T tmin_c, T tmax_c, T vapour_kpa, T solar_wh_m2, T albedo) const {
        const T longwave = net_longwave_mj_m2_day(tmin_c, tmax_c, vapour_kpa, relative_shortwave_);
        return EEMT_CELLS::net_radiation_mj_m2_day(solar_wh_m2 * daily_mj_, albedo, longwave);
    }
    T pressure_kpa(T elevation_m) const {
        return air_pressure_kpa(elevation_m, pressure_lapse_k_m_);
    }
    T latent_mj_kg(T temperature_c) const { return latent_(temperature_c); }

  private:
    LatentHeat<T> latent_;
    T pressure_lapse_k_m_, relative_shortwave_, daily_mj_, shift_of_tmin_, saturation_spread_;
};

}  // namespace eemt::EEMT_CELLS
