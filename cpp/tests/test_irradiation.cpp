// Irradiation on awkward grids, every kind of input: nothing read or written beyond the
// arrays, sums finite and in order, NaN where a cell is NaN and nowhere else.
#include "check.hpp"
#include "eemt/constants.hpp"
#include "eemt/gradient.hpp"
#include "eemt/irradiation.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

constexpr int directions = 8;

// The grids that one call reads.
template <typename T>
struct Scene {
    Grid<T> z, slope, aspect, latitude, convergence, sky_view;
    std::vector<std::int16_t> horizon;
    std::vector<T> linke_maps;

    explicit Scene(const Grid<T>& elevation)
        : z(elevation),
          slope(z.rows, z.cols),
          aspect(z.rows, z.cols),
          latitude(z.rows, z.cols, T(0.7)),
          convergence(z.rows, z.cols, T(0.02)),
          sky_view(z.rows, z.cols, T(0.8)),
          horizon(z.cells.size() * directions),
          linke_maps(z.cells.size() * 12, T(3.5)) {
        slope_aspect<T>(z.read(), {30.0, 30.0}, slope.view(), aspect.view(), 1);
        for (std::size_t i = 0; i < horizon.size(); ++i) {
            horizon[i] = static_cast<std::int16_t>(static_cast<int>(i * 7919 % 12000) - 1000);
        }
    }

    IrradiationInput<T> input(DayRule rule, bool everything) const {
        IrradiationInput<T> in;
        in.elevation_m = z.read();
        in.slope_rad = slope.read();
        in.aspect_rad = aspect.read();
        in.latitude_rad = latitude.read();
        in.rule = rule;
        if (everything) {
            in.convergence_rad = convergence.read();
            in.sky_view = sky_view.read();
            in.horizon = horizon.data();
            in.directions = directions;
            in.linke_maps = linke_maps.data();
        }
        return in;
    }
};

std::vector<IrradiationDay> three_days() {
    std::vector<IrradiationDay> days(3);
    const int numbers[] = {1, 172, 355};
    for (std::size_t i = 0; i < days.size(); ++i) {
        days[i].sun = sun_day_rsun(numbers[i]);
        days[i].group = i == 0 ? 0 : 1;
        days[i].linke_map_a = 5;
        days[i].linke_map_b = 11;
        days[i].linke_weight_b = 0.25;
    }
    return days;
}

template <typename T>
void runs_on_awkward_grids(DayRule rule, bool everything) {
    constexpr std::ptrdiff_t groups = 2;
    const auto days = three_days();
    for (const auto& z : awkward_grids<T>()) {
        const Scene<T> scene(z);
        const std::size_t plane = z.cells.size();
        std::vector<T> sums(static_cast<std::size_t>(groups * component_count) * plane, T(-1));
        std::vector<T> again = sums;
        irradiation<T>(scene.input(rule, everything), days, groups, sums.data(), 1);
        irradiation<T>(scene.input(rule, everything), days, groups, again.data(), 3);
        for (std::size_t i = 0; i < sums.size(); ++i) {
            if (std::isnan(z.cells[i % plane])) {
                CHECK(std::isnan(sums[i]));
                continue;
            }
            CHECK(std::isfinite(sums[i]) && sums[i] >= 0);
            CHECK(sums[i] == again[i]);
        }
    }
}

template <typename T>
void all_inputs() {
    for (const DayRule rule : {DayRule::exact, DayRule::rsun}) {
        runs_on_awkward_grids<T>(rule, false);
        runs_on_awkward_grids<T>(rule, true);
    }
}

}  // namespace

int main() {
    all_inputs<float>();
    all_inputs<double>();
}
