// D-infinity flow directions: Tarboton (1997), "A new method for the
// determination of flow directions and upslope areas in grid digital elevation
// models", Water Resources Research 33(2), 309-319, doi 10.1029/96WR03137.
//
// Eight triangular facets meet at a cell's centre; water leaves along the
// steepest descent of the steepest facet, held within the facet, and is shared
// between the two neighbours that bound it in proportion to the angle. Cells need
// not be square: a facet's angle is then atan(dx/dy) or atan(dy/dx).
//
// Conventions: a direction is clockwise from grid north [rad, 0 to 2 pi); the
// gradient is the drop per distance along it (tan of the slope angle). A missing
// neighbour (edge, nodata) is replaced by the plane through the cell and the
// opposite one, as in gradient.hpp, so water leaves the map in the direction of
// the slope instead of running along the edge.
//
// Level areas: a cell without a lower neighbour drains to a neighbour of its own
// elevation that is one step nearer to where the level area drains (breadth-first
// layers; the first part of Garbrecht & Martz 1997, doi
// 10.1016/S0022-1694(96)03138-1). Only integers decide there, so float32 is as
// good as float64, and no direction can lead in a circle. Where a level area has
// no way out (an unfilled pit, a level outlet) the direction is no_direction.
#pragma once

#include <array>
#include <cstddef>

#include "eemt/constants.hpp"
#include "eemt/grid_view.hpp"

namespace eemt {

inline constexpr int no_direction = -1;

// Bearings of the eight neighbours for cells of a given shape, rounded to
// T like the directions themselves.
template <typename T>
struct Compass {
    explicit Compass(CellSize cell);

    std::array<T, 9> bearing_rad;  // of neighbour k; [8] is 2 pi
    std::array<T, 8> per_span;     // 1 / (bearing[k + 1] - bearing[k])

    // The two neighbours that share a cell's water: first gets 1 - share, second
    // gets share. A share of 0 means that there is no second one.
    struct Receivers {
        std::size_t first, second;
        T share;
    };

    // For a direction in [0, 2 pi). One within rounding of a bearing is that bearing:
    // else float32 directions widened to float64 would send a trace of water uphill.
    Receivers receivers(T direction_rad) const {
        constexpr T rounding_rad = T(1e-6);
        std::size_t k = static_cast<std::size_t>(direction_rad * T(2.0 / pi)) * 2;
        // A bearing may have been rounded into the quadrant beside its own.
        while (direction_rad < bearing_rad[k]) --k;
        while (k < 7 && direction_rad >= bearing_rad[k + 1]) ++k;
        const T past = direction_rad - bearing_rad[k], left = bearing_rad[k + 1] - direction_rad;
        if (past < rounding_rad) return {k, k, T(0)};
        if (left < rounding_rad) return {(k + 1) % 8, k, T(0)};
        return {k, (k + 1) % 8, past * per_span[k]};
    }
};

template <typename T>
void flow_direction(GridView<const T> elevation_m, CellSize cell, GridView<T> direction_rad,
                    GridView<T> gradient, int threads);

}  // namespace eemt
