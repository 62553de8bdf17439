// The far field: terrain beyond a tile, on grids that grow coarser with distance.
//
// A scan line that leaves the fine DEM goes on through each level in turn, from
// where it leaves the finer one to where it leaves the level itself, with about
// one bilinear sample per cell of the level.
#pragma once

#include <cstdint>
#include <vector>

#include "eemt/grid_view.hpp"
#include "eemt/line_sample.hpp"
#include "eemt/scan_lines.hpp"

namespace eemt {

template <typename T>
struct FarLevel {
    GridView<const T> elevation_m;
    CellSize cell;
    double x_m = 0.0;  // offset of the outer north-west corner from the fine DEM's: east
    double y_m = 0.0;  // and south
};

// Elevation at a point (metres east and south of the fine DEM's outer north-west
// corner): bilinear between those of the four cells around that are finite, NaN outside.
template <typename T>
T sample_far(const FarLevel<T>& level, double x_m, double y_m);

// Samples of one line beyond its last fine one, farthest first. (x_m, y_m) is
// where the line stands at `position`, its last fine sample.
template <typename T>
void far_samples(const std::vector<FarLevel<T>>& levels, const ScanDirection& direction, double x_m,
                 double y_m, std::int32_t position, std::vector<LineSample<T>>& samples);

// Upper bounds, for buffers made beforehand: samples of a line, and the longest
// reach [m] from anywhere in a fine DEM of the given extent.
template <typename T>
std::size_t far_sample_bound(const std::vector<FarLevel<T>>& levels);
template <typename T>
double reach_m(const std::vector<FarLevel<T>>& levels, double width_m, double height_m);

}  // namespace eemt
