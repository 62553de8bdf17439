// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/energy_rows.hpp"

#include "eemt/cell_math.hpp"
#include "eemt/evapotranspiration.hpp"
#include "eemt/local_temperature.hpp"
#include "eemt/productivity.hpp"
#include "eemt/slope_air.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

// Both energy terms [MJ m-2] from water [mm], temperature and annual production.
template <typename T>
struct EnergyTerms {
    T heat_mj_per_mm_c, bio_mj_per_g_yr;

    EnergyTerms(const EnergyParameters& p, const MonthSpan& span)
        : heat_mj_per_mm_c(static_cast<T>(1e-6 * p.water_heat_capacity_j_kg_k)),
          // J kg-1 -> MJ g-1, and the month's share of the year
          bio_mj_per_g_yr(static_cast<T>(1e-9 * p.organic_heat_j_kg * span.days / span.year_days)) {
    }
    T bio(T npp_g_m2_yr) const { return bio_mj_per_g_yr * npp_g_m2_yr; }
    // water below 0 °C carries no heat
    T ppt(T water_mm, T temperature_c) const {
        return heat_mj_per_mm_c * water_mm * (temperature_c > T(0) ? temperature_c : T(0));
    }
};

// Flattened: one call left in a loop would keep it from becoming vectors.
template <typename T>
[[gnu::flatten]] void trad_row(const TradRow<T>& in, std::ptrdiff_t cells, const MonthSpan& span,
                               const EnergyParameters& parameters, const EnergyRow<T>& out) {
    const Hamon<T> hamon(parameters.hamon_dingman);
    const EnergyTerms<T> terms(parameters, span);
    const T days = static_cast<T>(span.days), missing = static_cast<T>(__builtin_nan(""));
    const T* __restrict tmin = in.tmin_c;
    const T* __restrict tmax = in.tmax_c;
    const T* __restrict rain = in.precipitation_mm;
    const T* __restrict hours = in.daylight_hours;
    T* __restrict bio = out.e_bio_mj_m2;
    T* __restrict ppt = out.e_ppt_mj_m2;
#pragma GCC ivdep  // the output lies apart from the inputs
    for (std::ptrdiff_t i = 0; i < cells; ++i) {
        const bool hole = any_missing(tmin[i], tmax[i], rain[i], hours[i]);
        const T mean_c = (tmin[i] + tmax[i]) / T(2);
        const T surplus_mm = rain[i] - days * hamon(tmin[i], tmax[i], hours[i]);
        // plants grow, and water stays, in months with more rain than PET
        // (a factor, as a choice would come back as a branch around the exponential)
        const T wet = surplus_mm > T(0) ? T(1) : T(0);
        const T e_bio = terms.bio(wet * lieth_npp_g_m2_yr(mean_c));
        const T e_ppt = terms.ppt(wet * surplus_mm, mean_c);
        bio[i] = hole ? missing : e_bio;
        ppt[i] = hole ? missing : e_ppt;
    }
}

// What TOPO and TOPO-VEG share on the way from a row's climate to the two terms.
template <typename T>
struct SlopeLoop {
    SlopeAirModel<T> air;
    EnergyTerms<T> terms;
    T days, coefficient_c, ratio_min, ratio_max;

    SlopeLoop(const MonthSpan& span, const EnergyParameters& p)
        : air(p, span),
          terms(p, span),
          days(static_cast<T>(span.days)),
          coefficient_c(static_cast<T>(p.solar_term_c)),
          ratio_min(static_cast<T>(p.solar_ratio_min)),
          ratio_max(static_cast<T>(p.solar_ratio_max)) {}

    // Calls openness(first, second) for the share of the sun that reaches the ground,
    // aet(air, net radiation, rain, wind, first, second) [mm] and
    // npp(elevation, first, second) [g m-2 yr-1] at every cell.
    template <typename Openness, typename Aet, typename Npp>
    std::ptrdiff_t run(const SlopeRow<T>& in, std::ptrdiff_t cells, const EnergyRow<T>& out,
                       const Openness& openness, const Aet& aet, const Npp& npp) const {
        const T missing = static_cast<T>(__builtin_nan(""));
        const T* __restrict tmin = in.tmin_c;
        const T* __restrict tmax = in.tmax_c;
        const T* __restrict rain = in.precipitation_mm;
        const T* __restrict vapour = in.vapour_pressure_pa;
        const T* __restrict z = in.elevation_m;
        const T* __restrict wetness = in.wetness_ratio;
        const T* __restrict sun = in.solar_topo_wh_m2;
        const T* __restrict ratio_topo = in.ratio_topo_wh_m2;
        const T* __restrict ratio_flat = in.ratio_flat_wh_m2;
        const T* __restrict wind = in.wind_m_s;
        const T* __restrict albedo = in.albedo;
        const T* __restrict first = in.first;
        const T* __restrict second = in.second;
        T* __restrict bio = out.e_bio_mj_m2;
        T* __restrict ppt = out.e_ppt_mj_m2;
        std::int32_t limited = 0;
#pragma GCC ivdep  // the output lies apart from the inputs
        for (std::ptrdiff_t i = 0; i < cells; ++i) {
            const bool hole =
                any_missing(tmin[i], tmax[i], rain[i], vapour[i], z[i], wetness[i], sun[i],
                            ratio_topo[i], ratio_flat[i], wind[i], albedo[i], first[i], second[i]);
            const T ratio = solar_ratio(ratio_topo[i], ratio_flat[i], ratio_min, ratio_max);
            const bool at_limit = (ratio <= ratio_min) | (ratio >= ratio_max);
            limited += static_cast<std::int32_t>(at_limit & !hole);
            const T shift_c = openness(first[i]) * solar_temperature_shift_c(ratio, coefficient_c);
            const SlopeAir<T> here =
                air({tmin[i], tmax[i], vapour[i], z[i], sun[i], shift_c, albedo[i]});
            const T aet_mm = aet(here, rain[i], wind[i], first[i], second[i]);
            // effective precipitation, shared out by wetness; AET above the rain is capped
            const T surplus_mm = rain[i] - aet_mm > T(0) ? rain[i] - aet_mm : T(0);
            const T share = wetness[i] > T(0) ? wetness[i] : T(0);
            const T e_bio = terms.bio(npp(z[i], first[i], second[i]));
            const T e_ppt = terms.ppt(share * surplus_mm, here.air.temperature_c);
            bio[i] = hole ? missing : e_bio;
            ppt[i] = hole ? missing : e_ppt;
        }
        return limited;
    }
};

template <typename T>
[[gnu::flatten]] std::ptrdiff_t topo_row(const SlopeRow<T>& in, std::ptrdiff_t cells,
                                         const MonthSpan& span, const EnergyParameters& p,
                                         const EnergyRow<T>& out) {
    const SlopeLoop<T> loop(span, p);
    const T w = static_cast<T>(p.fu_w), floor_npp = static_cast<T>(p.npp_floor_g_m2_yr);
    const T days = loop.days;
    return loop.run(
        in, cells, out, [](T) { return T(1); },
        [=](const SlopeAir<T>& here, T rain_mm, T wind_m_s, T, T) {
            const T pet_mm = combination_mm_day(here.air, here.net_radiation_mj_m2_day,
                                                pan_conductance_m_s(wind_m_s), T(0));
            return fu_aet_mm(rain_mm, days * pet_mm, w);
        },
        [=](T elevation_m, T slope_rad, T aspect_rad) {
            return topo_npp_g_m2_yr(elevation_m, slope_rad, aspect_rad, floor_npp);
        });
}

template <typename T>
[[gnu::flatten]] std::ptrdiff_t topo_veg_row(const SlopeRow<T>& in, std::ptrdiff_t cells,
                                             const MonthSpan& span, const EnergyParameters& p,
                                             const EnergyRow<T>& out) {
    const SlopeLoop<T> loop(span, p);
    const CanopyConductance<T> conductance(p.canopy_height_min_m, p.blending_height_m);
    const SurfaceResistance<T> resistance(p.surface_resistance_fao);
    const CanopyNpp<T> canopy_npp(p.canopy_npp_printed);
    const T days = loop.days, lai_max = static_cast<T>(p.lai_max);
    return loop.run(
        in, cells, out, [=](T lai) { return canopy_openness(lai, lai_max); },
        [=](const SlopeAir<T>& here, T, T wind_m_s, T lai, T height_m) {
            return days * combination_mm_day(here.air, here.net_radiation_mj_m2_day,
                                             conductance(wind_m_s, height_m), resistance(lai));
        },
        [=](T, T, T height_m) { return canopy_npp(height_m); });
}

}  // namespace

EnergyRowFunctions<float> energy_rows_f32() {
    return {&trad_row<float>, &topo_row<float>, &topo_veg_row<float>};
}
EnergyRowFunctions<double> energy_rows_f64() {
    return {&trad_row<double>, &topo_row<double>, &topo_veg_row<double>};
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
