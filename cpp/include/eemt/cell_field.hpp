// One quantity at every cell of a grid: a raster, or one number that holds
// everywhere and takes no memory.
#pragma once

#include <cmath>
#include <cstddef>

#include "eemt/grid_view.hpp"

namespace eemt {

template <typename T>
class CellField {
  public:
    CellField() = default;
    // A 1 x 1 grid is the number form.
    explicit CellField(GridView<const T> grid)
        : data_(grid.data),
          row_step_(grid.size() == 1 ? 0 : grid.cols),
          col_step_(grid.size() == 1 ? 0 : 1) {}

    T operator()(std::ptrdiff_t row, std::ptrdiff_t col) const {
        return data_[row * row_step_ + col * col_step_];
    }

  private:
    const T* data_ = nullptr;
    std::ptrdiff_t row_step_ = 0;
    std::ptrdiff_t col_step_ = 0;
};

// Nodata in any input makes the cell nodata. Tested once per cell, so that the
// formulas behind may clamp with plain comparisons, which would swallow a NaN.
template <typename... T>
bool any_missing(T... values) {
    return (std::isnan(values) || ...);
}

}  // namespace eemt
