// Catchment area: the area whose water passes a cell, its own included, when
// every cell's water is shared out by its flow direction.
//
// Specific catchment area is that per unit of contour width. The width through
// which a cell's water leaves is taken as the cell's edge seen along the flow,
// max(dx |cos phi|, dy |sin phi|) with phi the direction: the one choice for which
// an inclined plane has exactly its distance from the divide, in every direction
// and for every cell shape. (Tarboton 1997 takes the edge itself, which is the same
// along the axes and sqrt(2) smaller an area along a diagonal.)
#pragma once

#include <algorithm>
#include <cmath>

#include "eemt/dinfinity.hpp"
#include "eemt/grid_view.hpp"

namespace eemt {

// The edge of a cell that its water crosses [m], seen along the flow; without a
// direction, the edge of a square cell of the same area.
template <typename T>
T contour_width_m(T direction_rad, CellSize cell) {
    if (!(direction_rad >= T(0))) return static_cast<T>(std::sqrt(cell.x_m * cell.y_m));
    return std::max(static_cast<T>(cell.x_m) * std::abs(std::cos(direction_rad)),
                    static_cast<T>(cell.y_m) * std::abs(std::sin(direction_rad)));
}

// Sums areas [m2] downstream without recursion: a cell passes its water on when
// all who drain into it have done so (dependency counts), so each is visited once.
// A is the type of the sums: double, or float to save memory. Throws
// std::invalid_argument if directions lead in a circle.
template <typename T, typename A>
void catchment_area(GridView<const T> direction_rad, CellSize cell, GridView<A> area_m2);

}  // namespace eemt
