// Blocks of awkward grids: nothing read or written beyond them, bytes come back, NaN stays NaN.
#include "check.hpp"
#include "eemt/block_cells.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

void bytes_come_back(Grid<float>& cells) {
    std::vector<std::uint8_t> planes(4 * cells.cells.size());
    predict(cells.read(), planes.data());
    Grid<float> back(cells.rows, cells.cols);
    unpredict(planes.data(), back.view());
    for (std::size_t i = 0; i < cells.cells.size(); ++i) {
        CHECK(back.cells[i] == cells.cells[i] ||
              (std::isnan(back.cells[i]) && std::isnan(cells.cells[i])));
    }
}

void is_rounded(const Grid<float>& cells) {
    for (const int bits : {6, 10, 23}) {
        Grid<float> rounded(cells.rows, cells.cols);
        round_mantissa(cells.read(), bits, rounded.view());
        for (std::size_t i = 0; i < cells.cells.size(); ++i) {
            const float value = cells.cells[i];
            CHECK(std::isnan(value) == std::isnan(rounded.cells[i]));
            CHECK(std::isnan(value) ||
                  std::abs(rounded.cells[i] - value) <= std::ldexp(std::abs(value), -bits - 1));
        }
    }
}

template <typename T>
void has_blocks(const Grid<T>& cells) {
    constexpr std::ptrdiff_t edge = 8;
    std::int64_t counted = 0;
    for (const bool circular : {false, true}) {
        for (std::ptrdiff_t row0 = 0; row0 < cells.rows; row0 += edge) {
            for (std::ptrdiff_t col0 = 0; col0 < cells.cols; col0 += edge) {
                std::vector<std::uint8_t> planes(4 * edge * edge);
                Grid<float> halved((std::min(edge, cells.rows - row0) + 1) / 2,
                                   (std::min(edge, cells.cols - col0) + 1) / 2);
                const CellStatistics found =
                    block_planes<T>(cells.read(), row0, col0, edge, {2.0, 10, 7, circular},
                                    planes.data(), halved.view());
                counted += found.cells + found.gaps;
                CHECK(found.cells == 0 ? std::isnan(found.low) : found.low <= found.high);
                Grid<float> back(edge, edge);
                unpredict(planes.data(), back.view());
                const bool inside = row0 + edge <= cells.rows && col0 + edge <= cells.cols;
                CHECK(inside || std::isnan(back(edge - 1, edge - 1)));
            }
        }
    }
    CHECK(counted == 2 * cells.read().size());
}

}  // namespace

int main() {
    for (auto& cells : awkward_grids<float>()) {
        bytes_come_back(cells);
        is_rounded(cells);
        has_blocks(cells);
        Grid<float> halved((cells.rows + 1) / 2, (cells.cols + 1) / 2);
        halve(cells.read(), false, halved.view());
        halve(cells.read(), true, halved.view());
    }
    for (auto& cells : awkward_grids<double>()) has_blocks(cells);
}
