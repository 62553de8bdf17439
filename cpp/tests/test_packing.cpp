// Packed planes of awkward grids: nothing is read or written beyond them, and cells come back.
#include <bit>

#include "check.hpp"
#include "eemt/packing.hpp"

using namespace eemt;
using namespace eemt::test;

namespace {

// The numbers whose differences from the planes through their neighbours were written.
std::vector<std::uint32_t> numbers_of(const std::vector<std::uint8_t>& planes, std::ptrdiff_t rows,
                                      std::ptrdiff_t cols) {
    const auto size = static_cast<std::size_t>(rows * cols),
               across = static_cast<std::size_t>(cols);
    std::vector<std::uint32_t> numbers(size);
    for (std::size_t i = 0; i < size; ++i) {
        std::uint32_t folded = 0;
        for (std::size_t plane = 0; plane < 4; ++plane) {
            folded |= static_cast<std::uint32_t>(planes[plane * size + i]) << 8U * plane;
        }
        const std::uint32_t off = folded >> 1U ^ (0U - (folded & 1U));
        const bool has_west = i % across != 0, has_north = i >= across;
        const std::uint32_t west = has_west ? numbers[i - 1] : 0;
        const std::uint32_t north = has_north ? numbers[i - across] : 0;
        const std::uint32_t corner = has_west && has_north ? numbers[i - across - 1] : 0;
        numbers[i] = off + west + north - corner;
    }
    return numbers;
}

void come_back(const Grid<float>& cells, int scale) {
    std::vector<std::uint8_t> planes(4 * cells.cells.size());
    const int taken = pack_planes(cells.read(), scale, planes.data());
    CHECK(taken == scale || taken == 0);
    const auto numbers = numbers_of(planes, cells.rows, cells.cols);
    for (std::size_t i = 0; i < cells.cells.size(); ++i) {
        const float back = taken == 0 ? std::bit_cast<float>(numbers[i])
                                      : static_cast<float>(static_cast<std::int32_t>(numbers[i]) /
                                                           static_cast<double>(taken));
        CHECK(std::bit_cast<std::uint32_t>(back) == std::bit_cast<std::uint32_t>(cells.cells[i]));
    }
}

void is_scaled(Grid<float> cells) {
    for (float& cell : cells.cells) {
        if (std::isnan(cell)) cell = -7.0F;
        cell = static_cast<float>(std::round(static_cast<double>(cell) * 10.0) / 10.0) + 0.0F;
    }
    std::vector<std::uint8_t> planes(4 * cells.cells.size());
    CHECK(pack_planes(cells.read(), 10, planes.data()) == 10);
    come_back(cells, 10);
}

}  // namespace

int main() {
    for (auto cells : awkward_grids<float>()) {
        for (const int scale : {0, 1, 10, 1000}) come_back(cells, scale);
        cells.cells.back() = -0.0F;
        for (const int scale : {0, 1, 10, 1000}) come_back(cells, scale);
        is_scaled(cells);
    }
}
