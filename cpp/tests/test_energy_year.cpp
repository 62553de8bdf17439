// A year of all variants on awkward grids: nothing read or written beyond them, no ground and no
// climate make a cell without a value and no other, and every instruction set and number of
// threads gives the same bits.
#include <stdexcept>

#include "check.hpp"
#include "eemt/energy_year.hpp"
#include "eemt/simd.hpp"
#include "usual_energy.hpp"
#include "usual_year.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

void judge(const Terms& terms, const Grid<float>& z) {
    const auto cells = z.cells.size();
    for (std::size_t i = 0; i < cells; ++i) {
        const bool hole = std::isnan(z.cells[i]);
        double year = 0;
        for (std::size_t month = 0; month < 12; ++month) {
            const float eemt = terms.monthly[month * cells + i];
            CHECK(std::isnan(eemt) == hole && !(eemt < 0) && !(eemt > 50));
            year += static_cast<double>(eemt);
        }
        CHECK(std::isnan(terms.yearly[i]) == hole && std::isnan(terms.e_bio[i]) == hole);
        if (hole) continue;
        CHECK(terms.yearly[i] == static_cast<float>(year));
        CHECK(std::fabs(terms.e_bio[i] + terms.e_ppt[i] - year) <= 1e-5 * (1 + year));
    }
}

void runs_on_awkward_grids() {
    for (auto& z : awkward_grids<float>()) {
        for (const bool station : {false, true}) {
            UsualYear one(z, station), three(z, station);
            CHECK(eemt_year(one.year, usual_energy(), 1) == 0);
            judge(one.trad, z);
            judge(one.topo, z);
            judge(one.topo_veg, z);
            CHECK(eemt_year(three.year, usual_energy(), 3) == 0);
            if (std::isnan(z.cells[0])) continue;  // which is not equal to itself
            CHECK(three.trad.e_bio[0] == one.trad.e_bio[0]);
        }
    }
}

bool same(const UsualYear& one, const UsualYear& other) {
    return one.trad == other.trad && one.topo == other.topo && one.topo_veg == other.topo_veg;
}

void instruction_sets_and_threads_agree_to_the_bit() {
    const auto z = hills<float>(67, 91);
    const auto best = simd_level_name();
    UsualYear first(z, false);
    first.lose(3, 8);
    eemt_year(first.year, usual_energy(), 1);
    CHECK(first.topo.yearly[5] > 0 && first.trad.yearly[5] > 0);
    for (const auto& level : simd_levels()) {
        use_simd_level(level);
        for (const int threads : {1, 2, 5}) {
            UsualYear other(z, false);
            other.lose(3, 8);
            eemt_year(other.year, usual_energy(), threads);
            CHECK(same(first, other));
        }
    }
    use_simd_level(best);
}

void only_four_lost_cells_of_the_source_leave_a_hole() {
    const auto z = hills<float>(40, 50);
    UsualYear some(z, false), all(z, false);
    for (const std::size_t cell : {7u, 8u, 13u}) some.lose(6, cell);
    eemt_year(some.year, usual_energy(), 1);
    for (const float eemt : some.topo.yearly) CHECK(!std::isnan(eemt));
    for (const std::size_t cell : {7u, 8u, 13u, 14u}) all.lose(6, cell);
    eemt_year(all.year, usual_energy(), 1);
    int holes = 0;
    for (const float eemt : all.topo.yearly) holes += std::isnan(eemt);
    CHECK(holes > 0 && holes < 40 * 50);
}

void other_vapour_fits_too() {
    const auto z = hills<float>(9, 14);
    const std::vector<double> humidity(12, 0.6);
    for (const bool humid : {false, true}) {
        UsualYear year(z, true);
        year.year.source.vapour_pressure_pa = year.year.source.wind_m_s = nullptr;
        year.year.source.relative_humidity = humid ? humidity.data() : nullptr;
        year.year.sun.ratio_of_beam = humid;
        eemt_year(year.year, usual_energy(), 1);
        judge(year.topo, z);
        judge(year.topo_veg, z);
    }
}

void a_source_that_ends_before_the_cells_is_refused() {
    const auto z = hills<float>(40, 50);
    UsualYear year(z, false);
    year.year.place.col0 = 2;
    bool refused = false;
    try {
        eemt_year(year.year, usual_energy(), 2);
    } catch (const std::invalid_argument&) {
        refused = true;
    }
    CHECK(refused);
}

}  // namespace

int main() {
    runs_on_awkward_grids();
    instruction_sets_and_threads_agree_to_the_bit();
    only_four_lost_cells_of_the_source_leave_a_hole();
    other_vapour_fits_too();
    a_source_that_ends_before_the_cells_is_refused();
}
