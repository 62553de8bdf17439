#include "eemt/block_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eemt {
namespace {

constexpr float none = -std::numeric_limits<float>::infinity();

struct Sum {
    double total_m = 0.0;
    std::int64_t count = 0;
    float highest_m = none;
};

// Fills each block from those of `rows` x `cols` parts that it has: `add(row, col, sum)` adds one.
template <typename Add>
void over_quads(std::ptrdiff_t rows, std::ptrdiff_t cols, const BlockSumsOut& sums, Add&& add) {
    const auto put = [&](std::ptrdiff_t row, std::ptrdiff_t col, const Sum& sum) {
        sums.total_m(row, col) = sum.total_m;
        sums.count(row, col) = sum.count;
        sums.highest_m(row, col) =
            sum.count > 0 ? sum.highest_m : std::numeric_limits<float>::quiet_NaN();
    };
    for (std::ptrdiff_t row = 0; row < sums.total_m.rows; ++row) {
        const bool has_second_row = 2 * row + 1 < rows;
        // apart from the edge, a loop without a choice
        const std::ptrdiff_t whole = has_second_row ? cols / 2 : 0;
        for (std::ptrdiff_t col = 0; col < whole; ++col) {
            Sum sum;
            add(2 * row, 2 * col, sum);
            add(2 * row, 2 * col + 1, sum);
            add(2 * row + 1, 2 * col, sum);
            add(2 * row + 1, 2 * col + 1, sum);
            put(row, col, sum);
        }
        for (std::ptrdiff_t col = whole; col < sums.total_m.cols; ++col) {
            Sum sum;
            for (std::ptrdiff_t r = 2 * row; r <= 2 * row + (has_second_row ? 1 : 0); ++r) {
                for (std::ptrdiff_t c = 2 * col; c < std::min(cols, 2 * col + 2); ++c) {
                    add(r, c, sum);
                }
            }
            put(row, col, sum);
        }
    }
}

}  // namespace

void block_sums(GridView<const float> elevation_m, const BlockSumsOut& sums) {
    over_quads(elevation_m.rows, elevation_m.cols, sums,
               [&](std::ptrdiff_t row, std::ptrdiff_t col, Sum& sum) {
                   const float z = elevation_m(row, col);
                   const bool is_valid = std::isfinite(z);
                   sum.total_m += is_valid ? static_cast<double>(z) : 0.0;
                   sum.count += is_valid ? 1 : 0;
                   sum.highest_m = std::max(sum.highest_m, is_valid ? z : none);
               });
}

void merged_block_sums(const BlockSumsIn& blocks, const BlockSumsOut& sums) {
    over_quads(blocks.total_m.rows, blocks.total_m.cols, sums,
               [&](std::ptrdiff_t row, std::ptrdiff_t col, Sum& sum) {
                   const std::int64_t count = blocks.count(row, col);
                   sum.total_m += blocks.total_m(row, col);
                   sum.count += count;
                   sum.highest_m =
                       std::max(sum.highest_m, count > 0 ? blocks.highest_m(row, col) : none);
               });
}

}  // namespace eemt
