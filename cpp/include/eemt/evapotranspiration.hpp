// Potential and actual evapotranspiration: Hamon's temperature method, the
// combination equation for a pan or a canopy, and Fu's water balance.
#pragma once

#include "eemt/cell_math.hpp"
#include "eemt/constants.hpp"
#include "eemt/local_temperature.hpp"
#include "eemt/vapour.hpp"

namespace eemt::EEMT_CELLS {

// Hamon's potential evapotranspiration, PET = (a H^2 + b H) e_s / (T + 273.2) in
// mm d-1 with H daylight hours and e_s in kPa; none where the day's mean is not
// above freezing. Haith & Shoemaker (1987) has a = 2.1, Dingman (2002) b = 29.8.
template <typename T>
struct Hamon {
    T quadratic, linear;

    explicit Hamon(bool dingman)
        : quadratic(dingman ? T(0) : T(2.1)), linear(dingman ? T(29.8) : T(0)) {}

    T operator()(T tmin_c, T tmax_c, T daylight_hours) const {
        const T mean_c = (tmin_c + tmax_c) / T(2);
        const T saturation_kpa = tetens<T>.mean(tmin_c, tmax_c);
        const T hours = daylight_hours * (quadratic * daylight_hours + linear);
        const T pet_mm = hours * saturation_kpa / (mean_c + T(273.2));
        const T thawed =
            mean_c > T(0) ? T(1) : T(0);  // a factor, as a choice would become a branch
        return thawed * pet_mm;
    }
};

// Aerodynamic conductance [m s-1], 1 / r_a, not yet divided: so the combination equation
// needs one division in all.
template <typename T>
struct Conductance {
    T numerator, denominator;
};

// That of an open-water pan, with r_a = 4.72 ln(z_m/z_0)^2 / (1 + 0.536 U) (Shuttleworth
// 1993).
template <typename T>
Conductance<T> pan_conductance_m_s(T wind_m_s) {
    constexpr double log_height = 7.2860917197;  // ln(2 m / 0.00137 m)
    return {T(1) + T(0.536) * wind_m_s, T(4.72 * log_height * log_height)};
}

// That of a canopy of height h: FAO-56 Eq. 4 with
// d = 2/3 h, z0m = 0.123 h, z0h = 0.1 z0m.
//
// The wind is known 2 m above grass of 0.12 m. It is carried up that grass's own
// profile to the blending height, where the ground below no longer matters (200 m in
// METRIC: Allen, Tasumi & Trezza 2007, doi 10.1061/(ASCE)0733-9437(2007)133:4(380)),
// and down the canopy's profile from there. Air temperature and vapour are taken as
// far above the canopy as the weather screen stands above its grass, 1.88 m. At
// h = 0.12 m this is FAO-56's reference, r_a = 208 / U.
template <typename T>
class CanopyConductance {
  public:
    CanopyConductance(double height_min_m, double blending_height_m)
        : height_min_m_(static_cast<T>(height_min_m)),
          blending_m_(static_cast<T>(blending_height_m)) {
        constexpr double d = 2.0 / 3.0 * grass_m, z0 = 0.123 * grass_m;
        const double aloft = cell_log((blending_height_m - d) / z0) / cell_log((screen_m - d) / z0);
        factor_ = static_cast<T>(von_karman * von_karman * aloft);
    }

    Conductance<T> operator()(T wind_m_s, T canopy_height_m) const {
        const T height = clamp_to(canopy_height_m, height_min_m_, blending_m_);
        const T d = height * T(2.0 / 3.0), per_z0m = T(1 / 0.123) / height;
        const T momentum = cell_log((blending_m_ - d) * per_z0m);
        const T heat = cell_log((height + T(screen_m - grass_m) - d) * (T(10) * per_z0m));
        return {factor_ * wind_m_s, momentum * heat};
    }

  private:
    static constexpr double grass_m = 0.12, screen_m = 2.0;
    T height_min_m_, blending_m_, factor_;
};

// Bulk surface resistance of a canopy [s m-1]. Linear: 55 at LAI 0.5 falling to 38 at
// LAI 6, the range that Rasmussen et al. (2015) report, constant beyond. FAO-56 Eq. 5:
// 100 / (0.5 LAI), with LAI of at least 0.01 so that bare ground has a number.
template <typename T>
struct SurfaceResistance {
    T linear_share, leaves_share;  // factors, as a flag would be a branch in the loop

    explicit SurfaceResistance(bool fao)
        : linear_share(fao ? T(0) : T(1)), leaves_share(fao ? T(1) : T(0)) {}

    T operator()(T lai) const {
        const T linear = T(55) - (clamp_to(lai, T(0.5), T(6)) - T(0.5)) * T(17.0 / 5.5);
        const T by_leaves = T(200) / (lai < T(0.01) ? T(0.01) : lai);
        return linear_share * linear + leaves_share * by_leaves;
    }
};

// What the combination equation needs to know of a cell's air.
template <typename T>
struct EvaporatingAir {
    T temperature_c;
    T pressure_kpa;
    T deficit_kpa;  // saturation less actual vapour pressure
    T latent_mj_kg;
};

// The combination equation of Penman and Monteith [mm d-1], never negative, with the
// ground heat flux left out (monthly steps):
//   lambda ET = (Delta R_n + rho c_p VPD g_a) / (Delta + gamma (1 + r_s g_a)).
// r_s = 0 is Penman's open water. Both sides of the fraction are multiplied by the absolute
// temperature (which the air's density rho is divided by) and by the denominator of g_a, so that
// one division is left; lambda gamma is psychrometric_latent * pressure.
template <typename T>
T combination_mm_day(const EvaporatingAir<T>& air, T net_radiation_mj_m2_day,
                     const Conductance<T>& conductance_m_s, T surface_resistance_s_m) {
    constexpr double density_kelvin_per_kpa = 1000.0 / dry_air_gas_constant_j_kg_k;
    constexpr double heat_of_density =
        density_kelvin_per_kpa * air_heat_capacity_mj_kg_k * seconds_per_day;
    const auto [numerator, denominator] = conductance_m_s;
    const T kelvin = air.temperature_c + T(kelvin_at_0_c);
    const T slope = saturation_slope_kpa_c(air.temperature_c) * denominator;
    const T radiative = kelvin * slope * net_radiation_mj_m2_day;
    const T aerodynamic = T(heat_of_density) * air.pressure_kpa * air.deficit_kpa * numerator;
    const T resisted = T(psychrometric_latent) * air.pressure_kpa *
                       (denominator + surface_resistance_s_m * numerator);
    const T water = (radiative + aerodynamic) / (kelvin * (air.latent_mj_kg * slope + resisted));
    return water < T(0) ? T(0) : water;
}

// Fu's actual evapotranspiration (Zhang et al. 2004, doi 10.1029/2003WR002710):
//   AET = P (1 + phi - (1 + phi^w)^(1/w)), phi = PET / P.
// The curve is symmetric in P and PET. With m the smaller, M the larger and r = m / M,
//   AET = m - M ((1 + r^w)^(1/w) - 1),
// which neither overflows for P -> 0 nor loses digits in the difference.
template <typename T>
struct Fu {
    T w, per_w;

    explicit Fu(double exponent)
        : w(static_cast<T>(exponent)), per_w(static_cast<T>(1 / exponent)) {}

    // r^w, apart from the rest: a loop over cells is faster if it takes all powers first
    T power(T precipitation_mm, T pet_mm) const {
        const bool wet = pet_mm < precipitation_mm;
        const T smaller = wet ? pet_mm : precipitation_mm, larger = wet ? precipitation_mm : pet_mm;
        const T r = larger > T(0) ? smaller / larger : T(0);
        return cell_exp(w * cell_log(r));
    }
    T aet_mm(T precipitation_mm, T pet_mm, T power) const {
        const bool wet = pet_mm < precipitation_mm;
        const T smaller = wet ? pet_mm : precipitation_mm, larger = wet ? precipitation_mm : pet_mm;
        const T missing = larger * power_of_one_plus_less_one(power, per_w);
        return missing < smaller ? smaller - missing : T(0);
    }
};

}  // namespace eemt::EEMT_CELLS
