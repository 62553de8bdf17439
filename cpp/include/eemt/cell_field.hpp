// One quantity at every cell of a grid: a raster, or one number that holds
// everywhere and takes no memory.
#pragma once

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
    bool is_number() const { return col_step_ == 0; }
    // Where the cells from `first` on stand, counted row by row; a number stands at its one place.
    const T* from(std::ptrdiff_t first) const { return data_ + first * col_step_; }

  private:
    const T* data_ = nullptr;
    std::ptrdiff_t row_step_ = 0;
    std::ptrdiff_t col_step_ = 0;
};

}  // namespace eemt
