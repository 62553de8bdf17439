// Terrain kernels: slope and aspect.
#include "arrays.hpp"
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

template <typename T>
void add_for_dtype(py::module_& m) {
    m.def("slope_aspect", &slope_aspect_py<T>, py::arg("elevation_m").noconvert(), py::kw_only(),
          py::arg("cell_x_m"), py::arg("cell_y_m"), py::arg("threads") = 0);
}

}  // namespace

void add_terrain(py::module_& m) {
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
}

}  // namespace eemt::bindings
