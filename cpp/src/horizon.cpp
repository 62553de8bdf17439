#include "eemt/horizon.hpp"

#include "eemt/horizon_sweep.hpp"
#include "eemt/parallel.hpp"

namespace eemt {

template <typename T>
void horizon_map(GridView<const T> elevation_m, const std::vector<FarLevel<T>>& far_field,
                 const HorizonOptions& options, std::int16_t* horizon) {
    PaddedGrid<T> by_row, by_col;
    for (int d = 0; d < options.directions; ++d) {
        const bool major_is_row = scan_direction(d, options.directions, options.cell).major_is_row;
        auto& grid = major_is_row ? by_row : by_col;
        if (grid.empty()) grid = PaddedGrid<T>(elevation_m, major_is_row);
    }
    const int workers = worker_count(options.directions, options.threads);
    std::vector<HorizonSweep<T>> sweeps;
    sweeps.reserve(static_cast<std::size_t>(workers));
    for (int w = 0; w < workers; ++w) {
        sweeps.emplace_back(by_row, by_col, far_field, options);
    }
    const std::ptrdiff_t plane = options.window_rows * options.window_cols;
    parallel_for_workers(options.directions, workers, [&](std::ptrdiff_t d, int worker) {
        sweeps[static_cast<std::size_t>(worker)].run(static_cast<int>(d), horizon + d * plane);
    });
}

template void horizon_map(GridView<const float>, const std::vector<FarLevel<float>>&,
                          const HorizonOptions&, std::int16_t*);
template void horizon_map(GridView<const double>, const std::vector<FarLevel<double>>&,
                          const HorizonOptions&, std::int16_t*);

}  // namespace eemt
