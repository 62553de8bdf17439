// Slope and aspect after Horn (1981), "Hill shading and the reflectance map",
// Proc. IEEE 69(1), doi 10.1109/PROC.1981.11918.
//
// Conventions: slope is the angle from the horizontal [rad]; aspect is the
// direction the slope faces (downslope), clockwise from grid north [rad, 0 to
// 2 pi); a flat cell has aspect 0.
//
// The 3x3 window needs eight neighbours. A neighbour beyond the edge or without
// data is replaced by the plane through the cell and the opposite neighbour
// (2 z - z_opposite); where that is missing too, a diagonal neighbour takes the
// plane through the two beside it and any other the cell's own elevation. So no
// ring of cells is lost, and a plane keeps its exact slope up to its corners.
#pragma once

#include "eemt/grid_view.hpp"

namespace eemt {

template <typename T>
void slope_aspect(GridView<const T> elevation_m, CellSize cell, GridView<T> slope_rad,
                  GridView<T> aspect_rad, int threads);

}  // namespace eemt
