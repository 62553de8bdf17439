// The inside of a row of slope and aspect in float: the innermost loop of gradient.hpp,
// compiled once per instruction set (see simd.hpp).
#pragma once

#include <cstddef>

#include "eemt/simd.hpp"

namespace eemt {

// Three neighbouring rows, and 1 / (8 times the cell's edge) [m-1].
struct GradientRow {
    const float *north_m, *here_m, *south_m;
    float per_east_m, per_north_m;
};

// Writes slope and aspect [rad] of the cells 1 to cells - 2 of the middle row, NaN where a cell
// or one of its eight neighbours is missing. Returns whether a cell with data is NaN.
using GradientRowFunction = bool (*)(const GradientRow&, std::ptrdiff_t cells, float* slope_rad,
                                     float* aspect_rad);

EEMT_PER_LEVEL(GradientRowFunction, gradient_row)

}  // namespace eemt
