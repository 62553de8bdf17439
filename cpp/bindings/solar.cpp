// Sun position and irradiation.
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
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

// One number or array for both, or arrays that NumPy can broadcast: pybind11 calls others a
// RuntimeError.
void check_broadcast(const Doubles& latitude_rad, const Doubles& declination_rad) {
    const auto common = std::min(latitude_rad.ndim(), declination_rad.ndim());
    for (py::ssize_t axis = 1; axis <= common; ++axis) {
        const auto a = latitude_rad.shape(latitude_rad.ndim() - axis);
        const auto b = declination_rad.shape(declination_rad.ndim() - axis);
        if (a != b && a != 1 && b != 1) {
            wrong_shape("declination_rad",
                        "that broadcasts with latitude_rad's " + shape_text(latitude_rad),
                        declination_rad);
        }
    }
}

// (zenith, azimuth) of each Julian day.
py::tuple sun_position_py(const Doubles& julian_days_ut, double latitude_rad,
                          double longitude_rad) {
    if (julian_days_ut.ndim() != 1) wrong_shape("julian_days_ut", "(times,)", julian_days_ut);
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

// Columns of `days`; each row is an IrradiationDay.
enum DayColumn : std::ptrdiff_t {
    declination_rad,
    declination_rate,
    extraterrestrial_normal_w_m2,
    group,
    linke,
    linke_map_a,
    linke_map_b,
    linke_weight_b,
    day_columns
};

// A whole number from 0 to count - 1 out of a row of `days`.
std::ptrdiff_t day_index(GridView<const double> days, std::ptrdiff_t row, DayColumn column,
                         const char* name, std::ptrdiff_t count) {
    const double value = days(row, column);
    if (!(value >= 0.0 && value < static_cast<double>(count)) || value != std::floor(value)) {
        throw std::invalid_argument("days[" + std::to_string(row) + "] must name a " + name +
                                    " from 0 to " + std::to_string(count - 1) + ", got " +
                                    std::to_string(value));
    }
    return static_cast<std::ptrdiff_t>(value);
}

// `maps`: number of turbidity maps, of which a day without any names none.
std::vector<IrradiationDay> read_days(const Array<double>& days, std::ptrdiff_t groups,
                                      std::ptrdiff_t maps) {
    if (days.ndim() != 2 || days.shape(0) < 1 || days.shape(1) != day_columns) {
        wrong_shape("days", "(days, " + std::to_string(day_columns) + ") with at least one day",
                    days);
    }
    const auto table = view(days, "days");
    std::vector<IrradiationDay> result(static_cast<std::size_t>(table.rows));
    std::ptrdiff_t least_group = 0;
    for (std::ptrdiff_t i = 0; i < table.rows; ++i) {
        for (std::ptrdiff_t column = 0; column < day_columns; ++column) {
            if (!std::isfinite(table(i, column))) {
                throw std::invalid_argument("days must hold finite numbers, got " +
                                            std::to_string(table(i, column)) + " in days[" +
                                            std::to_string(i) + "]");
            }
        }
        IrradiationDay& day = result[static_cast<std::size_t>(i)];
        day.sun = {table(i, declination_rad), table(i, declination_rate),
                   table(i, extraterrestrial_normal_w_m2)};
        day.group = day_index(table, i, group, "group", groups);
        if (day.group < least_group) {
            throw std::invalid_argument("days must have rising groups, got group " +
                                        std::to_string(day.group) + " after group " +
                                        std::to_string(least_group));
        }
        least_group = day.group;
        day.linke = table(i, linke);
        if (maps == 0) continue;
        day.linke_map_a = day_index(table, i, linke_map_a, "turbidity map", maps);
        day.linke_map_b = day_index(table, i, linke_map_b, "turbidity map", maps);
        day.linke_weight_b = table(i, linke_weight_b);
    }
    return result;
}

// A block's cells are counted in 32 bits, and steps as well.
constexpr std::ptrdiff_t largest_block = 4096;
constexpr double shortest_step_hours = 1e-4, longest_step_hours = 24.0;

void check_block_and_step(std::ptrdiff_t block, double step_hours) {
    if (block < 1 || block > largest_block) {
        throw std::invalid_argument("block must lie in [1, " + std::to_string(largest_block) +
                                    "], got " + std::to_string(block));
    }
    if (!(step_hours >= shortest_step_hours && step_hours <= longest_step_hours)) {
        throw std::invalid_argument("step_hours must lie in [0.0001, 24], got " +
                                    std::to_string(step_hours));
    }
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
        input.horizon = planes_like(*horizon, "horizon", "directions", input.elevation_m);
        input.directions = horizon->shape(0);
    }
    if (linke_maps) {
        input.linke_maps = planes_like(*linke_maps, "linke_maps", "maps", input.elevation_m);
    }
    check_block_and_step(block, step_hours);
    input.block = block;
    input.anchor_row = anchor.first;
    input.anchor_col = anchor.second;
    input.rule = rsun ? DayRule::rsun : DayRule::exact;
    input.refraction = refraction;
    input.step_hours = step_hours;
    input.albedo = albedo;
    const auto list = read_days(days, groups, linke_maps ? linke_maps->shape(0) : 0);
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
    m.def(
        "sunset_hour_angle",
        [](const Doubles& latitude_rad, const Doubles& declination_rad) {
            check_broadcast(latitude_rad, declination_rad);
            return py::vectorize(&sunset_hour_angle)(latitude_rad, declination_rad);
        },
        py::arg("latitude_rad"), py::arg("declination_rad"));
    add_for_dtype<float>(m);
    add_for_dtype<double>(m);
}

}  // namespace eemt::bindings
