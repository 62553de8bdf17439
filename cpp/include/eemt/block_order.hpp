// In which order a block's cells stand in its arrays.
//
// The block is cut into stripes of `pack_cells` columns, and each stripe's rows follow one
// another. A pack is one such piece of a row; a patch is eight packs in a row, so its cells lie
// close together on the ground.
#pragma once

namespace eemt {

// A multiple of every vector's length; a block's arrays are padded to whole packs.
inline constexpr int pack_cells = 16;
// Cells of a patch look for the sun at the same nodes of its path (sunlit_cells.hpp).
inline constexpr int patch_cells = 8 * pack_cells;

}  // namespace eemt
