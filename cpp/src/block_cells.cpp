#include "eemt/block_cells.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

#include "eemt/block_rows.hpp"

namespace eemt {
namespace {

constexpr int cell_bytes = 4;

float missing() { return std::bit_cast<float>(std::uint32_t{0x7FC00000}); }

CellCount nothing_yet() {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    CellCount none{};
    std::fill(std::begin(none.low), std::end(none.low), infinity);
    std::fill(std::begin(none.high), std::end(none.high), -infinity);
    return none;
}

CellStatistics statistics(const CellCount& count, std::ptrdiff_t cells) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    CellStatistics found;
    found.gaps = count.gaps;
    found.cells = cells - count.gaps;
    for (const double total : count.total) found.total += total;
    const float low = *std::min_element(std::begin(count.low), std::end(count.low));
    const float high = *std::max_element(std::begin(count.high), std::end(count.high));
    found.low = found.cells == 0 ? none : static_cast<double>(low);
    found.high = found.cells == 0 ? none : static_cast<double>(high);
    return found;
}

// One row of the next level from two rows of `cols` cells.
void halve_rows(const BlockRows& rows, const float* upper, const float* lower, std::ptrdiff_t cols,
                bool circular, float* halved) {
    if (circular) {
        for (std::ptrdiff_t i = 0; 2 * i < cols; ++i) halved[i] = upper[2 * i];
        return;
    }
    rows.halve(upper, lower, cols / 2, halved);
    if (cols % 2 == 1) {
        const float nan = missing();
        const float first[2] = {upper[cols - 1], nan}, second[2] = {lower[cols - 1], nan};
        rows.halve(first, second, 1, halved + cols / 2);
    }
}

}  // namespace

void round_mantissa(GridView<const float> cells, int bits, GridView<float> rounded) {
    block_rows().f32(cells.data, cells.size(), 1.0, bits, rounded.data);
}

void halve(GridView<const float> cells, bool circular, GridView<float> halved) {
    const BlockRows rows = block_rows();
    const std::vector<float> beyond(static_cast<std::size_t>(cells.cols), missing());
    for (std::ptrdiff_t row = 0; row < cells.rows; row += 2) {
        const float* const upper = &cells(row, 0);
        const float* const lower = row + 1 < cells.rows ? upper + cells.cols : beyond.data();
        halve_rows(rows, upper, lower, cells.cols, circular, &halved(row / 2, 0));
    }
}

CellStatistics count(GridView<const float> cells) {
    const BlockRows rows = block_rows();
    CellCount found = nothing_yet();
    for (std::ptrdiff_t row = 0; row < cells.rows; ++row) {
        rows.count(&cells(row, 0), cells.cols, found);
    }
    return statistics(found, cells.size());
}

void predict(GridView<const float> cells, std::uint8_t* planes) {
    const BlockRows rows = block_rows();
    for (std::ptrdiff_t row = 0; row < cells.rows; ++row) {
        rows.predict(&cells(row, 0), cells.cols, planes + cell_bytes * row * cells.cols);
    }
}

void unpredict(const std::uint8_t* planes, GridView<float> cells) {
    const BlockRows rows = block_rows();
    for (std::ptrdiff_t row = 0; row < cells.rows; ++row) {
        rows.unpredict(planes + cell_bytes * row * cells.cols, cells.cols, &cells(row, 0));
    }
}

template <typename T>
CellStatistics block_planes(GridView<const T> cells, std::ptrdiff_t row0, std::ptrdiff_t col0,
                            std::ptrdiff_t edge, const BlockRule& rule, std::uint8_t* planes,
                            GridView<float> halved) {
    const std::ptrdiff_t down = std::min(edge, cells.rows - row0);
    const std::ptrdiff_t cols = std::min(edge, cells.cols - col0);
    const BlockRows rows = block_rows();
    const RoundRow<T> round = functions_of<T>(rows);
    CellCount found = nothing_yet();
    std::vector<float> pair(static_cast<std::size_t>(2 * edge), missing());
    for (std::ptrdiff_t row = 0; row < down; ++row) {
        float* const here = pair.data() + row % 2 * edge;
        round(&cells(row0 + row, col0), cols, rule.factor, rule.bits, here);
        rows.count(here, cols, found);
        rows.predict(here, edge, planes + cell_bytes * row * edge);
        const bool is_upper = row % 2 == 0;
        if (is_upper && row + 1 < down) continue;
        if (is_upper) std::fill(pair.begin() + edge, pair.end(), missing());
        float* const half = &halved(row / 2, 0);
        halve_rows(rows, pair.data(), pair.data() + edge, cols, rule.circular, half);
        rows.f32(half, halved.cols, 1.0, rule.above_bits, half);
    }
    if (down < edge) {
        std::fill(pair.begin(), pair.begin() + edge, missing());
        std::uint8_t* const beyond = planes + cell_bytes * down * edge;
        rows.predict(pair.data(), edge, beyond);
        for (std::ptrdiff_t row = down + 1; row < edge; ++row) {
            std::copy_n(beyond, cell_bytes * edge, planes + cell_bytes * row * edge);
        }
    }
    return statistics(found, down * cols);
}

template CellStatistics block_planes(GridView<const float>, std::ptrdiff_t, std::ptrdiff_t,
                                     std::ptrdiff_t, const BlockRule&, std::uint8_t*,
                                     GridView<float>);
template CellStatistics block_planes(GridView<const double>, std::ptrdiff_t, std::ptrdiff_t,
                                     std::ptrdiff_t, const BlockRule&, std::uint8_t*,
                                     GridView<float>);

}  // namespace eemt
