// What becomes of a map's cells on their way into an encoded block: rounding to some bits of
// mantissa, overviews of half the size, statistics, and the bytes as predictor 3 of TIFF orders
// them (Adobe Photoshop TIFF Technical Note 3, 2005).
//
// Every NaN leaves as the one with the bits 0x7FC00000, since which one an operation gives depends
// on the processor.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/grid_view.hpp"

namespace eemt {

constexpr int mantissa_bits = 23;

// Of the rounded cells: how many have a value and how many are NaN, the sum of the values, the
// least and the greatest one (NaN where there is none).
struct CellStatistics {
    std::int64_t cells = 0, gaps = 0;
    double total = 0.0, low = 0.0, high = 0.0;
};

// How the cells of one block become those of a file.
struct BlockRule {
    double factor = 1.0;             // cells are multiplied by it in double precision, then
    int bits = mantissa_bits;        // rounded to so many bits of mantissa, ties to even;
    int above_bits = mantissa_bits;  // those of the next level to so many.
    bool circular = false;           // Directions have no mean: take the upper left of the four.
};

// Rounds cells to so many bits of mantissa, ties to even.
void round_mantissa(GridView<const float> cells, int bits, GridView<float> rounded);

// Each cell of `halved` (rows and columns half as many, rounded up) is the mean of the valid ones
// among the four below it, added row by row in double precision, or the upper left of the four.
void halve(GridView<const float> cells, bool circular, GridView<float> halved);

CellStatistics count(GridView<const float> cells);

// The bytes of each row: the most significant ones of all cells, then the next ones and so on,
// each replaced by its difference from the one before. `planes` has four bytes a cell.
void predict(GridView<const float> cells, std::uint8_t* planes);
void unpredict(const std::uint8_t* planes, GridView<float> cells);

// All of it for the block of `edge` x `edge` cells whose first cell is (row0, col0): writes its
// 4 * edge * edge bytes, with NaN beyond the grid, and its part of the next level, halved. Its
// inside may end before the block does; `halved` has half of that.
template <typename T>
CellStatistics block_planes(GridView<const T> cells, std::ptrdiff_t row0, std::ptrdiff_t col0,
                            std::ptrdiff_t edge, const BlockRule& rule, std::uint8_t* planes,
                            GridView<float> halved);

}  // namespace eemt
