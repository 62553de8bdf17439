// A check that prints where it failed and ends the program; small grids to fail on.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <vector>

#include "eemt/grid_view.hpp"

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            std::printf("%s:%d: CHECK(%s) failed\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                             \
        }                                                                             \
    } while (false)

namespace eemt::test {

// A grid that owns its cells, exactly as many as it has: one step beyond is an error that
// the address sanitizer sees.
template <typename T>
struct Grid {
    std::ptrdiff_t rows, cols;
    std::vector<T> cells;

    Grid(std::ptrdiff_t rows_, std::ptrdiff_t cols_, T value = T(0))
        : rows(rows_), cols(cols_), cells(static_cast<std::size_t>(rows_ * cols_), value) {}

    T& operator()(std::ptrdiff_t row, std::ptrdiff_t col) {
        return cells[static_cast<std::size_t>(row * cols + col)];
    }
    GridView<T> view() { return {cells.data(), rows, cols}; }
    GridView<const T> read() const { return {cells.data(), rows, cols}; }
};

// Hills without symmetry, so that swapped rows and columns show.
template <typename T>
Grid<T> hills(std::ptrdiff_t rows, std::ptrdiff_t cols) {
    Grid<T> grid(rows, cols);
    for (std::ptrdiff_t r = 0; r < rows; ++r) {
        for (std::ptrdiff_t c = 0; c < cols; ++c) {
            const double x = static_cast<double>(c), y = static_cast<double>(r);
            grid(r, c) = static_cast<T>(1000.0 + 90.0 * std::sin(0.31 * x + 0.17 * y) +
                                        40.0 * std::cos(0.53 * y - 0.08 * x) + 3.0 * x);
        }
    }
    return grid;
}

// The awkward ones: a single cell, a row, a column, all nodata, a hole, a spire, a pit.
template <typename T>
std::vector<Grid<T>> awkward_grids() {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    std::vector<Grid<T>> grids = {Grid<T>(1, 1, T(5)), hills<T>(1, 17), hills<T>(19, 1),
                                  Grid<T>(4, 5, nan),  Grid<T>(6, 7),   hills<T>(2, 2),
                                  hills<T>(33, 21)};
    Grid<T> hole = hills<T>(16, 23);
    for (std::ptrdiff_t c = 3; c < 9; ++c) hole(7, c) = nan;
    hole(0, 0) = nan;
    grids.push_back(hole);
    Grid<T> spire(9, 9, T(10));
    spire(4, 4) = T(4000);
    grids.push_back(spire);
    Grid<T> pit = hills<T>(11, 8);
    pit(5, 4) = T(-400);
    grids.push_back(pit);
    return grids;
}

}  // namespace eemt::test
