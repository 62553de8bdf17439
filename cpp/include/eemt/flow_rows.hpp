// The inside of a row of D-infinity directions, and a row of wetness, in float: the innermost
// loops of dinfinity.hpp and wetness.hpp, compiled once per instruction set (see simd.hpp).
#pragma once

#include <cstddef>

#include "eemt/simd.hpp"

namespace eemt {

// What Tarboton's facets beside a cardinal neighbour are like: 1 / d1, 1 / d2 and 1 / diagonal
// [m-1], and d2 / d1.
struct FacetShape {
    double per_d1, per_d2, per_diagonal, tan_diagonal;
};

struct FlowRow {
    const float *north_m, *here_m, *south_m;
    FacetShape north, east;     // beside north and south, beside east and west
    const double* bearing_rad;  // of the neighbours 0 to 7, and 2 pi
    float flat;                 // the direction of a cell without a lower neighbour
};

// Writes direction [rad] and gradient of the cells 1 to cells - 2 of the middle row; NaN, for
// others to work out, where a neighbour is missing or a drop's square vanishes. Returns whether
// any is NaN. Differences and squares are those of double, as in dinfinity.cpp.
using FlowRowFunction = bool (*)(const FlowRow&, std::ptrdiff_t cells, float* direction_rad,
                                 float* gradient);

struct WetnessRow {
    const float *area_m2, *direction_rad;
    float cell_x_m, cell_y_m;
    float still_width_m;  // where water has no direction
    float min_gradient;
};

// ln(a / tan b) of a row; `wetness` holds the gradients before.
using WetnessRowFunction = void (*)(const WetnessRow&, std::ptrdiff_t cells, float* wetness);

struct FlowRowFunctions {
    FlowRowFunction flow;
    WetnessRowFunction wetness;
};

EEMT_PER_LEVEL(FlowRowFunctions, flow_rows)

}  // namespace eemt
