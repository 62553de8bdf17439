// Rows of packing.hpp: its innermost loops, compiled once per instruction set (see simd.hpp). All
// levels give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eemt/simd.hpp"

namespace eemt {

struct PackingRows {
    // Writes the whole numbers of 1 / `scale` that cells are, and says whether all are such to the
    // bit, in 32 bits.
    bool (*scale)(const float* cells, std::ptrdiff_t cols, double scale, std::uint32_t* numbers);
    // Writes how far numbers are off the plane through their neighbours. `steps` has those of the
    // row above from cell to cell, 0 above the first row, and gets this row's. Planes lie `plane`
    // bytes apart.
    void (*off)(const std::uint32_t* numbers, std::ptrdiff_t cols, std::uint32_t* steps,
                std::uint8_t* planes, std::ptrdiff_t plane);
};

EEMT_PER_LEVEL(PackingRows, packing_rows)

}  // namespace eemt
