// How NumPy arrays cross the border: C-contiguous, exact dtype, never copied
// silently. The Python layer has already checked shapes and converted layouts.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <stdexcept>
#include <string>

#include "eemt/grid_view.hpp"

namespace eemt::bindings {

namespace py = pybind11;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

template <typename T>
GridView<const T> view(const Array<T>& array, const char* name) {
    if (array.ndim() != 2) {
        throw std::invalid_argument(std::string(name) +
                                    " must have 2 dimensions (rows, cols), got " +
                                    std::to_string(array.ndim()));
    }
    return {array.data(), array.shape(0), array.shape(1)};
}

template <typename T>
GridView<const T> view_like(const Array<T>& array, const char* name, GridView<const T> reference) {
    const auto grid = view(array, name);
    if (grid.rows != reference.rows || grid.cols != reference.cols) {
        throw std::invalid_argument(
            std::string(name) + " must have shape (" + std::to_string(reference.rows) + ", " +
            std::to_string(reference.cols) + "), got (" + std::to_string(grid.rows) + ", " +
            std::to_string(grid.cols) + ")");
    }
    return grid;
}

// A new (rows, cols) array and the view to fill it through.
template <typename T>
struct NewGrid {
    Array<T> array;
    GridView<T> grid;

    NewGrid(std::ptrdiff_t rows, std::ptrdiff_t cols)
        : array({rows, cols}), grid{array.mutable_data(), rows, cols} {}
};

}  // namespace eemt::bindings
