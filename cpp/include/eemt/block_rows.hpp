// Rows of cells on their way into a block: the innermost loops of block_cells.hpp, compiled once
// per instruction set (see simd.hpp). All levels give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/simd.hpp"

namespace eemt {

// Cells that are added at a time, each in a lane of its own: the order of additions is that of the
// columns, whatever vectors there are.
inline constexpr int count_lanes = 4;

// What is known so far of a grid's cells, lane by lane.
struct CellCount {
    double total[count_lanes];
    float low[count_lanes], high[count_lanes];
    std::int64_t gaps;
};

// Multiplies cells by a factor in double precision and rounds them to float, then to some bits of
// mantissa. Ends of rows may be one array.
template <typename T>
using RoundRow = void (*)(const T* cells, std::ptrdiff_t cols, double factor, int bits,
                          float* rounded);

struct BlockRows {
    RoundRow<float> f32;
    RoundRow<double> f64;
    void (*count)(const float* cells, std::ptrdiff_t cols, CellCount& count);
    // Means of the valid ones among four cells, of two rows with a whole number of pairs.
    void (*halve)(const float* upper, const float* lower, std::ptrdiff_t pairs, float* halved);
    // Four planes of `cols` bytes each; and back.
    void (*predict)(const float* cells, std::ptrdiff_t cols, std::uint8_t* planes);
    void (*unpredict)(const std::uint8_t* planes, std::ptrdiff_t cols, float* cells);
};

EEMT_PER_LEVEL(BlockRows, block_rows)

}  // namespace eemt
