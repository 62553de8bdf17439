// A view of a (rows, cols) raster in memory that it does not own.
//
// Row 0 is the northern edge and rows run southwards; column 0 is the western
// edge. Rows are contiguous. Nodata is NaN.
#pragma once

#include <cmath>
#include <cstddef>

namespace eemt {

template <typename T>
struct GridView {
    T* data = nullptr;
    std::ptrdiff_t rows = 0;
    std::ptrdiff_t cols = 0;

    T& operator()(std::ptrdiff_t row, std::ptrdiff_t col) const { return data[row * cols + col]; }
    std::ptrdiff_t size() const { return rows * cols; }
    bool contains(std::ptrdiff_t row, std::ptrdiff_t col) const {
        return row >= 0 && row < rows && col >= 0 && col < cols;
    }
};

// Edge lengths of a cell [m]; cells need not be square.
struct CellSize {
    double x_m = 1.0;
    double y_m = 1.0;
};

}  // namespace eemt
