#include "eemt/packing.hpp"

#include <cstring>
#include <vector>

#include "eemt/packing_rows.hpp"

namespace eemt {

int pack_planes(GridView<const float> cells, int scale, std::uint8_t* planes) {
    const PackingRows rows = packing_rows();
    const auto cols = static_cast<std::size_t>(cells.cols);
    std::vector<std::uint32_t> numbers(cols), steps(cols, 0);
    for (std::ptrdiff_t row = 0; row < cells.rows; ++row) {
        const float* const here = &cells(row, 0);
        if (scale == 0) {
            std::memcpy(numbers.data(), here, cols * sizeof(float));
        } else if (!rows.scale(here, cells.cols, scale, numbers.data())) {
            return pack_planes(cells, 0, planes);
        }
        rows.off(numbers.data(), cells.cols, steps.data(), planes + row * cells.cols, cells.size());
    }
    return scale;
}

}  // namespace eemt
