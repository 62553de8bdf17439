// Horizon maps: for each cell and direction, the elevation angle of the terrain's
// skyline, by one near-linear sweep per direction.
//
// Along a scan line, swept from its far end, the samples that can still be the
// horizon of a nearer cell form an upper convex hull, kept as a stack; a new
// sample pops what it hides and finds its tangent point on top (Timonen &
// Westerholm 2010, "Scalable height field self-shadowing", Computer Graphics
// Forum 29(2), doi 10.1111/j.1467-8659.2009.01642.x). Each sample is pushed and
// popped at most once, so a line costs O(samples).
//
// A cell lies between two neighbouring lines. Their tangent points say where its
// skyline is; its angle is then measured on the cell's OWN line at both places
// and, as the skyline close by changes fastest from line to line, at each of its
// first few samples. A reported angle is therefore always that of terrain that
// stands on the cell's own line; the lines beside it only say which samples to look at.
//
// Curvature: seen from x0, a point at distance d sinks by d^2 / (2 R), so the
// tangent of its elevation angle is dz / d - d / (2 R); the hull is that of
// z - x^2 / (2 R), and differences of slopes from one point do not depend on
// where x starts. Refraction bends rays downwards: R / (1 - k) for R.
//
// A nodata cell ends no line and gives no sample, nor does a line between a valid and
// a nodata cell: missing data can lower a horizon but never raise one.
#pragma once

#include <cstdint>
#include <vector>

#include "eemt/far_field.hpp"
#include "eemt/grid_view.hpp"
#include "eemt/horizon_code.hpp"

namespace eemt {

struct HorizonOptions {
    CellSize cell;
    std::ptrdiff_t window_row = 0, window_col = 0;  // core window, whose horizons are wanted
    std::ptrdiff_t window_rows = 0, window_cols = 0;
    std::int64_t anchor_row = 0, anchor_col = 0;  // global index of the DEM's first cell
    int directions = 72;
    bool curvature = true;
    bool refraction = true;
    int threads = 0;
};

// `horizon` holds `directions` planes of the window's shape, one after the other.
template <typename T>
void horizon_map(GridView<const T> elevation_m, const std::vector<FarLevel<T>>& far_field,
                 const HorizonOptions& options, std::int16_t* horizon);

}  // namespace eemt
