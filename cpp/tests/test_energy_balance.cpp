// A month of every variant on awkward grids: nothing read or written beyond them, NaN
// stays alone, numbers stand for rasters, neither term is negative; and every instruction
// set gives the same bits.
#include "check.hpp"
#include "eemt/energy_balance.hpp"
#include "eemt/energy_rows.hpp"
#include "usual_energy.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

template <typename T>
void judge(Grid<T>& z, Grid<T>& bio, Grid<T>& ppt) {
    for (std::size_t i = 0; i < z.cells.size(); ++i) {
        CHECK(std::isnan(bio.cells[i]) == std::isnan(z.cells[i]));
        CHECK(std::isnan(ppt.cells[i]) == std::isnan(z.cells[i]));
        if (std::isnan(z.cells[i])) continue;
        CHECK(bio.cells[i] >= 0 && bio.cells[i] < 10);
        CHECK(ppt.cells[i] >= 0 && ppt.cells[i] < 10);
    }
}

template <typename T>
void runs_on_awkward_grids() {
    const EnergyParameters p = usual_energy();
    const MonthSpan span{30.0, 365.0, 30.0};
    for (auto& z : awkward_grids<T>()) {
        std::vector<Grid<T>> numbers;
        numbers.reserve(16);
        const auto number = [&](double value) {
            numbers.emplace_back(1, 1, static_cast<T>(value));
            return CellField<T>(numbers.back().read());
        };
        const CellField<T> tmin = number(2), tmax = number(14), rain = number(90);
        const CellField<T> elevation(z.read());
        const SlopeClimate<T> climate{tmin,          tmax,        rain,          number(700),
                                      elevation,     number(1.2), number(1.2e5), number(1.2e5),
                                      number(1.4e5), number(2),   number(0.2)};
        const TopoInput<T> topo{climate, number(0.4), number(3)};
        const VegetationInput<T> vegetation{climate, number(3), number(12)};
        // the elevation as rain, so that TRAD too meets the holes
        const TradInput<T> trad{tmin, tmax, elevation, number(12)};
        Grid<T> bio(z.rows, z.cols), ppt(z.rows, z.cols);
        const EnergyOutput<T> out{bio.view(), ppt.view()};
        for (const int threads : {1, 3}) {
            CHECK(eemt_topo(topo, span, p, out, threads) == 0);
            judge(z, bio, ppt);
            CHECK(eemt_topo_veg(vegetation, span, p, out, threads) == 0);
            judge(z, bio, ppt);
            eemt_trad(trad, span, p, out, threads);
            for (std::size_t i = 0; i < z.cells.size(); ++i) {
                CHECK(std::isnan(bio.cells[i]) == std::isnan(z.cells[i]));
                CHECK(!(bio.cells[i] < 0) && !(ppt.cells[i] < 0));
            }
        }
    }
}

// One row on every instruction set of this processor, in float, whose functions are ours.
void instruction_sets_agree_to_the_bit() {
    const std::ptrdiff_t cells = 77;  // vectors and a remainder
    auto z = hills<float>(1, cells);
    std::vector<Grid<float>> rows;
    for (const double base :
         {2.0, 14.0, 90.0, 700.0, 1500.0, 1.2, 1.2e5, 1.2e5, 1.4e5, 2.0, 0.2, 0.4, 3.0}) {
        rows.emplace_back(1, cells);
        for (std::ptrdiff_t i = 0; i < cells; ++i) {
            rows.back()(0, i) = static_cast<float>(base) * z(0, i) / 1000.0f;
        }
    }
    const auto at = [&](std::size_t i) { return rows[i].cells.data(); };
    const SlopeRow<float> in{at(0), at(1), at(2), at(3),  at(4),  at(5), at(6),
                             at(7), at(8), at(9), at(10), at(11), at(12)};
    std::vector<EnergyRowFunctions<float>> levels{simd_base::energy_rows_f32()};
#if defined(EEMT_SIMD_X86)
    if (simd_level() >= SimdLevel::v3) levels.push_back(simd_v3::energy_rows_f32());
    if (simd_level() >= SimdLevel::v4) levels.push_back(simd_v4::energy_rows_f32());
#endif
    for (const bool vegetation : {false, true}) {
        std::vector<float> first;
        for (const auto& level : levels) {
            std::vector<float> out(static_cast<std::size_t>(2 * cells));
            const auto function = vegetation ? level.topo_veg : level.topo;
            function(in, cells, {30.0, 365.0, 30.0}, usual_energy(),
                     {out.data(), out.data() + cells});
            if (first.empty()) first = out;
            CHECK(out == first && out[0] > 0);
        }
    }
}

}  // namespace

int main() {
    instruction_sets_agree_to_the_bit();
    runs_on_awkward_grids<float>();
    runs_on_awkward_grids<double>();
}
