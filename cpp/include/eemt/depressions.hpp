// Depression filling by priority-flood: Barnes, Lehman & Mulla (2014),
// "Priority-flood: an optimal depression-filling and watershed-labeling
// algorithm for digital elevation models", Computers & Geosciences 62, 117-127,
// doi 10.1016/j.cageo.2013.04.024; their variant with a plain queue for the
// inside of pits (Algorithm 2), and with the ordered queue kept for cells over which
// a pit may spill, after Zhou, Sun & Fu (2016), "An efficient variant of the
// Priority-Flood algorithm for filling depressions in raster digital elevation
// models", Computers & Geosciences 90, 87-96, doi 10.1016/j.cageo.2016.02.021.
//
// The filled surface is the lowest one that is nowhere below the terrain and
// from which every cell has a path to an outlet that never rises. Outlets are
// the cells at the edge of the map and those beside a cell without data. It is
// unique, made of the terrain's own numbers and so exact in float32: lakes come
// out level. How water crosses a level area is decided later, by the distance to
// where it drains (dinfinity.hpp), and not by raising cells by an epsilon: in
// float32 an epsilon is 0.24 mm at 4000 m, lost if chosen smaller, and a lake
// 10,000 cells wide would rise by 2.4 m and drown its own outlet.
#pragma once

#include <cstdint>

#include "eemt/grid_view.hpp"

namespace eemt {

// Cells are numbered in 32 bits to halve the queues; Python refuses larger rasters.
using CellIndex = std::uint32_t;

template <typename T>
void fill_depressions(GridView<const T> elevation_m, GridView<T> filled_m);

}  // namespace eemt
