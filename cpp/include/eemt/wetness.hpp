// Topographic wetness index ln(a / tan b): Beven & Kirkby (1979), "A physically
// based, variable contributing area model of basin hydrology", Hydrological
// Sciences Bulletin 24(1), 43-69, doi 10.1080/02626667909491834.
//
// a is the specific catchment area [m] by D-infinity over the filled surface
// (catchment.hpp), tan b the gradient along the same flow direction
// (dinfinity.hpp), at least min_gradient. So a lake is level, and a ridge has the
// slope of its flank: central differences would call it flat and therefore wet.
//
// Memory is counted in bytes a cell, for DEMs of hundreds of millions of cells.
// For float32, input and output (8) and beside them
//   filling:    filled 4, lists of cells some 4 together (the output's 4 are not
//               yet touched)                                                 ~  12
//   directions: filled 4, directions 4 (gradients are kept in the output), and the
//               layers of the level areas                                   ~  16
//   areas:      directions 4, areas 4, counts 1, and the stack of ready cells ~ 17
#pragma once

#include "eemt/grid_view.hpp"

namespace eemt {

template <typename T>
void topographic_wetness_index(GridView<const T> elevation_m, CellSize cell, double min_gradient,
                               GridView<T> wetness, int threads);

}  // namespace eemt
