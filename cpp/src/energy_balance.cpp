#include "eemt/energy_balance.hpp"

#include <numeric>
#include <type_traits>
#include <vector>

#include "eemt/energy_rows.hpp"
#include "eemt/parallel.hpp"

namespace eemt {
namespace {

template <typename T>
EnergyRowFunctions<T> rows_of_this_processor() {
    const auto pick = [](auto f32, auto f64) {
        if constexpr (std::is_same_v<T, float>) {
            return f32();
        } else {
            return f64();
        }
    };
#if defined(EEMT_SIMD_X86)
    switch (simd_level()) {
        case SimdLevel::v4:
            return pick(simd_v4::energy_rows_f32, simd_v4::energy_rows_f64);
        case SimdLevel::v3:
            return pick(simd_v3::energy_rows_f32, simd_v3::energy_rows_f64);
        default:
            break;
    }
#endif
    return pick(simd_base::energy_rows_f32, simd_base::energy_rows_f64);
}

// A field as rows in memory: its own, or for a number one row of it for all.
template <typename T>
class RowSource {
  public:
    RowSource(const CellField<T>& field, std::ptrdiff_t cols) : field_(field) {
        if (field.is_number()) number_.assign(static_cast<std::size_t>(cols), *field.row(0));
    }
    const T* operator()(std::ptrdiff_t row) const {
        return number_.empty() ? field_.row(row) : number_.data();
    }

  private:
    CellField<T> field_;
    std::vector<T> number_;
};

template <typename T>
EnergyRow<T> output_row(const EnergyOutput<T>& output, std::ptrdiff_t row) {
    return {&output.e_bio_mj_m2(row, 0), &output.e_ppt_mj_m2(row, 0)};
}

// Runs one of the sloped variants; `first` and `second` are its own two fields.
template <typename T>
std::ptrdiff_t over_slope_rows(SlopeRowFunction<T> function, const SlopeClimate<T>& c,
                               const CellField<T>& first, const CellField<T>& second,
                               const MonthSpan& span, const EnergyParameters& parameters,
                               const EnergyOutput<T>& output, int threads) {
    const auto rows = output.e_bio_mj_m2.rows, cols = output.e_bio_mj_m2.cols;
    const RowSource<T> tmin(c.tmin_c, cols), tmax(c.tmax_c, cols), rain(c.precipitation_mm, cols),
        vapour(c.vapour_pressure_pa, cols), elevation(c.elevation_m, cols),
        wetness(c.wetness_ratio, cols), sun(c.solar_topo_wh_m2, cols),
        ratio_topo(c.ratio_topo_wh_m2, cols), ratio_flat(c.ratio_flat_wh_m2, cols),
        wind(c.wind_m_s, cols), albedo(c.albedo, cols), one(first, cols), two(second, cols);
    std::vector<std::ptrdiff_t> limited(static_cast<std::size_t>(rows), 0);
    parallel_for_static(rows, threads, [&](std::ptrdiff_t r) {
        const SlopeRow<T> in{tmin(r),    tmax(r), rain(r),       vapour(r),     elevation(r),
                             wetness(r), sun(r),  ratio_topo(r), ratio_flat(r), wind(r),
                             albedo(r),  one(r),  two(r)};
        limited[static_cast<std::size_t>(r)] =
            function(in, cols, span, parameters, output_row(output, r));
    });
    return std::accumulate(limited.begin(), limited.end(), std::ptrdiff_t{0});
}

}  // namespace

template <typename T>
void eemt_trad(const TradInput<T>& input, const MonthSpan& span, const EnergyParameters& parameters,
               const EnergyOutput<T>& output, int threads) {
    const auto rows = output.e_bio_mj_m2.rows, cols = output.e_bio_mj_m2.cols;
    const auto function = rows_of_this_processor<T>().trad;
    const RowSource<T> tmin(input.tmin_c, cols), tmax(input.tmax_c, cols),
        rain(input.precipitation_mm, cols), hours(input.daylight_hours, cols);
    parallel_for_static(rows, threads, [&](std::ptrdiff_t r) {
        function({tmin(r), tmax(r), rain(r), hours(r)}, cols, span, parameters,
                 output_row(output, r));
    });
}

template <typename T>
std::ptrdiff_t eemt_topo(const TopoInput<T>& input, const MonthSpan& span,
                         const EnergyParameters& parameters, const EnergyOutput<T>& output,
                         int threads) {
    return over_slope_rows<T>(rows_of_this_processor<T>().topo, input.climate, input.slope_rad,
                              input.aspect_rad, span, parameters, output, threads);
}

template <typename T>
std::ptrdiff_t eemt_topo_veg(const VegetationInput<T>& input, const MonthSpan& span,
                             const EnergyParameters& parameters, const EnergyOutput<T>& output,
                             int threads) {
    return over_slope_rows<T>(rows_of_this_processor<T>().topo_veg, input.climate, input.lai,
                              input.canopy_height_m, span, parameters, output, threads);
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
