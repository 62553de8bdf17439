// How long the arrays of a block of cells are.
#pragma once

namespace eemt {

// Multiple of every vector width; a block's arrays end on it.
inline constexpr int block_lanes = 16;

}  // namespace eemt
