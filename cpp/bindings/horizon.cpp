// Horizons and sky view.
#include "eemt/horizon.hpp"

#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
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
std::vector<FarLevel<T>> far_levels(const FarTuples<T>& far_field) {
    std::vector<FarLevel<T>> levels;
    for (const auto& [z, cell_x_m, cell_y_m, x_m, y_m] : far_field) {
        const std::string name = "far_field[" + std::to_string(levels.size()) + "]";
        const auto elevation = view(z, name);
        check_edge(name + "'s cell_x_m", cell_x_m);
        check_edge(name + "'s cell_y_m", cell_y_m);
        if (!std::isfinite(x_m) || !std::isfinite(y_m)) {
            throw std::invalid_argument(name + "'s x_m and y_m must be finite, got " +
                                        std::to_string(x_m) + " and " + std::to_string(y_m));
        }
        // its buffers hold a line across such cells
        if (std::max(cell_x_m / cell_y_m, cell_y_m / cell_x_m) > 1e6) {
            throw std::invalid_argument(name + "'s cells must be less than 1e6 times as long as " +
                                        "wide");
        }
        levels.push_back({elevation, {cell_x_m, cell_y_m}, x_m, y_m});
    }
    return levels;
}

template <typename T>
Array<std::int16_t> horizon_map_py(const Array<T>& elevation_m, double cell_x_m, double cell_y_m,
                                   std::array<std::ptrdiff_t, 4> window, int directions,
                                   std::array<std::int64_t, 2> anchor,
                                   const FarTuples<T>& far_field, bool curvature, bool refraction,
                                   int threads) {
    const auto elevation = view(elevation_m, "elevation_m");
    const auto [row0, col0, rows, cols] = window;
    if (directions < 1) {
        throw std::invalid_argument("directions must be at least 1, got " +
                                    std::to_string(directions));
    }
    if (row0 < 0 || col0 < 0 || rows < 1 || cols < 1 || row0 > elevation.rows - rows ||
        col0 > elevation.cols - cols) {
        throw std::invalid_argument(
            "window must hold at least one cell and lie within elevation_m of shape " +
            shape_text(elevation_m) + ", got (" + std::to_string(row0) + ", " +
            std::to_string(col0) + ", " + std::to_string(rows) + ", " + std::to_string(cols) + ")");
    }
    const auto levels = far_levels(far_field);
    const CellSize cell = cell_size(cell_x_m, cell_y_m);
    // steps along a line are counted in 32 bits and, as positions on it, in single precision
    const double reach = reach_m(levels, static_cast<double>(elevation.cols) * cell.x_m,
                                 static_cast<double>(elevation.rows) * cell.y_m);
    if (!(reach / std::min(cell.x_m, cell.y_m) < 1 << 24)) {
        throw std::invalid_argument(
            "elevation_m and far_field must span fewer than 2**24 edges of elevation_m's cells");
    }
    const HorizonOptions options{cell,      row0,       col0,      rows,       cols,   anchor[0],
                                 anchor[1], directions, curvature, refraction, threads};
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
    NewGrid<T> sky_view(slope.rows, slope.cols);
    const std::int16_t* codes = planes_like(horizon, "horizon", "directions", slope);
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
