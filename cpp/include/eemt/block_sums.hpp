// What is kept of square blocks of cells while a DEM is made coarser, each step's blocks twice as
// large: the sum of the valid elevations, how many there are, and the highest.
//
// The four parts of a block are added row by row, so a block's numbers do not depend on where the
// window begins that it is made from, as long as it begins on a block.
#pragma once

#include <cstdint>

#include "eemt/grid_view.hpp"

namespace eemt {

template <typename Total, typename Count, typename Highest>
struct BlockSums {
    GridView<Total> total_m;
    GridView<Count> count;
    GridView<Highest> highest_m;
};

using BlockSumsIn = BlockSums<const double, const std::int64_t, const float>;
using BlockSumsOut = BlockSums<double, std::int64_t, float>;

// Sums over blocks of 2 x 2 cells; cells that are not finite do not count. `sums` are of
// (ceil(rows / 2), ceil(cols / 2)); the highest of a block without a valid cell is NaN.
void block_sums(GridView<const float> elevation_m, const BlockSumsOut& sums);

// Sums over blocks of 2 x 2 blocks.
void merged_block_sums(const BlockSumsIn& blocks, const BlockSumsOut& sums);

}  // namespace eemt
