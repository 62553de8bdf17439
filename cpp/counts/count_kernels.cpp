// Runs kernels on a small fixed landscape:  count_kernels KERNEL...
//
// Meant to be run under Callgrind with --instr-atstart=no: each kernel has run once before it is
// counted, so that what is made at a first call is not, and its count is dumped under its name.
// Without arguments it lists the kernels.
#include <valgrind/callgrind.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "check.hpp"
#include "eemt/block_cells.hpp"
#include "eemt/catchment.hpp"
#include "eemt/depressions.hpp"
#include "eemt/dinfinity.hpp"
#include "eemt/energy_balance.hpp"
#include "eemt/energy_year.hpp"
#include "eemt/gradient.hpp"
#include "eemt/horizon.hpp"
#include "eemt/irradiation.hpp"
#include "eemt/packing.hpp"
#include "eemt/sky_view.hpp"
#include "eemt/wetness.hpp"
#include "usual_energy.hpp"
#include "usual_year.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

constexpr std::ptrdiff_t side = 96;
constexpr int directions = 24;
const CellSize cell{30.0, 30.0};

struct Scene {
    Grid<float> z = hills<float>(side, side), slope{side, side}, aspect{side, side};
    Grid<float> sky_view{side, side}, latitude{side, side, 0.7f};
    Grid<float> filled{side, side}, direction{side, side}, gradient{side, side};
    Grid<float> wetness{side, side};
    Grid<double> area{side, side};
    std::vector<std::int16_t> horizon = std::vector<std::int16_t>(side * side * directions);
    std::vector<float> sums = std::vector<float>(side * side * component_count);

    Grid<float> tenths{side, side}, halved{side / 2, side / 2};
    std::vector<std::uint8_t> planes = std::vector<std::uint8_t>(4 * side * side);

    Scene() {
        // noise enough for pits and ragged skylines
        unsigned state = 1;
        for (float& height : z.cells) {
            state = state * 1664525u + 1013904223u;
            height += static_cast<float>(state >> 24) * 0.1f;
        }
        for (std::size_t i = 0; i < z.cells.size(); ++i) {
            tenths.cells[i] = std::nearbyint(z.cells[i] * 10.0f) / 10.0f;
        }
        terrain();
        horizons();
        sky();
        fill();
        flow();
    }

    void terrain() { slope_aspect<float>(z.read(), cell, slope.view(), aspect.view(), 1); }
    void horizons() { horizons_before({}); }
    // three levels, each with cells twice as large, around the scene
    void horizons_far() {
        std::vector<FarLevel<float>> levels;
        for (const double scale : {2.0, 4.0, 8.0}) {
            const double edge = 0.5 * (1.0 - scale) * side * cell.x_m;
            levels.push_back({z.read(), {scale * cell.x_m, scale * cell.y_m}, edge, edge});
        }
        horizons_before(levels);
    }
    void horizons_before(const std::vector<FarLevel<float>>& far_field) {
        HorizonOptions options;
        options.cell = cell;
        options.window_rows = options.window_cols = side;
        options.directions = directions;
        options.threads = 1;
        horizon_map<float>(z.read(), far_field, options, horizon.data());
    }
    void sky() {
        sky_view_factor<float>(horizon.data(), directions, slope.read(), aspect.read(),
                               sky_view.view(), 1);
    }
    void fill() { fill_depressions<float>(z.read(), filled.view()); }
    void flow() {
        flow_direction<float>(filled.read(), cell, direction.view(), gradient.view(), 1);
    }
    void catchment() { catchment_area<float, double>(direction.read(), cell, area.view()); }
    void wet() { topographic_wetness_index<float>(z.read(), cell, 1e-3, wetness.view(), 1); }

    // as bits, and as tenths of a metre
    void pack(int scale) {
        if (pack_planes(scale == 0 ? z.read() : tenths.read(), scale, planes.data()) != scale) {
            std::abort();
        }
    }
    void encode() {
        const BlockRule rule{1.0, 15, 15, false};
        block_planes<float>(z.read(), 0, 0, side, rule, planes.data(), halved.view());
    }

    void sunlight(DayRule rule, bool shadows) {
        IrradiationInput<float> in;
        in.elevation_m = z.read();
        in.slope_rad = slope.read();
        in.aspect_rad = aspect.read();
        in.latitude_rad = latitude.read();
        in.sky_view = sky_view.read();
        in.rule = rule;
        if (shadows) {
            in.horizon = horizon.data();
            in.directions = directions;
        }
        std::vector<IrradiationDay> days(4);
        const int numbers[] = {15, 105, 172, 288};
        for (std::size_t i = 0; i < days.size(); ++i) days[i].sun = sun_day_rsun(numbers[i]);
        irradiation<float>(in, days, 1, sums.data(), 1);
    }

    enum class Variant { trad, topo, topo_veg };
    void energy(Variant variant) {
        std::vector<Grid<float>> numbers;
        numbers.reserve(16);
        const auto number = [&](float value) {
            numbers.emplace_back(1, 1, value);
            return CellField<float>(numbers.back().read());
        };
        const SlopeClimate<float> climate{number(2),
                                          number(14),
                                          number(90),
                                          number(700),
                                          CellField<float>(z.read()),
                                          number(1.2f),
                                          number(1.2e5f),
                                          number(1.2e5f),
                                          number(1.4e5f),
                                          number(2),
                                          number(0.2f)};
        const EnergyOutput<float> out{slope_copy.view(), aspect_copy.view()};
        const MonthSpan span{30.0, 365.0, 30.0};
        if (variant == Variant::trad) {
            const TradInput<float> trad{climate.tmin_c, climate.tmax_c, climate.elevation_m,
                                        number(12)};
            eemt_trad(trad, span, usual_energy(), out, 1);
        } else if (variant == Variant::topo) {
            const TopoInput<float> topo{climate, number(0.4f), number(3)};
            eemt_topo(topo, span, usual_energy(), out, 1);
        } else {
            const VegetationInput<float> vegetation{climate, number(3), number(12)};
            eemt_topo_veg(vegetation, span, usual_energy(), out, 1);
        }
    }
    Grid<float> slope_copy{side, side}, aspect_copy{side, side};

    void energy_of_year() const { eemt_year(gridded.year, usual_energy(), 1); }
    UsualYear gridded{z, false};
};

using Kernels = std::map<std::string, std::function<void(Scene&)>>;

Kernels all_kernels() {
    return {
        {"slope_aspect", [](Scene& s) { s.terrain(); }},
        {"horizon_map", [](Scene& s) { s.horizons(); }},
        {"horizon_far_field", [](Scene& s) { s.horizons_far(); }},
        {"sky_view_factor", [](Scene& s) { s.sky(); }},
        {"fill_depressions", [](Scene& s) { s.fill(); }},
        {"flow_direction", [](Scene& s) { s.flow(); }},
        {"catchment_area", [](Scene& s) { s.catchment(); }},
        {"wetness_index", [](Scene& s) { s.wet(); }},
        {"irradiation_shaded", [](Scene& s) { s.sunlight(DayRule::exact, true); }},
        {"irradiation_open", [](Scene& s) { s.sunlight(DayRule::exact, false); }},
        {"irradiation_rsun", [](Scene& s) { s.sunlight(DayRule::rsun, true); }},
        {"eemt_trad", [](Scene& s) { s.energy(Scene::Variant::trad); }},
        {"eemt_topo", [](Scene& s) { s.energy(Scene::Variant::topo); }},
        {"eemt_topo_veg", [](Scene& s) { s.energy(Scene::Variant::topo_veg); }},
        {"eemt_year", [](Scene& s) { s.energy_of_year(); }},
        {"block_planes", [](Scene& s) { s.encode(); }},
        {"pack_planes_bits", [](Scene& s) { s.pack(0); }},
        {"pack_planes_tenths", [](Scene& s) { s.pack(10); }},
    };
}

}  // namespace

int main(int count, char** arguments) {
    const Kernels kernels = all_kernels();
    if (count == 1) {
        for (const auto& [name, run] : kernels) std::printf("%s\n", name.c_str());
        return 0;
    }
    std::vector<Kernels::const_iterator> wanted;
    for (int i = 1; i < count; ++i) {
        wanted.push_back(kernels.find(arguments[i]));
        if (wanted.back() == kernels.end()) {
            std::fprintf(stderr, "no kernel %s; usage: count_kernels KERNEL...\n", arguments[i]);
            return 2;
        }
    }
    Scene scene;
    for (const auto& kernel : wanted) kernel->second(scene);
    CALLGRIND_START_INSTRUMENTATION;
    for (const auto& kernel : wanted) {
        CALLGRIND_ZERO_STATS;
        kernel->second(scene);
        CALLGRIND_DUMP_STATS_AT(kernel->first.c_str());
    }
    return 0;
}
