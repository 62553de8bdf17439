// Filling, flow directions, catchment areas and wetness on awkward grids: nothing read or
// written beyond them, NaN stays alone, water stays finite.
#include "check.hpp"
#include "eemt/catchment.hpp"
#include "eemt/depressions.hpp"
#include "eemt/dinfinity.hpp"
#include "eemt/wetness.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

template <typename T>
void runs_on_awkward_grids() {
    const CellSize cell{30.0, 20.0};
    for (auto& z : awkward_grids<T>()) {
        Grid<T> filled(z.rows, z.cols), direction(z.rows, z.cols), gradient(z.rows, z.cols);
        Grid<T> wetness(z.rows, z.cols), again(z.rows, z.cols);
        Grid<double> area(z.rows, z.cols);
        fill_depressions<T>(z.read(), filled.view());
        flow_direction<T>(filled.read(), cell, direction.view(), gradient.view(), 3);
        catchment_area<T, double>(direction.read(), cell, area.view());
        topographic_wetness_index<T>(z.read(), cell, 1e-3, wetness.view(), 1);
        topographic_wetness_index<T>(z.read(), cell, 1e-3, again.view(), 3);
        const double whole_m2 = 600.0 * static_cast<double>(z.cells.size());
        for (std::size_t i = 0; i < z.cells.size(); ++i) {
            const bool missing = std::isnan(z.cells[i]);
            CHECK(std::isnan(filled.cells[i]) == missing);
            CHECK(std::isnan(direction.cells[i]) == missing);
            CHECK(std::isnan(gradient.cells[i]) == missing);
            CHECK(std::isnan(area.cells[i]) == missing);
            CHECK(std::isnan(wetness.cells[i]) == missing);
            if (missing) continue;
            CHECK(filled.cells[i] >= z.cells[i]);
            CHECK(area.cells[i] >= 600.0 && area.cells[i] <= whole_m2 * (1.0 + 1e-6));
            CHECK(wetness.cells[i] == again.cells[i]);
        }
    }
}

template <typename T>
void every_bearing_has_one_receiver() {
    for (const auto cell : {CellSize{10.0, 10.0}, CellSize{1.0, 90.0}, CellSize{70.0, 3.0}}) {
        const Compass<T> compass(cell);
        for (std::size_t k = 0; k < 8; ++k) {
            const auto to = compass.receivers(compass.bearing_rad[k]);
            CHECK(to.first == k && to.share == T(0));
            const T between = (compass.bearing_rad[k] + compass.bearing_rad[k + 1]) / T(2);
            const auto shared = compass.receivers(between);
            CHECK(shared.first == k && shared.second == (k + 1) % 8);
            CHECK(std::abs(shared.share - T(0.5)) < T(1e-4));
        }
        const auto last = compass.receivers(std::nextafter(compass.bearing_rad[8], T(0)));
        CHECK(last.first == 0 && last.share == T(0));
    }
}

}  // namespace

int main() {
    runs_on_awkward_grids<float>();
    runs_on_awkward_grids<double>();
    every_bearing_has_one_receiver<float>();
    every_bearing_has_one_receiver<double>();
}
