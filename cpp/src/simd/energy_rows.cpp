// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/energy_rows.hpp"

#include <cstddef>
#include <cstdint>

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

// So many cells are worked on at a time, one step of the balance after the other. A step is a
// short loop whose iterations the processor overlaps; all steps in one loop would be a chain of
// exponentials and divisions too long for it to overlap with the next cells'. The number is a
// multiple of every vector's length, so no loop has a remainder.
constexpr std::ptrdiff_t chunk = 64;

template <typename T>
using Chunk = T[chunk];

// Calls work(inputs, bio, ppt), pointers to `chunk` cells each, over all cells of a row. The
// last ones pass through a copy that is filled up with missing cells.
template <typename T, std::size_t Inputs, typename Work>
void by_chunks(const T* const (&in)[Inputs], std::ptrdiff_t cells, const EnergyRow<T>& out,
               const Work& work) {
    const T* at[Inputs];
    const auto left = cells % chunk, whole = cells - left;
    for (std::ptrdiff_t start = 0; start < whole; start += chunk) {
        for (std::size_t k = 0; k < Inputs; ++k) at[k] = in[k] + start;
        work(at, out.e_bio_mj_m2 + start, out.e_ppt_mj_m2 + start);
    }
    if (left == 0) return;
    alignas(64) Chunk<T> copies[Inputs], bio, ppt;
    for (std::size_t k = 0; k < Inputs; ++k) {
        for (std::ptrdiff_t i = 0; i < chunk; ++i) {
            copies[k][i] = i < left ? in[k][whole + i] : static_cast<T>(__builtin_nan(""));
        }
        at[k] = copies[k];
    }
    work(at, bio, ppt);
    for (std::ptrdiff_t i = 0; i < left; ++i) {
        out.e_bio_mj_m2[whole + i] = bio[i];
        out.e_ppt_mj_m2[whole + i] = ppt[i];
    }
}

// In which order by_chunks() gets and hands on the inputs of each kind of row.
enum TradInputs : std::size_t { trad_tmin, trad_tmax, trad_rain, trad_hours, trad_inputs };
enum SlopeInputs : std::size_t {
    slope_tmin,
    slope_tmax,
    slope_rain,
    slope_vapour,
    slope_elevation,
    slope_wetness,
    slope_sun,
    slope_ratio_topo,
    slope_ratio_flat,
    slope_wind,
    slope_albedo,
    slope_first,
    slope_second,
    slope_inputs
};

// Flattened: one call left in a loop would keep it from becoming vectors.
template <typename T>
[[gnu::flatten]] void trad_row(const TradRow<T>& in, std::ptrdiff_t cells, const MonthSpan& span,
                               const EnergyParameters& parameters, const EnergyRow<T>& out) {
    const Hamon<T> hamon(parameters.hamon_dingman);
    const EnergyTerms<T> terms(parameters, span);
    const T days = static_cast<T>(span.days), missing = static_cast<T>(__builtin_nan(""));
    const T* inputs[trad_inputs];
    inputs[trad_tmin] = in.tmin_c;
    inputs[trad_tmax] = in.tmax_c;
    inputs[trad_rain] = in.precipitation_mm;
    inputs[trad_hours] = in.daylight_hours;
    by_chunks(inputs, cells, out, [&](const T* const* at, T* __restrict bio, T* __restrict ppt) {
        const T* __restrict tmin = at[trad_tmin], * __restrict tmax = at[trad_tmax];
        const T* __restrict rain = at[trad_rain], * __restrict hours = at[trad_hours];
#pragma GCC ivdep  // the output lies apart from the inputs
        for (std::ptrdiff_t i = 0; i < chunk; ++i) {
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
    });
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

    // Calls at every cell openness(first) for the share of the sun that reaches the ground,
    // evaporated(air, net radiation, wind, first, second) [mm d-1] and npp(elevation, first,
    // second) [g m-2 yr-1]; and for every chunk water_use(rain, evaporated), which turns what
    // the air would take in the month [mm] into what it gets.
    template <typename Openness, typename Evaporated, typename WaterUse, typename Npp>
    std::ptrdiff_t run(const SlopeRow<T>& in, std::ptrdiff_t cells, const EnergyRow<T>& out,
                       const Openness& openness, const Evaporated& evaporated,
                       const WaterUse& water_use, const Npp& npp) const {
        const T* inputs[slope_inputs];
        inputs[slope_tmin] = in.tmin_c;
        inputs[slope_tmax] = in.tmax_c;
        inputs[slope_rain] = in.precipitation_mm;
        inputs[slope_vapour] = in.vapour_pressure_pa;
        inputs[slope_elevation] = in.elevation_m;
        inputs[slope_wetness] = in.wetness_ratio;
        inputs[slope_sun] = in.solar_topo_wh_m2;
        inputs[slope_ratio_topo] = in.ratio_topo_wh_m2;
        inputs[slope_ratio_flat] = in.ratio_flat_wh_m2;
        inputs[slope_wind] = in.wind_m_s;
        inputs[slope_albedo] = in.albedo;
        inputs[slope_first] = in.first;
        inputs[slope_second] = in.second;
        std::ptrdiff_t limited = 0;
        by_chunks(inputs, cells, out,
                  [&](const T* const* at, T* __restrict bio, T* __restrict ppt) {
                      limited += one_chunk(at, bio, ppt, openness, evaporated, water_use, npp);
                  });
        return limited;
    }

  private:
    template <typename Openness, typename Evaporated, typename WaterUse, typename Npp>
    std::int32_t one_chunk(const T* const* at, T* __restrict bio, T* __restrict ppt,
                           const Openness& openness, const Evaporated& evaporated,
                           const WaterUse& water_use, const Npp& npp) const {
        const T missing = static_cast<T>(__builtin_nan(""));
        const T* __restrict tmin = at[slope_tmin], * __restrict tmax = at[slope_tmax];
        const T* __restrict rain = at[slope_rain], * __restrict vapour = at[slope_vapour];
        const T* __restrict z = at[slope_elevation], * __restrict wetness = at[slope_wetness];
        const T* __restrict sun = at[slope_sun], * __restrict topo = at[slope_ratio_topo];
        const T* __restrict flat = at[slope_ratio_flat], * __restrict wind = at[slope_wind];
        const T* __restrict albedo = at[slope_albedo];
        const T* __restrict first = at[slope_first], * __restrict second = at[slope_second];
        alignas(64) Chunk<T> low_c, high_c, deficit_kpa, gain_mj, pressure_kpa, water_mm;
        alignas(64) std::int32_t at_limit[chunk];
        for (std::ptrdiff_t i = 0; i < chunk; ++i) {
            const T ratio = solar_ratio(topo[i], flat[i], ratio_min, ratio_max);
            at_limit[i] = (ratio <= ratio_min) | (ratio >= ratio_max);
            const T shift_c = openness(first[i]) * solar_temperature_shift_c(ratio, coefficient_c);
            low_c[i] = air.warmed_tmin_c(tmin[i], shift_c);
            high_c[i] = tmax[i] + shift_c;
        }
        for (std::ptrdiff_t i = 0; i < chunk; ++i) {
            const T vapour_kpa = vapour[i] * T(1e-3);
            deficit_kpa[i] = air.deficit_kpa(low_c[i], high_c[i], vapour_kpa);
            gain_mj[i] =
                air.net_radiation_mj_m2_day(low_c[i], high_c[i], vapour_kpa, sun[i], albedo[i]);
        }
        for (std::ptrdiff_t i = 0; i < chunk; ++i) pressure_kpa[i] = air.pressure_kpa(z[i]);
        for (std::ptrdiff_t i = 0; i < chunk; ++i) {
            const T mean_c = (low_c[i] + high_c[i]) / T(2);
            const EvaporatingAir<T> here{mean_c, pressure_kpa[i], deficit_kpa[i],
                                         air.latent_mj_kg(mean_c)};
            water_mm[i] = days * evaporated(here, gain_mj[i], wind[i], first[i], second[i]);
        }
        water_use(rain, water_mm);
        std::int32_t limited_here = 0;
#pragma GCC ivdep  // the output lies apart from the inputs
        for (std::ptrdiff_t i = 0; i < chunk; ++i) {
            const bool hole =
                any_missing(tmin[i], tmax[i], rain[i], vapour[i], z[i], wetness[i], sun[i], topo[i],
                            flat[i], wind[i], albedo[i], first[i], second[i]);
            limited_here += at_limit[i] & static_cast<std::int32_t>(!hole);
            // effective precipitation, shared out by wetness; AET above the rain is capped
            const T surplus_mm = rain[i] - water_mm[i] > T(0) ? rain[i] - water_mm[i] : T(0);
            const T share = wetness[i] > T(0) ? wetness[i] : T(0);
            const T e_bio = terms.bio(npp(z[i], first[i], second[i]));
            const T e_ppt = terms.ppt(share * surplus_mm, (low_c[i] + high_c[i]) / T(2));
            bio[i] = hole ? missing : e_bio;
            ppt[i] = hole ? missing : e_ppt;
        }
        return limited_here;
    }
};

template <typename T>
[[gnu::flatten]] std::ptrdiff_t topo_row(const SlopeRow<T>& in, std::ptrdiff_t cells,
                                         const MonthSpan& span, const EnergyParameters& p,
                                         const EnergyRow<T>& out) {
    const SlopeLoop<T> loop(span, p);
    const T floor_npp = static_cast<T>(p.npp_floor_g_m2_yr);
    const Fu<T> fu(p.fu_w);
    return loop.run(
        in, cells, out, [](T) { return T(1); },
        [](const EvaporatingAir<T>& air, T net_radiation_mj_m2_day, T wind_m_s, T, T) {
            return combination_mm_day(air, net_radiation_mj_m2_day, pan_conductance_m_s(wind_m_s),
                                      T(0));
        },
        [=](const T* __restrict rain_mm, T* __restrict water_mm) {
            alignas(64) Chunk<T> power;
            for (std::ptrdiff_t i = 0; i < chunk; ++i) power[i] = fu.power(rain_mm[i], water_mm[i]);
            for (std::ptrdiff_t i = 0; i < chunk; ++i) {
                water_mm[i] = fu.aet_mm(rain_mm[i], water_mm[i], power[i]);
            }
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
    const T lai_max = static_cast<T>(p.lai_max);
    return loop.run(
        in, cells, out, [=](T lai) { return canopy_openness(lai, lai_max); },
        [=](const EvaporatingAir<T>& air, T net_radiation_mj_m2_day, T wind_m_s, T lai,
            T height_m) {
            return combination_mm_day(air, net_radiation_mj_m2_day, conductance(wind_m_s, height_m),
                                      resistance(lai));
        },
        [](const T*, T*) {}, [=](T, T, T height_m) { return canopy_npp(height_m); });
}

}  // namespace

EnergyRowFunctions<float> energy_rows_f32() {
    return {&trad_row<float>, &topo_row<float>, &topo_veg_row<float>};
}
EnergyRowFunctions<double> energy_rows_f64() {
    return {&trad_row<double>, &topo_row<double>, &topo_veg_row<double>};
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
