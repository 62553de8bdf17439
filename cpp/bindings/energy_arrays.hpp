// Inputs of the energy family: each is a (rows, cols) array or a (1, 1) array that
// stands for one number everywhere.
#pragma once

#include <utility>

#include "arrays.hpp"
#include "eemt/cell_field.hpp"
#include "eemt/cell_math.hpp"
#include "eemt/energy_parameters.hpp"
#include "eemt/parallel.hpp"

namespace eemt::bindings {

void add_energy_terms(py::module_& m);

// The shape that all fields of one call agree on.
struct FieldShape {
    std::ptrdiff_t rows = 1;
    std::ptrdiff_t cols = 1;
};

// Checks each array against the shape so far and hands out fields.
class FieldReader {
  public:
    template <typename T>
    CellField<T> operator()(const Array<T>& array, const char* name) {
        const auto grid = view(array, name);
        if (grid.size() == 1) return CellField<T>(grid);
        if (shape_.rows * shape_.cols == 1) shape_ = {grid.rows, grid.cols};
        if (grid.rows != shape_.rows || grid.cols != shape_.cols) {
            wrong_shape(name,
                        "(" + std::to_string(shape_.rows) + ", " + std::to_string(shape_.cols) +
                            ") or (1, 1)",
                        array);
        }
        return CellField<T>(grid);
    }
    FieldShape shape() const { return shape_; }

  private:
    FieldShape shape_;
};

// A new array holding cell(values...) of the fields, NaN where any value is NaN.
template <typename T, typename Cell, typename... Fields>
Array<T> over_fields(const FieldShape& shape, int threads, const Cell& cell,
                     const Fields&... fields) {
    NewGrid<T> out(shape.rows, shape.cols);
    {
        py::gil_scoped_release nogil;
        parallel_for_static(shape.rows, threads, [&](std::ptrdiff_t r) {
            for (std::ptrdiff_t c = 0; c < shape.cols; ++c) {
                out.grid(r, c) = any_missing(fields(r, c)...)
                                     ? std::numeric_limits<T>::quiet_NaN()
                                     : static_cast<T>(cell(fields(r, c)...));
            }
        });
    }
    return std::move(out.array);
}

}  // namespace eemt::bindings
