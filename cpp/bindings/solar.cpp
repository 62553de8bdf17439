// Sun position and irradiation.
#include <pybind11/stl.h>

#include <optional>
#include <vector>

#include "arrays.hpp"
#include "eemt/irradiation.hpp"
#include "eemt/simd.hpp"
#include "eemt/sun.hpp"
#include "families.hpp"

namespace eemt::bindings {
namespace {

using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

// (zenith, azimuth) of each Julian day.
py::tuple sun_position_py(const Doubles& julian_days_ut, double latitude_rad,
                          double longitude_rad) {
    const auto n = julian_days_ut.size();
    py::array_t<double> zenith(n), azimuth(n);
    const double* jd = julian_days_ut.data();
    double *z = zenith.mutable_data(), *a = azimuth.mutable_data();
    {
        py::gil_scoped_release nogil;
        for (py::ssize_t i = 0; i < n; ++i) {
            const SunPosition p = sun_position(jd[i], latitude_rad, longitude_rad);
            z[i] = p.zenith_rad;
            a[i] = p.azimuth_rad;
        }
    }
    return py::make_tuple(zenith, azimuth);
}

py::tuple as_tuple(const SunDay& sun) {
    return py::make_tuple(sun.declination_rad, sun.declination_rate,
                          sun.extraterrestrial_normal_w_m2);
}

// Rows of `days`: declination, its rate, extraterrestrial irradiance, group, Linke number,
// map a, map b, weight of b.
std::vector<IrradiationDay> read_days(const Array<double>& days) {
    const auto table = view(days, "days");
    if (table.cols != 8) throw std::invalid_argument("days must have 8 columns");
    std::vector<IrradiationDay> result(static_cast<std::size_t>(table.rows));
    for (std::ptrdiff_t i = 0; i < table.rows; ++i) {
        auto& day = result[static_cast<std::size_t>(i)];
        day.sun = {table(i, 0), table(i, 1), table(i, 2)};
        day.group = static_cast<std::ptrdiff_t>(table(i, 3));
        day.linke = table(i, 4);
        day.linke_map_a = static_cast<std::ptrdiff_t>(table(i, 5));
        day.linke_map_b = static_cast<std::ptrdiff_t>(table(i, 6));
        day.linke_weight_b = table(i, 7);
    }
    return result;
}

template <typename T>
Array<T> irradiation_py(const Array<T>& elevation_m, const Array<T>& slope_rad,
                        const Array<T>& aspect_rad, const Array<T>& latitude_rad,
                        const Array<double>& days, std::ptrdiff_t groups,
                        const std::optional<Array<T>>& convergence_rad,
                        const std::optional<Array<T>>& sky_view,
                        const std::optional<Array<std::int16_t>>& horizon,
                        const std::optional<Array<T>>& linke_maps,
                        std::pair<std::ptrdiff_t, std::ptrdiff_t> anchor, std::ptrdiff_t block,
                        bool rsun, bool refraction, double step_hours, double albedo, int threads) {
    IrradiationInput<T> input;
    input.elevation_m = view(elevation_m, "elevation_m");
    input.slope_rad = view_like(slope_rad, "slope_rad", input.elevation_m);
    input.aspect_rad = view_like(aspect_rad, "aspect_rad", input.elevation_m);
    input.latitude_rad = view_like(latitude_rad, "latitude_rad", input.elevation_m);
    if (convergence_rad) {
        input.convergence_rad = view_like(*convergence_rad, "convergence_rad", input.elevation_m);
    }
    if (sky_view) input.sky_view = view_like(*sky_view, "sky_view", input.elevation_m);
    if (horizon) {
        input.horizon = horizon->data();
        input.directions = horizon->shape(0);
    }
    if (linke_maps) input.linke_maps = linke_maps->data();
    if (block < 1) throw std::invalid_argument("block must be at least 1");
    input.block = block;
    input.anchor_row = anchor.first;
    input.anchor_col = anchor.second;
    input.rule = rsun ? DayRule::rsun : DayRule::exact;
    input.refraction = refraction;
    input.step_hours = step_hours;
    input.albedo = albedo;
    const auto list = read_days(days);
    for (const auto& day : list) {
        if (day.group < 0 || day.group >= groups) {
            throw std::invalid_argument("days name a group outside 0 to groups-1");
        }
    }
    Array<T> sums({groups, component_count, input.elevation_m.rows, input.elevation_m.cols});
    T* target = sums.mutable_data();
    {
        py::gil_scoped_release nogil;
        irradiation<T>(input, list, groups, target, threads);
    }
    return sums;
}

template <typename T>
void add_for_dtype(py::module_& m) {
    m.def("irradiation", &irradiation_py<T>, py::arg("elevation_m").noconvert(),
          py::arg("slope_rad").noconvert(), py::arg("aspect_rad").noconvert(),
          py::arg("latitude_rad").noconvert(), py::kw_only(), py::arg("days").noconvert(),
          py::arg("groups"), py::arg("convergence_rad").noconvert(),
          py::arg("sky_view").noconvert(), py::arg("horizon").noconvert(),
          py::arg("linke_maps").noconvert(), py::arg("anchor"), py::arg("block"), py::arg("rsun"),
          py::arg("refraction"), py::arg("step_hours"), py::arg("albedo"), py::arg("threads"));
}

}  // namespace

void add_solar(py::module_& m) {
    m.def("sun_position", &sun_position_py, py::arg("julian_days_ut"), py::kw_only(),
          py::arg("latitude_rad"), py::arg("longitude_rad"));
    m.def("julian_day", &julian_day, py::arg("year"), py::arg("month"), py::arg("day"),
          py::arg("hours_ut"));
    m.def(
        "sun_day",
        [](int year, int month, int day, double longitude_rad) {
            return as_tuple(sun_day(year, month, day, longitude_rad));
        },
        py::arg("year"), py::arg("month"), py::arg("day"), py::kw_only(), py::arg("longitude_rad"));
    m.def(
        "sun_day_rsun", [](int day_of_year) { return as_tuple(sun_day_rsun(day_of_year)); },
        py::arg("day_of_year"));
    m.def("sunset_hour_angle", py::vectorize(&sunset_hour_angle), py::arg("latitude_rad"),
          py::arg("declination_rad"));
    m.def("simd_level", &simd_level_name);
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
}

}  // namespace eemt::bindings
