// Depression filling, flow and wetness.
#include "arrays.hpp"
#include "eemt/catchment.hpp"
#include "eemt/constants.hpp"
#include "eemt/depressions.hpp"
#include "eemt/dinfinity.hpp"
#include "eemt/neighbours.hpp"
#include "eemt/wetness.hpp"
#include "families.hpp"

namespace eemt::bindings {
namespace {

template <typename T>
Array<T> fill_depressions_py(const Array<T>& elevation_m) {
    const auto elevation = view_of_numbered(elevation_m, "elevation_m");
    NewGrid<T> filled(elevation.rows, elevation.cols);
    {
        py::gil_scoped_release nogil;
        fill_depressions<T>(elevation, filled.grid);
    }
    return filled.array;
}

template <typename T>
py::tuple flow_direction_py(const Array<T>& elevation_m, double cell_x_m, double cell_y_m,
                            int threads) {
    const auto elevation = view_of_numbered(elevation_m, "elevation_m");
    const CellSize cell = cell_size(cell_x_m, cell_y_m);
    NewGrid<T> direction(elevation.rows, elevation.cols), gradient(elevation.rows, elevation.cols);
    {
        py::gil_scoped_release nogil;
        flow_direction<T>(elevation, cell, direction.grid, gradient.grid, threads);
    }
    return py::make_tuple(direction.array, gradient.array);
}

// Compass::receivers() looks up bearings, of which there are none from 2 pi on.
template <typename T>
void check_directions(GridView<const T> direction_rad) {
    for (std::ptrdiff_t i = 0; i < direction_rad.size(); ++i) {
        const T direction = direction_rad.data[i];
        if (direction >= static_cast<T>(2.0 * pi) && has_data(direction)) {
            throw std::invalid_argument("direction_rad must lie below 2 pi, got " +
                                        std::to_string(direction));
        }
    }
}

template <typename T>
Array<double> specific_catchment_area_py(const Array<T>& direction_rad, double cell_x_m,
                                         double cell_y_m) {
    const auto direction = view_of_numbered(direction_rad, "direction_rad");
    const CellSize cell = cell_size(cell_x_m, cell_y_m);
    NewGrid<double> area(direction.rows, direction.cols);
    {
        py::gil_scoped_release nogil;
        check_directions(direction);
        catchment_area<T, double>(direction, cell, area.grid);
        for (std::ptrdiff_t i = 0; i < direction.size(); ++i) {
            area.grid.data[i] /= static_cast<double>(contour_width_m(direction.data[i], cell));
        }
    }
    return area.array;
}

template <typename T>
Array<T> topographic_wetness_index_py(const Array<T>& elevation_m, double cell_x_m, double cell_y_m,
                                      double min_gradient, int threads) {
    const auto elevation = view_of_numbered(elevation_m, "elevation_m");
    const CellSize cell = cell_size(cell_x_m, cell_y_m);
    NewGrid<T> wetness(elevation.rows, elevation.cols);
    {
        py::gil_scoped_release nogil;
        topographic_wetness_index<T>(elevation, cell, min_gradient, wetness.grid, threads);
    }
    return wetness.array;
}

template <typename T>
void add_for_dtype(py::module_& m) {
    m.def("fill_depressions", &fill_depressions_py<T>, py::arg("elevation_m").noconvert());
    m.def("flow_direction", &flow_direction_py<T>, py::arg("elevation_m").noconvert(),
          py::kw_only(), py::arg("cell_x_m"), py::arg("cell_y_m"), py::arg("threads") = 0);
    m.def("specific_catchment_area", &specific_catchment_area_py<T>,
          py::arg("direction_rad").noconvert(), py::kw_only(), py::arg("cell_x_m"),
          py::arg("cell_y_m"));
    m.def("topographic_wetness_index", &topographic_wetness_index_py<T>,
          py::arg("elevation_m").noconvert(), py::kw_only(), py::arg("cell_x_m"),
          py::arg("cell_y_m"), py::arg("min_gradient"), py::arg("threads") = 0);
}

}  // namespace

void add_water(py::module_& m) {
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
}

}  // namespace eemt::bindings
