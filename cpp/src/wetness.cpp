#include "eemt/wetness.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <type_traits>

#include "eemt/catchment.hpp"
#include "eemt/depressions.hpp"
#include "eemt/dinfinity.hpp"
#include "eemt/flow_rows.hpp"
#include "eemt/parallel.hpp"

namespace eemt {
namespace {

// A raster of our own, not initialised: its pages take memory from first use on.
template <typename T>
struct OwnedGrid {
    std::unique_ptr<T[]> cells;
    GridView<T> grid;

    explicit OwnedGrid(GridView<const T> like)
        : cells(new T[static_cast<std::size_t>(like.size())]),
          grid{cells.get(), like.rows, like.cols} {}

    GridView<const T> view() const { return {cells.get(), grid.rows, grid.cols}; }
};

}  // namespace

template <typename T>
void topographic_wetness_index(GridView<const T> elevation_m, CellSize cell, double min_gradient,
                               GridView<T> wetness, int threads) {
    OwnedGrid<T> direction(elevation_m);
    const auto gradient = wetness;
    {
        OwnedGrid<T> filled(elevation_m);
        fill_depressions<T>(elevation_m, filled.grid);
        flow_direction<T>(filled.view(), cell, direction.grid, gradient, threads);
    }
    OwnedGrid<T> area(elevation_m);
    catchment_area<T, T>(direction.view(), cell, area.grid);
    const auto floor = static_cast<T>(min_gradient);
    const auto in_vectors = flow_rows().wetness;
    parallel_for_static(wetness.rows, threads, [&](std::ptrdiff_t row) {
        if constexpr (std::is_same_v<T, float>) {
            const WetnessRow in{&area.grid(row, 0),
                                &direction.grid(row, 0),
                                static_cast<float>(cell.x_m),
                                static_cast<float>(cell.y_m),
                                contour_width_m(float(no_direction), cell),
                                floor};
            in_vectors(in, wetness.cols, &wetness(row, 0));
        } else {
            for (std::ptrdiff_t col = 0; col < wetness.cols; ++col) {
                const T a_m = area.grid(row, col) / contour_width_m(direction.grid(row, col), cell);
                // Without data the area is NaN, whatever std::max makes of the gradient.
                wetness(row, col) = std::log(a_m / std::max(gradient(row, col), floor));
            }
        }
    });
}

template void topographic_wetness_index(GridView<const float>, CellSize, double, GridView<float>,
                                        int);
template void topographic_wetness_index(GridView<const double>, CellSize, double, GridView<double>,
                                        int);

}  // namespace eemt
