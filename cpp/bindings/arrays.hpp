// How NumPy arrays cross the border: C-contiguous, of the exact dtype, never copied silently, and
// with the shape that the kernel will read. A wrong shape is a ValueError here, whoever calls.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "eemt/grid_view.hpp"

namespace eemt::bindings {

namespace py = pybind11;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

// As Python writes it: (3, 4).
inline std::string shape_text(const py::array& array) {
    std::string text = "(";
    for (py::ssize_t axis = 0; axis < array.ndim(); ++axis) {
        text += (axis > 0 ? ", " : "") + std::to_string(array.shape(axis));
    }
    return text + (array.ndim() == 1 ? ",)" : ")");
}

[[noreturn]] inline void wrong_shape(const std::string& name, const std::string& expected,
                                     const py::array& array) {
    throw std::invalid_argument(name + " must have shape " + expected + ", got shape " +
                                shape_text(array));
}

template <typename T>
std::string shape_text(const GridView<T>& grid) {
    return std::to_string(grid.rows) + ", " + std::to_string(grid.cols);
}

// An array (rows, cols) with at least one cell.
template <typename T>
GridView<const T> view(const Array<T>& array, const std::string& name) {
    if (array.ndim() != 2 || array.size() == 0) {
        wrong_shape(name, "(rows, cols) with at least one cell", array);
    }
    return {array.data(), array.shape(0), array.shape(1)};
}

// An array of the reference's shape.
template <typename T>
GridView<const T> view_like(const Array<T>& array, const std::string& name,
                            GridView<const T> reference) {
    if (array.ndim() != 2 || array.shape(0) != reference.rows || array.shape(1) != reference.cols) {
        wrong_shape(name, "(" + shape_text(reference) + ")", array);
    }
    return {array.data(), array.shape(0), array.shape(1)};
}

// An array (`planes`, rows, cols) with at least one plane, each of the reference's shape.
template <typename T, typename R>
const T* planes_like(const Array<T>& array, const std::string& name, const std::string& planes,
                     GridView<const R> reference) {
    if (array.ndim() != 3 || array.shape(0) < 1 || array.shape(1) != reference.rows ||
        array.shape(2) != reference.cols) {
        wrong_shape(name, "(" + planes + ", " + shape_text(reference) + ") with at least one plane",
                    array);
    }
    return array.data();
}

// For the kernels that number cells in 32 bits, of which one number is kept.
template <typename T>
GridView<const T> view_of_numbered(const Array<T>& array, const char* name) {
    const auto grid = view(array, name);
    if (grid.size() >= std::ptrdiff_t{1} << 32) {
        throw std::invalid_argument(std::string(name) +
                                    " must hold fewer than 2**32 cells, got shape " +
                                    shape_text(array));
    }
    return grid;
}

inline void check_edge(const std::string& name, double edge_m) {
    if (!(edge_m > 0.0) || std::isinf(edge_m)) {
        throw std::invalid_argument(name + " must be a length above 0, got " +
                                    std::to_string(edge_m));
    }
}

inline CellSize cell_size(double cell_x_m, double cell_y_m) {
    check_edge("cell_x_m", cell_x_m);
    check_edge("cell_y_m", cell_y_m);
    return {cell_x_m, cell_y_m};
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
