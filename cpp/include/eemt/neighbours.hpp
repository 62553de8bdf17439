// The eight neighbours of a cell, clockwise from north: N NE E SE S SW W NW.
// Even numbers are the cardinal directions, odd ones the diagonals; the one
// opposite of k is (k + 4) % 8.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "eemt/grid_view.hpp"

namespace eemt {

inline constexpr std::array<int, 8> neighbour_row{-1, -1, 0, 1, 1, 1, 0, -1};
inline constexpr std::array<int, 8> neighbour_col{0, 1, 1, 1, 0, -1, -1, -1};

// Water treats an infinite elevation like a missing one.
template <typename T>
bool has_data(T value) {
    return std::isfinite(value);
}

// Calls visit(k, row, col) for those neighbours of (row, col) that lie on the grid.
template <typename T, typename Visit>
void for_each_neighbour(GridView<T> grid, std::ptrdiff_t row, std::ptrdiff_t col, Visit&& visit) {
    const bool inside = row > 0 && col > 0 && row < grid.rows - 1 && col < grid.cols - 1;
    for (std::size_t k = 0; k < 8; ++k) {
        const auto r = row + neighbour_row[k], c = col + neighbour_col[k];
        if (inside || grid.contains(r, c)) visit(k, r, c);
    }
}

}  // namespace eemt
