#include "eemt/energy_balance.hpp"

#include <algorithm>
#include <numeric>
#include <type_traits>
#include <vector>

#include "eemt/energy_rows.hpp"
#include "eemt/parallel.hpp"

namespace eemt {
namespace {

template <typename T>
EnergyRowFunctions<T> rows_of_this_processor() {
    if constexpr (std::is_same_v<T, float>) {
        return energy_rows_f32();
    } else {
        return energy_rows_f64();
    }
}

// Rasters are worked on in pieces of so many cells, row after row: narrow ones too are long
// enough for vectors, and a number that holds everywhere is spread over one piece.
constexpr std::ptrdiff_t piece_cells = 4096;

// A field as pieces in memory: its own, or for a number one piece of it for all.
template <typename T>
class PieceSource {
  public:
    explicit PieceSource(const CellField<T>& field) : field_(field) {
        if (field.is_number())
            number_.assign(static_cast<std::size_t>(piece_cells), *field.from(0));
    }
    const T* operator()(std::ptrdiff_t first) const {
        return number_.empty() ? field_.from(first) : number_.data();
    }

  private:
    CellField<T> field_;
    std::vector<T> number_;
};

// Calls piece(first, cells, output) for all pieces and adds up what it returns.
template <typename T, typename Piece>
std::ptrdiff_t over_pieces(const EnergyOutput<T>& output, int threads, const Piece& piece) {
    const auto cells = output.e_bio_mj_m2.size();
    const auto count = (cells + piece_cells - 1) / piece_cells;
    std::vector<std::ptrdiff_t> limited(static_cast<std::size_t>(count), 0);
    parallel_for_static(count, threads, [&](std::ptrdiff_t i) {
        const auto first = i * piece_cells;
        const EnergyRow<T> out{output.e_bio_mj_m2.data + first, output.e_ppt_mj_m2.data + first};
        limited[static_cast<std::size_t>(i)] =
            piece(first, std::min(piece_cells, cells - first), out);
    });
    return std::accumulate(limited.begin(), limited.end(), std::ptrdiff_t{0});
}

// Runs one of the sloped variants, with its own two fields.
template <typename T>
std::ptrdiff_t over_slopes(SlopeRowFunction<T> function, const SlopeClimate<T>& c,
                           const CellField<T>& own_first, const CellField<T>& own_second,
                           const MonthSpan& span, const EnergyParameters& parameters,
                           const EnergyOutput<T>& output, int threads) {
    const PieceSource<T> tmin(c.tmin_c), tmax(c.tmax_c), rain(c.precipitation_mm),
        vapour(c.vapour_pressure_pa), elevation(c.elevation_m), wetness(c.wetness_ratio),
        sun(c.solar_topo_wh_m2), ratio_topo(c.ratio_topo_wh_m2), ratio_flat(c.ratio_flat_wh_m2),
        wind(c.wind_m_s), albedo(c.albedo), one(own_first), two(own_second);
    return over_pieces(
        output, threads, [&](std::ptrdiff_t i, std::ptrdiff_t cells, const EnergyRow<T>& out) {
            const SlopeRow<T> in{tmin(i),    tmax(i), rain(i),       vapour(i),     elevation(i),
                                 wetness(i), sun(i),  ratio_topo(i), ratio_flat(i), wind(i),
                                 albedo(i),  one(i),  two(i)};
            return function(in, cells, span, parameters, out);
        });
}

}  // namespace

template <typename T>
void eemt_trad(const TradInput<T>& input, const MonthSpan& span, const EnergyParameters& parameters,
               const EnergyOutput<T>& output, int threads) {
    const auto function = rows_of_this_processor<T>().trad;
    const PieceSource<T> tmin(input.tmin_c), tmax(input.tmax_c), rain(input.precipitation_mm),
        hours(input.daylight_hours);
    over_pieces(output, threads,
                [&](std::ptrdiff_t i, std::ptrdiff_t cells, const EnergyRow<T>& out) {
                    function({tmin(i), tmax(i), rain(i), hours(i)}, cells, span, parameters, out);
                    return std::ptrdiff_t{0};
                });
}

template <typename T>
std::ptrdiff_t eemt_topo(const TopoInput<T>& input, const MonthSpan& span,
                         const EnergyParameters& parameters, const EnergyOutput<T>& output,
                         int threads) {
    return over_slopes<T>(rows_of_this_processor<T>().topo, input.climate, input.slope_rad,
                          input.aspect_rad, span, parameters, output, threads);
}

template <typename T>
std::ptrdiff_t eemt_topo_veg(const VegetationInput<T>& input, const MonthSpan& span,
                             const EnergyParameters& parameters, const EnergyOutput<T>& output,
                             int threads) {
    return over_slopes<T>(rows_of_this_processor<T>().topo_veg, input.climate, input.lai,
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
