// Terrain kernels: slope and aspect, sums over blocks of cells.
#include "arrays.hpp"
#include "eemt/block_sums.hpp"
#include "eemt/gradient.hpp"
#include "families.hpp"

namespace eemt::bindings {
namespace {

template <typename T>
py::tuple slope_aspect_py(const Array<T>& elevation_m, double cell_x_m, double cell_y_m,
                          int threads) {
    const auto elevation = view(elevation_m, "elevation_m");
    const CellSize cell = cell_size(cell_x_m, cell_y_m);
    NewGrid<T> slope(elevation.rows, elevation.cols), aspect(elevation.rows, elevation.cols);
    {
        py::gil_scoped_release nogil;
        slope_aspect<T>(elevation, cell, slope.grid, aspect.grid, threads);
    }
    return py::make_tuple(slope.array, aspect.array);
}

struct NewBlockSums {
    NewGrid<double> total_m;
    NewGrid<std::int64_t> count;
    NewGrid<float> highest_m;

    // those of blocks of 2 x 2 of (rows, cols)
    NewBlockSums(std::ptrdiff_t rows, std::ptrdiff_t cols)
        : total_m((rows + 1) / 2, (cols + 1) / 2),
          count((rows + 1) / 2, (cols + 1) / 2),
          highest_m((rows + 1) / 2, (cols + 1) / 2) {}

    BlockSumsOut out() const { return {total_m.grid, count.grid, highest_m.grid}; }
    py::tuple arrays() const { return py::make_tuple(total_m.array, count.array, highest_m.array); }
};

py::tuple block_sums_py(const Array<float>& elevation_m) {
    const auto elevation = view(elevation_m, "elevation_m");
    const NewBlockSums sums(elevation.rows, elevation.cols);
    {
        py::gil_scoped_release nogil;
        block_sums(elevation, sums.out());
    }
    return sums.arrays();
}

py::tuple merged_block_sums_py(const Array<double>& total_m, const Array<std::int64_t>& count,
                               const Array<float>& highest_m) {
    const auto total = view(total_m, "total_m");
    const GridView<const double> reference = total;
    const auto like = [&](const auto& array, const char* name) {
        if (array.ndim() != 2 || array.shape(0) != reference.rows ||
            array.shape(1) != reference.cols) {
            wrong_shape(name, "(" + shape_text(reference) + ")", array);
        }
    };
    like(count, "count");
    like(highest_m, "highest_m");
    const BlockSumsIn blocks{
        total, {count.data(), total.rows, total.cols}, {highest_m.data(), total.rows, total.cols}};
    const NewBlockSums sums(total.rows, total.cols);
    {
        py::gil_scoped_release nogil;
        merged_block_sums(blocks, sums.out());
    }
    return sums.arrays();
}

template <typename T>
void add_for_dtype(py::module_& m) {
    m.def("slope_aspect", &slope_aspect_py<T>, py::arg("elevation_m").noconvert(), py::kw_only(),
          py::arg("cell_x_m"), py::arg("cell_y_m"), py::arg("threads") = 0);
}

}  // namespace

void add_terrain(py::module_& m) {
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
    m.def("block_sums", &block_sums_py, py::arg("elevation_m").noconvert());
    m.def("merged_block_sums", &merged_block_sums_py, py::arg("total_m").noconvert(),
          py::arg("count").noconvert(), py::arg("highest_m").noconvert());
}

}  // namespace eemt::bindings
