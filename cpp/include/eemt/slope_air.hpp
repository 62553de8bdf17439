// From a month's climate and sun on one cell to the air over that slope and the
// energy it has to evaporate water: what EEMT_TOPO and EEMT_TOPO-VEG share.
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
    return (saturation_bolton_kpa(mean_c - half_c) + saturation_bolton_kpa(mean_c + half_c)) / T(2);
}

template <typename T>
struct SlopeAir {
    EvaporatingAir<T> air;
    T net_radiation_mj_m2_day;
};

// The numbers of one cell that make its SlopeAir.
template <typename T>
struct SlopeCell {
    T tmin_c, tmax_c, vapour_pressure_pa, elevation_m;
    T solar_wh_m2;
    T shift_c;  // of the temperature, by the slope's share of the sun
    T albedo;
};

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

    SlopeAir<T> operator()(const SlopeCell<T>& cell) const {
        const T tmin_c = cell.tmin_c + shift_of_tmin_ * cell.shift_c;
        const T tmax_c = cell.tmax_c + cell.shift_c;
        const T mean_c = (tmin_c + tmax_c) / T(2);
        const T vapour_kpa = cell.vapour_pressure_pa / T(1000);
        const T deficit_kpa = daily_saturation_kpa(tmin_c, tmax_c, saturation_spread_) - vapour_kpa;
        const T longwave = net_longwave_mj_m2_day(tmin_c, tmax_c, vapour_kpa, relative_shortwave_);
        return {{mean_c, air_pressure_kpa(cell.elevation_m, pressure_lapse_k_m_),
                 deficit_kpa < T(0) ? T(0) : deficit_kpa, latent_(mean_c)},
                net_radiation_mj_m2_day(cell.solar_wh_m2 * daily_mj_, cell.albedo, longwave)};
    }

  private:
    LatentHeat<T> latent_;
    T pressure_lapse_k_m_, relative_shortwave_, daily_mj_, shift_of_tmin_, saturation_spread_;
};

}  // namespace eemt::EEMT_CELLS
