// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/flow_rows.hpp"

#include "eemt/cell_math.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

// The steepest facet so far: the square of its slope, the bearing of the neighbour that its
// direction is counted from, and the tangent of the angle from there as turn / ahead.
struct Steepest {
    double square, bearing, turn, ahead;
};

// Tarboton's facet between a cardinal neighbour and a diagonal one that lies clockwise of it
// (sense 1) or before it (sense -1); see dinfinity.cpp for the scalar form.
inline void consider(Steepest& best, double cardinal, double diagonal, double bearing_cardinal,
                     double bearing_diagonal, double sense, const FacetShape& shape) {
    const double s1 = cardinal * shape.per_d1, s2 = (diagonal - cardinal) * shape.per_d2;
    const bool along_cardinal = s2 <= 0.0;
    const bool along_diagonal = !along_cardinal & (s2 >= s1 * shape.tan_diagonal);
    const bool within = !along_cardinal & !along_diagonal;
    const double edge = along_cardinal ? s1 : diagonal * shape.per_diagonal;
    const double straight = edge > 0.0 ? edge : 0.0;
    const double square = within ? s1 * s1 + s2 * s2 : straight * straight;
    const bool better = square > best.square;
    const double bearing = along_diagonal ? bearing_diagonal : bearing_cardinal;
    const double turn = within ? sense * s2 : 0.0, ahead = within ? s1 : 1.0;
    best.square = better ? square : best.square;
    best.bearing = better ? bearing : best.bearing;
    best.turn = better ? turn : best.turn;
    best.ahead = better ? ahead : best.ahead;
}

inline double larger(double a, double b) { return a > b ? a : b; }

// Flattened: one call left in a loop would keep it from becoming vectors.
[[gnu::flatten]] bool flow_row(const FlowRow& in, std::ptrdiff_t cells, float* __restrict direction,
                               float* __restrict gradient) {
    const float* __restrict above = in.north_m;
    const float* __restrict here = in.here_m;
    const float* __restrict below = in.south_m;
    const FacetShape north = in.north, east = in.east;
    double bearing[full_circle + 1];
    for (int k = 0; k <= full_circle; ++k) bearing[k] = in.bearing_rad[k];
    const float full = static_cast<float>(bearing[full_circle]), missing = __builtin_nanf("");
    const float flat = in.flat;
    std::int32_t left = 0;
#pragma GCC ivdep  // the output lies apart from the inputs
    for (std::ptrdiff_t i = 1; i < cells - 1; ++i) {
        const double z = here[i];
        const double n = z - above[i], ne = z - above[i + 1], e = z - here[i + 1];
        const double se = z - below[i + 1], s = z - below[i], sw = z - below[i - 1];
        const double w = z - here[i - 1], nw = z - above[i - 1];
        Steepest best{0.0, 0.0, 0.0, 1.0};
        consider(best, n, ne, bearing[to_n], bearing[to_ne], 1.0, north);
        consider(best, e, ne, bearing[to_e], bearing[to_ne], -1.0, east);
        consider(best, e, se, bearing[to_e], bearing[to_se], 1.0, east);
        consider(best, s, se, bearing[to_s], bearing[to_se], -1.0, north);
        consider(best, s, sw, bearing[to_s], bearing[to_sw], 1.0, north);
        consider(best, w, sw, bearing[to_w], bearing[to_sw], -1.0, east);
        consider(best, w, nw, bearing[to_w], bearing[to_nw], 1.0, east);
        consider(best, n, nw, bearing[full_circle], bearing[to_nw], -1.0, north);
        const double sum = n + ne + e + se + s + sw + w + nw;
        const bool complete = sum - sum == 0.0;
        const double most =
            larger(larger(larger(n, ne), larger(e, se)), larger(larger(s, sw), larger(w, nw)));
        // the angle in float: 1e-7 of a quarter turn, less than the direction's own rounding
        const float tangent = static_cast<float>(best.turn / best.ahead);
        const float size = cell_atan(tangent < 0.0f ? -tangent : tangent);
        const float turn = tangent < 0.0f ? -size : size;
        const float rounded = static_cast<float>(best.bearing + static_cast<double>(turn));
        const float clockwise = rounded >= full ? 0.0f : rounded;
        const bool descends = best.square > 0.0, level = most <= 0.0;
        const float towards = descends ? clockwise : (level ? flat : missing);
        direction[i] = complete ? towards : missing;
        gradient[i] = complete ? static_cast<float>(cell_sqrt(best.square)) : missing;
        left |= static_cast<std::int32_t>(!(complete & (descends | level)));
    }
    return left != 0;
}

[[gnu::flatten]] void wetness_row(const WetnessRow& in, std::ptrdiff_t cells,
                                  float* __restrict wetness) {
    const float* __restrict area = in.area_m2;
    const float* __restrict direction = in.direction_rad;
    const float x = in.cell_x_m, y = in.cell_y_m, still = in.still_width_m;
    const float floor = in.min_gradient, missing = __builtin_nanf("");
#pragma GCC ivdep  // the output lies apart from the inputs
    for (std::ptrdiff_t i = 0; i < cells; ++i) {
        const float across = x * __builtin_fabsf(cell_cos(direction[i]));
        const float along = y * __builtin_fabsf(cell_sin(direction[i]));
        const float edge = across > along ? across : along;
        const float width = direction[i] >= 0.0f ? edge : still;
        const float gradient = wetness[i] > floor ? wetness[i] : floor;
        const float index = cell_log(area[i] / (width * gradient));
        wetness[i] = area[i] == area[i] ? index : missing;
    }
}

}  // namespace

FlowRowFunctions flow_rows() { return {&flow_row, &wetness_row}; }

}  // namespace eemt::EEMT_SIMD_NAMESPACE
