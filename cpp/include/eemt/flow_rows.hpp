// The inside of a row of D-infinity directions, and a row of wetness, in float: the innermost
// loops of dinfinity.hpp and wetness.hpp, compiled once per instruction set (see simd.hpp).
#pragma once

#include <cstddef>

#include "eemt/simd.hpp"

namespace eemt {

// Shape of the two facets beside a cardinal neighbour, which lies d1 away, the diagonal ones d2
// further across.
struct FacetShape {
    double per_d1, per_d2, per_diagonal;  // 1 / length [m-1]
    double tan_diagonal;                  // d2 / d1
};

// Places in bearing_rad: the neighbours as neighbours.hpp numbers them, and the full circle.
enum BearingPlace : int { to_n, to_ne, to_e, to_se, to_s, to_sw, to_w, to_nw, full_circle };

struct FlowRow {
    const float *north_m, *here_m, *south_m;
    FacetShape north, east;     // beside north and south, beside east and west
    const double* bearing_rad;  // by BearingPlace
    float flat;                 // the direction of a cell without a lower neighbour
};

// Writes direction [rad] and gradient of the cells 1 to cells - 2 of the middle row. Both are NaN,
// and left to the caller, where a neighbour is missing or the square of a drop is 0 though the
// drop is not. Returns whether any is NaN. Differences and squares are those of double, as in
// dinfinity.cpp.
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
