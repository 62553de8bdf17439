// A smooth quantity at the cells of a window, known at control points some cells apart (the
// Lattice of grids/grid.py): bilinear between the four of them around a cell.
#pragma once

#include <cstdint>

#include "eemt/grid_view.hpp"

namespace eemt {

// Each row and each column of the window has its interval of control points, as the index of the
// first of the two, and its share of the way from that to the next.
struct LatticeWindow {
    GridView<const double> values;
    const std::int64_t* row_interval = nullptr;
    const double* row_part = nullptr;
    const std::int64_t* col_interval = nullptr;
    const double* col_part = nullptr;
};

}  // namespace eemt
