// How the cells of a block follow each other in arrays: in stripes of `block_lanes` columns, in
// each row after row, so that a run of groups of `block_lanes` cells is a compact patch.
#pragma once

namespace eemt {

// Multiple of every vector width; a block's arrays end on it.
inline constexpr int block_lanes = 16;
// Cells of a patch, which are asked at the same nodes of the sun's path (sunlit_cells.hpp).
inline constexpr int patch_lanes = 8 * block_lanes;

}  // namespace eemt
