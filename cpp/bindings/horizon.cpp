// Horizons and sky view.
#include "eemt/horizon.hpp"

#include <pybind11/stl.h>

#include <array>
#include <tuple>
#include <vector>

#include "arrays.hpp"
#include "eemt/sky_view.hpp"
#include "families.hpp"

namespace eemt::bindings {
namespace {

// (elevation_m, cell_x_m, cell_y_m, x_m, y_m), fine to coarse.
template <typename T>
using FarTuples = std::vector<std::tuple<Array<T>, double, double, double, double>>;

template <typename T>
Array<std::int16_t> horizon_map_py(const Array<T>& elevation_m, double cell_x_m, double cell_y_m,
                                   std::array<std::ptrdiff_t, 4> window, int directions,
                                   std::array<std::int64_t, 2> anchor,
                                   const FarTuples<T>& far_field, bool curvature, bool refraction,
                                   int threads) {
    const auto elevation = view(elevation_m, "elevation_m");
    const auto [row0, col0, rows, cols] = window;
    if (directions < 1) throw std::invalid_argument("directions must be at least 1");
    if (row0 < 0 || col0 < 0 || rows < 1 || cols < 1 || row0 + rows > elevation.rows ||
        col0 + cols > elevation.cols) {
        throw std::invalid_argument("window must lie within elevation_m");
    }
    std::vector<FarLevel<T>> levels;
    for (const auto& [z, x_size, y_size, x, y] : far_field) {
        levels.push_back({view(z, "far_field"), {x_size, y_size}, x, y});
    }
    const HorizonOptions options{
        {cell_x_m, cell_y_m}, row0,      col0,       rows,   cols, anchor[0], anchor[1],
        directions,           curvature, refraction, threads};
    Array<std::int16_t> horizon({static_cast<std::ptrdiff_t>(directions), rows, cols});
    std::int16_t* out = horizon.mutable_data();
    {
        py::gil_scoped_release nogil;
        horizon_map<T>(elevation, levels, options, out);
    }
    return horizon;
}

template <typename T>
Array<T> sky_view_factor_py(const Array<std::int16_t>& horizon, const Array<T>& slope_rad,
                            const Array<T>& aspect_rad, int threads) {
    const auto slope = view(slope_rad, "slope_rad");
    const auto aspect = view_like(aspect_rad, "aspect_rad", slope);
    if (horizon.ndim() != 3 || horizon.shape(1) != slope.rows || horizon.shape(2) != slope.cols) {
        throw std::invalid_argument("horizon must have shape (directions, rows, cols)");
    }
    NewGrid<T> sky_view(slope.rows, slope.cols);
    const std::int16_t* codes = horizon.data();
    const int directions = static_cast<int>(horizon.shape(0));
    {
        py::gil_scoped_release nogil;
        sky_view_factor<T>(codes, directions, slope, aspect, sky_view.grid, threads);
    }
    return sky_view.array;
}

template <typename T>
void add_for_dtype(py::module_& m) {
    m.def("horizon_map", &horizon_map_py<T>, py::arg("elevation_m").noconvert(), py::kw_only(),
          py::arg("cell_x_m"), py::arg("cell_y_m"), py::arg("window"), py::arg("directions"),
          py::arg("anchor"), py::arg("far_field"), py::arg("curvature"), py::arg("refraction"),
          py::arg("threads") = 0);
    m.def("sky_view_factor", &sky_view_factor_py<T>, py::arg("horizon").noconvert(),
          py::arg("slope_rad").noconvert(), py::arg("aspect_rad").noconvert(), py::kw_only(),
          py::arg("threads") = 0);
}

}  // namespace

void add_horizon(py::module_& m) {
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
}

}  // namespace eemt::bindings
