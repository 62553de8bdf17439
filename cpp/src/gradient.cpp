#include "eemt/gradient.hpp"

#include <limits>
#include <type_traits>

#include "eemt/downslope.hpp"
#include "eemt/gradient_rows.hpp"
#include "eemt/parallel.hpp"

namespace eemt {
namespace {

// The rise from `centre` to the neighbour at (dr, dc), or NaN where there is none.
// Rises, not elevations, keep float32 exact at high altitude.
template <typename T>
T rise_to(GridView<const T> z, std::ptrdiff_t row, std::ptrdiff_t col, int dr, int dc) {
    if (!z.contains(row + dr, col + dc)) return std::numeric_limits<T>::quiet_NaN();
    return z(row + dr, col + dc) - z(row, col);
}

// The same, a missing neighbour extrapolated through the opposite one, and where
// that is missing too set to `fallback`.
template <typename T>
T rise_or(GridView<const T> z, std::ptrdiff_t row, std::ptrdiff_t col, int dr, int dc, T fallback) {
    const T there = rise_to(z, row, col, dr, dc);
    if (!std::isnan(there)) return there;
    const T opposite = rise_to(z, row, col, -dr, -dc);
    return std::isnan(opposite) ? fallback : -opposite;
}

template <typename T>
void slope_aspect_cell(GridView<const T> z, CellSize cell, std::ptrdiff_t row, std::ptrdiff_t col,
                       T& slope, T& aspect) {
    const T n = rise_or(z, row, col, -1, 0, T(0)), s = rise_or(z, row, col, 1, 0, T(0));
    const T w = rise_or(z, row, col, 0, -1, T(0)), e = rise_or(z, row, col, 0, 1, T(0));
    const T nw = rise_or(z, row, col, -1, -1, n + w), ne = rise_or(z, row, col, -1, 1, n + e);
    const T sw = rise_or(z, row, col, 1, -1, s + w), se = rise_or(z, row, col, 1, 1, s + e);
    const Downslope<T> down(
        ((ne - nw) + T(2) * (e - w) + (se - sw)) * static_cast<T>(1 / (8.0 * cell.x_m)),
        ((nw - sw) + T(2) * (n - s) + (ne - se)) * static_cast<T>(1 / (8.0 * cell.y_m)));
    slope = down.slope_rad;
    aspect = down.aspect_rad;
}

// Columns first to last - 1 of a row, one by one.
template <typename T>
void cells_of_row(GridView<const T> z, CellSize cell, std::ptrdiff_t row, std::ptrdiff_t first,
                  std::ptrdiff_t last, GridView<T> slope, GridView<T> aspect) {
    for (std::ptrdiff_t col = first; col < last; ++col) {
        if (std::isnan(z(row, col))) {
            slope(row, col) = aspect(row, col) = std::numeric_limits<T>::quiet_NaN();
        } else {
            slope_aspect_cell(z, cell, row, col, slope(row, col), aspect(row, col));
        }
    }
}

// In float the inside of a row is worked out in vectors; then, one by one, the cells with a
// missing neighbour and those at the map's edge.
void row_in_vectors(GridView<const float> z, CellSize cell, GradientRowFunction inside,
                    std::ptrdiff_t row, GridView<float> slope, GridView<float> aspect) {
    const GradientRow in{&z(row - 1, 0), &z(row, 0), &z(row + 1, 0),
                         static_cast<float>(1 / (8.0 * cell.x_m)),
                         static_cast<float>(1 / (8.0 * cell.y_m))};
    const bool lost = inside(in, z.cols, &slope(row, 0), &aspect(row, 0));
    cells_of_row(z, cell, row, 0, 1, slope, aspect);
    cells_of_row(z, cell, row, z.cols - 1, z.cols, slope, aspect);
    if (!lost) return;
    for (std::ptrdiff_t col = 1; col < z.cols - 1; ++col) {
        if (std::isnan(slope(row, col))) {
            cells_of_row(z, cell, row, col, col + 1, slope, aspect);
        }
    }
}

}  // namespace

template <typename T>
void slope_aspect(GridView<const T> elevation_m, CellSize cell, GridView<T> slope_rad,
                  GridView<T> aspect_rad, int threads) {
    const auto inside = gradient_row();
    const auto& z = elevation_m;
    parallel_for_static(z.rows, threads, [&](std::ptrdiff_t row) {
        const bool has_inside = row > 0 && row < z.rows - 1 && z.cols > 2;
        if constexpr (std::is_same_v<T, float>) {
            if (has_inside) return row_in_vectors(z, cell, inside, row, slope_rad, aspect_rad);
        }
        cells_of_row(z, cell, row, 0, z.cols, slope_rad, aspect_rad);
    });
}

template void slope_aspect(GridView<const float>, CellSize, GridView<float>, GridView<float>, int);
template void slope_aspect(GridView<const double>, CellSize, GridView<double>, GridView<double>,
                           int);

}  // namespace eemt
