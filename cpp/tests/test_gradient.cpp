// Slope and aspect on awkward grids: nothing read or written beyond them, NaN stays alone.
#include "check.hpp"
#include "eemt/constants.hpp"
#include "eemt/gradient.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

template <typename T>
void runs_on_awkward_grids() {
    for (auto& z : awkward_grids<T>()) {
        Grid<T> slope(z.rows, z.cols), aspect(z.rows, z.cols);
        for (const int threads : {1, 3}) {
            slope_aspect<T>(z.read(), {30.0, 20.0}, slope.view(), aspect.view(), threads);
            for (std::size_t i = 0; i < z.cells.size(); ++i) {
                CHECK(std::isnan(slope.cells[i]) == std::isnan(z.cells[i]));
                if (std::isnan(z.cells[i])) continue;
                CHECK(slope.cells[i] >= 0 && slope.cells[i] < T(pi / 2));
                CHECK(aspect.cells[i] >= 0 && aspect.cells[i] <= T(2 * pi));
            }
        }
    }
}

}  // namespace

int main() {
    runs_on_awkward_grids<float>();
    runs_on_awkward_grids<double>();
}
