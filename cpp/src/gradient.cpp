#include "eemt/gradient.hpp"

#include <limits>

#include "eemt/constants.hpp"
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
    const T east = ((ne - nw) + T(2) * (e - w) + (se - sw)) / static_cast<T>(8.0 * cell.x_m);
    const T north = ((nw - sw) + T(2) * (n - s) + (ne - se)) / static_cast<T>(8.0 * cell.y_m);
    slope = std::atan(std::hypot(east, north));
    if (east == T(0) && north == T(0)) {
        aspect = T(0);
        return;
    }
    // Downslope is against the gradient; clockwise from north.
    aspect = std::atan2(-east, -north);
    if (aspect < T(0)) aspect += static_cast<T>(2.0 * pi);
    if (aspect >= static_cast<T>(2.0 * pi)) aspect = T(0);
}

}  // namespace

template <typename T>
void slope_aspect(GridView<const T> elevation_m, CellSize cell, GridView<T> slope_rad,
                  GridView<T> aspect_rad, int threads) {
    parallel_for_static(elevation_m.rows, threads, [&](std::ptrdiff_t row) {
        for (std::ptrdiff_t col = 0; col < elevation_m.cols; ++col) {
            if (std::isnan(elevation_m(row, col))) {
                slope_rad(row, col) = aspect_rad(row, col) = std::numeric_limits<T>::quiet_NaN();
                continue;
            }
            slope_aspect_cell(elevation_m, cell, row, col, slope_rad(row, col),
                              aspect_rad(row, col));
        }
    });
}

template void slope_aspect(GridView<const float>, CellSize, GridView<float>, GridView<float>, int);
template void slope_aspect(GridView<const double>, CellSize, GridView<double>, GridView<double>,
                           int);

}  // namespace eemt
