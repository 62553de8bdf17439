#include "eemt/energy_balance.hpp"

#include <limits>
#include <numeric>
#include <vector>

#include "eemt/evapotranspiration.hpp"
#include "eemt/local_temperature.hpp"
#include "eemt/parallel.hpp"
#include "eemt/productivity.hpp"
#include "eemt/slope_air.hpp"

namespace eemt {
namespace {

template <typename T>
constexpr T missing = std::numeric_limits<T>::quiet_NaN();

template <typename T>
struct Terms {
    T e_bio, e_ppt;
};

// Both energy terms [MJ m-2] from water [mm], temperature and annual production.
template <typename T>
class EnergyTerms {
  public:
    EnergyTerms(const EnergyParameters& p, const MonthSpan& span)
        : heat_mj_per_mm_c_(static_cast<T>(1e-6 * p.water_heat_capacity_j_kg_k)),
          // J kg-1 -> MJ g-1, and the month's share of the year
          bio_mj_per_g_yr_(
              static_cast<T>(1e-9 * p.organic_heat_j_kg * span.days / span.year_days)) {}

    Terms<T> operator()(T water_mm, T temperature_c, T npp_g_m2_yr) const {
        const T warmth_c = temperature_c > T(0) ? temperature_c : T(0);
        return {bio_mj_per_g_yr_ * npp_g_m2_yr, heat_mj_per_mm_c_ * water_mm * warmth_c};
    }

  private:
    T heat_mj_per_mm_c_, bio_mj_per_g_yr_;
};

template <typename T>
Terms<T> trad_cell(const Hamon<T>& hamon, const EnergyTerms<T>& terms, T days, T tmin_c, T tmax_c,
                   T precipitation_mm, T daylight_hours) {
    if (any_missing(tmin_c, tmax_c, precipitation_mm, daylight_hours)) {
        return {missing<T>, missing<T>};
    }
    const T surplus_mm = precipitation_mm - days * hamon(tmin_c, tmax_c, daylight_hours);
    if (!(surplus_mm > T(0))) return {T(0), T(0)};  // plants grow where water is left over
    const T mean_c = (tmin_c + tmax_c) / T(2);
    return terms(surplus_mm, mean_c, lieth_npp_g_m2_yr(mean_c));
}

// The steps from climate to air that TOPO and TOPO-VEG share, cell by cell.
template <typename T>
class SlopeReader {
  public:
    SlopeReader(const SlopeClimate<T>& climate, const EnergyParameters& p, const MonthSpan& span)
        : in_(climate),
          model_(p, span),
          coefficient_c_(static_cast<T>(p.solar_term_c)),
          ratio_min_(static_cast<T>(p.solar_ratio_min)),
          ratio_max_(static_cast<T>(p.solar_ratio_max)) {}

    bool missing_at(std::ptrdiff_t r, std::ptrdiff_t c) const {
        return any_missing(in_.tmin_c(r, c), in_.tmax_c(r, c), in_.precipitation_mm(r, c),
                           in_.vapour_pressure_pa(r, c), in_.elevation_m(r, c),
                           in_.wetness_ratio(r, c), in_.solar_topo_wh_m2(r, c),
                           in_.ratio_topo_wh_m2(r, c), in_.ratio_flat_wh_m2(r, c),
                           in_.wind_m_s(r, c), in_.albedo(r, c));
    }

    // `limited` counts the cells whose solar ratio met its limits.
    SlopeAir<T> air_at(std::ptrdiff_t r, std::ptrdiff_t c, T openness,
                       std::ptrdiff_t& limited) const {
        const T ratio = solar_ratio(in_.ratio_topo_wh_m2(r, c), in_.ratio_flat_wh_m2(r, c),
                                    ratio_min_, ratio_max_);
        limited += ratio <= ratio_min_ || ratio >= ratio_max_;
        return model_({in_.tmin_c(r, c), in_.tmax_c(r, c), in_.vapour_pressure_pa(r, c),
                       in_.elevation_m(r, c), in_.solar_topo_wh_m2(r, c),
                       openness * solar_temperature_shift_c(ratio, coefficient_c_),
                       in_.albedo(r, c)});
    }

    // Effective precipitation, shared out by wetness [mm].
    T water_mm(std::ptrdiff_t r, std::ptrdiff_t c, T aet_mm) const {
        const T surplus_mm = in_.precipitation_mm(r, c) - aet_mm;
        const T wetness = in_.wetness_ratio(r, c);
        return surplus_mm > T(0) && wetness > T(0) ? wetness * surplus_mm : T(0);
    }

  private:
    const SlopeClimate<T>& in_;
    SlopeAirModel<T> model_;
    T coefficient_c_, ratio_min_, ratio_max_;
};

// Runs cell(row, col, limited) over the grid and adds up `limited`, row by row.
template <typename T, typename Cell>
std::ptrdiff_t over_cells(const EnergyOutput<T>& output, int threads, Cell&& cell) {
    const auto rows = output.e_bio_mj_m2.rows, cols = output.e_bio_mj_m2.cols;
    std::vector<std::ptrdiff_t> limited(static_cast<std::size_t>(rows), 0);
    parallel_for_static(rows, threads, [&](std::ptrdiff_t row) {
        std::ptrdiff_t count = 0;
        for (std::ptrdiff_t col = 0; col < cols; ++col) {
            const Terms<T> terms = cell(row, col, count);
            output.e_bio_mj_m2(row, col) = terms.e_bio;
            output.e_ppt_mj_m2(row, col) = terms.e_ppt;
        }
        limited[static_cast<std::size_t>(row)] = count;
    });
    return std::accumulate(limited.begin(), limited.end(), std::ptrdiff_t{0});
}

}  // namespace

template <typename T>
void eemt_trad(const TradInput<T>& in, const MonthSpan& span, const EnergyParameters& parameters,
               const EnergyOutput<T>& output, int threads) {
    const Hamon<T> hamon(parameters.hamon_dingman);
    const EnergyTerms<T> terms(parameters, span);
    const T days = static_cast<T>(span.days);
    over_cells<T>(output, threads, [&](std::ptrdiff_t r, std::ptrdiff_t c, std::ptrdiff_t&) {
        return trad_cell(hamon, terms, days, in.tmin_c(r, c), in.tmax_c(r, c),
                         in.precipitation_mm(r, c), in.daylight_hours(r, c));
    });
}

template <typename T>
std::ptrdiff_t eemt_topo(const TopoInput<T>& in, const MonthSpan& span,
                         const EnergyParameters& parameters, const EnergyOutput<T>& output,
                         int threads) {
    const SlopeReader<T> slope(in.climate, parameters, span);
    const EnergyTerms<T> terms(parameters, span);
    const T days = static_cast<T>(span.days), w = static_cast<T>(parameters.fu_w);
    const T floor_npp = static_cast<T>(parameters.npp_floor_g_m2_yr);
    const auto cell = [&](std::ptrdiff_t r, std::ptrdiff_t c, std::ptrdiff_t& limited) -> Terms<T> {
        if (slope.missing_at(r, c) || any_missing(in.slope_rad(r, c), in.aspect_rad(r, c))) {
            return {missing<T>, missing<T>};
        }
        const SlopeAir<T> here = slope.air_at(r, c, T(1), limited);
        const T conductance = pan_conductance_m_s(in.climate.wind_m_s(r, c));
        const T pet_mm =
            days * combination_mm_day(here.air, here.net_radiation_mj_m2_day, conductance, T(0));
        const T aet_mm = fu_aet_mm(in.climate.precipitation_mm(r, c), pet_mm, w);
        const T npp = topo_npp_g_m2_yr(in.climate.elevation_m(r, c), in.slope_rad(r, c),
                                       in.aspect_rad(r, c), floor_npp);
        return terms(slope.water_mm(r, c, aet_mm), here.air.temperature_c, npp);
    };
    return over_cells<T>(output, threads, cell);
}

template <typename T>
std::ptrdiff_t eemt_topo_veg(const VegetationInput<T>& in, const MonthSpan& span,
                             const EnergyParameters& parameters, const EnergyOutput<T>& output,
                             int threads) {
    const SlopeReader<T> slope(in.climate, parameters, span);
    const EnergyTerms<T> terms(parameters, span);
    const CanopyConductance<T> conductance(parameters.canopy_height_min_m,
                                           parameters.blending_height_m);
    const SurfaceResistance<T> resistance{parameters.surface_resistance_fao};
    const CanopyNpp<T> canopy_npp(parameters.canopy_npp_printed);
    const T days = static_cast<T>(span.days), lai_max = static_cast<T>(parameters.lai_max);
    const auto cell = [&](std::ptrdiff_t r, std::ptrdiff_t c, std::ptrdiff_t& limited) -> Terms<T> {
        const T lai = in.lai(r, c), height_m = in.canopy_height_m(r, c);
        if (slope.missing_at(r, c) || any_missing(lai, height_m)) return {missing<T>, missing<T>};
        const SlopeAir<T> here = slope.air_at(r, c, canopy_openness(lai, lai_max), limited);
        // AET above the precipitation is capped where the surplus is cut at zero.
        const T aet_mm = days * combination_mm_day(here.air, here.net_radiation_mj_m2_day,
                                                   conductance(in.climate.wind_m_s(r, c), height_m),
                                                   resistance(lai));
        return terms(slope.water_mm(r, c, aet_mm), here.air.temperature_c, canopy_npp(height_m));
    };
    return over_cells<T>(output, threads, cell);
}

template void eemt_trad(const TradInput<float>&, const MonthSpan&, const EnergyParameters&,
                        const EnergyOutput<float>&, int);
template void eemt_trad(const TradInput<double>&, const MonthSpan&, const EnergyParameters&,
                        const EnergyOutput<double>&, int);
template std::ptrdiff_t eemt_topo(const TopoInput<float>&, const MonthSpan&,
                                  const EnergyParameters&, const EnergyOutput<float>&, int);
template std::ptrdiff_t eemt_topo(const TopoInput<double>&, const MonthSpan&,
                                  const EnergyParameters&, const EnergyOutput<double>&, int);
template std::ptrdiff_t eemt_topo_veg(const VegetationInput<float>&, const MonthSpan&,
                                      const EnergyParameters&, const EnergyOutput<float>&, int);
template std::ptrdiff_t eemt_topo_veg(const VegetationInput<double>&, const MonthSpan&,
                                      const EnergyParameters&, const EnergyOutput<double>&, int);

}  // namespace eemt
