// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/energy_year_rows.hpp"

#include <cstddef>
#include <cstdint>

#include "eemt/cell_math.hpp"
#include "eemt/vapour.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

// In all loops the output lies apart from the inputs.

void line(const double* __restrict north, const double* __restrict south, double part,
          std::ptrdiff_t points, double* __restrict out) {
    for (std::ptrdiff_t i = 0; i < points; ++i) out[i] = north[i] + part * (south[i] - north[i]);
}

void expand(const double* __restrict points, const std::int64_t* __restrict interval,
            const double* __restrict part, std::ptrdiff_t cells, double* __restrict out) {
    for (std::ptrdiff_t start = 0, end = 0; start < cells; start = end) {
        const auto here = interval[start];
        while (end < cells && interval[end] == here) ++end;
        const double west = points[here], rise = points[here + 1] - west;
        for (std::ptrdiff_t i = start; i < end; ++i) out[i] = west + part[i] * rise;
    }
}

bool split(std::int64_t row0, std::int64_t col0, std::ptrdiff_t rows, std::ptrdiff_t cols,
           std::ptrdiff_t cells, double* __restrict row, double* __restrict col,
           double* __restrict index) {
    // as doubles, which hold all whole numbers that can be
    const auto first_row = static_cast<double>(row0), first_col = static_cast<double>(col0);
    const auto width = static_cast<double>(cols);
    const double last_row = static_cast<double>(rows) - 2, last_col = width - 2;
    std::int64_t outside = 0;
    for (std::ptrdiff_t i = 0; i < cells; ++i) {
        const double from_top = row[i] - 0.5, from_left = col[i] - 0.5;
        const double above = __builtin_floor(from_top), before = __builtin_floor(from_left);
        const double r = above - first_row, c = before - first_col;
        // NaN is nowhere
        const bool inside = (r >= 0) & (r <= last_row) & (c >= 0) & (c <= last_col);
        outside += inside ? 0 : 1;
        row[i] = from_top - above;
        col[i] = from_left - before;
        index[i] = r * width + c;
    }
    return outside == 0;
}

void nodes(const double* __restrict values, double step, double first, double last,
           std::ptrdiff_t cells, double* __restrict index) {
    for (std::ptrdiff_t i = 0; i < cells; ++i) {
        const double node = __builtin_floor(values[i] / step) - first;
        const double not_below = node > 0 ? node : 0;  // of NaN, too
        index[i] = not_below < last ? not_below : last;
    }
}

// a + b e + s (c + d e) between the centres of four cells, with e and s the distances east and
// south.
struct Bilinear {
    double a, b, c, d;

    Bilinear(const double* field, const BlendPlane& plane, std::ptrdiff_t first) {
        // beyond the last row and column values are repeated
        const auto row = first / plane.cols, col = first - row * plane.cols;
        const auto east = col + 1 < plane.cols ? 1 : 0;
        const auto south = row + 1 < plane.rows ? plane.cols : 0;
        const double nw = field[first], ne = field[first + east];
        const double sw = field[first + south], se = field[first + south + east];
        a = nw;
        b = ne - nw;
        c = sw - nw;
        d = (se - sw) - b;
    }
    double operator()(double s, double e) const { return (a + b * e) + s * (c + d * e); }
    bool is_one() const { return a == 1 && b == 0 && c == 0 && d == 0; }
};

// Calls finish(value, i) at every cell, which makes of the mean what is kept.
template <typename Finish>
void blend(const BlendPlane& plane, const BlendPlaces& places, float* __restrict out,
           const Finish& finish) {
    const double* __restrict south = places.south, * __restrict east = places.east;
    for (std::ptrdiff_t k = 0; k < places.count; ++k) {
        const auto [start, end, first] = places.stretches[k];
        const Bilinear product(plane.products, plane, first);
        const Bilinear weight =
            plane.weights == nullptr ? product : Bilinear(plane.weights, plane, first);
        if (plane.weights == nullptr || weight.is_one()) {
            for (std::ptrdiff_t at = start; at < end; at += stretch_step) {
                for (std::ptrdiff_t i = at; i < at + stretch_step; ++i) {
                    out[i] = static_cast<float>(finish(product(south[i], east[i]), i));
                }
            }
            continue;
        }
        for (std::ptrdiff_t at = start; at < end; at += stretch_step) {
            for (std::ptrdiff_t i = at; i < at + stretch_step; ++i) {
                const double mean = product(south[i], east[i]) / weight(south[i], east[i]);
                out[i] = static_cast<float>(finish(mean, i));
            }
        }
    }
}

// Flattened: one call left in a loop would keep it from becoming vectors.
[[gnu::flatten]] void temperature(const BlendPlane& plane, const BlendPlaces& places,
                                  const float* __restrict elevation_m, double lapse_per_m,
                                  float* __restrict out) {
    blend(plane, places, out, [=](double at_sea_level, std::ptrdiff_t i) {
        return at_sea_level - lapse_per_m * static_cast<double>(elevation_m[i]);
    });
}

[[gnu::flatten]] void amount(const BlendPlane& plane, const BlendPlaces& places,
                             float* __restrict out) {
    blend(plane, places, out,
          [](double value, std::ptrdiff_t) { return value < 0 ? 0 : value; });  // NaN stays
}

void between(const double* __restrict node_x, const double* __restrict node_y,
             const Stretch* stretches, std::ptrdiff_t count, const double* __restrict x,
             float* __restrict out) {
    for (std::ptrdiff_t k = 0; k < count; ++k) {
        const auto [start, end, node] = stretches[k];
        const double x0 = node_x[node], y0 = node_y[node];
        const double slope = (node_y[node + 1] - y0) / (node_x[node + 1] - x0);
        for (std::ptrdiff_t at = start; at < end; at += stretch_step) {
            for (std::ptrdiff_t i = at; i < at + stretch_step; ++i) {
                out[i] = static_cast<float>(slope * (x[i] - x0) + y0);
            }
        }
    }
}

[[gnu::flatten]] void saturated(const float* __restrict tmin_c, std::ptrdiff_t cells,
                                float* __restrict out) {
    for (std::ptrdiff_t i = 0; i < cells; ++i) out[i] = 1000.0f * bolton<float>(tmin_c[i]);
}

[[gnu::flatten]] void humid(const float* __restrict tmin_c, const float* __restrict tmax_c,
                            float relative_humidity, std::ptrdiff_t cells, float* __restrict out) {
    for (std::ptrdiff_t i = 0; i < cells; ++i) {
        const float mean_c = 0.5f * (tmin_c[i] + tmax_c[i]);
        out[i] = 1000.0f * bolton<float>(mean_c) * relative_humidity;
    }
}

void add(const float* __restrict one, const float* __restrict other, const float* __restrict third,
         std::ptrdiff_t cells, float* __restrict out) {
    if (third == nullptr) {
        for (std::ptrdiff_t i = 0; i < cells; ++i) out[i] = one[i] + other[i];
    } else {
        for (std::ptrdiff_t i = 0; i < cells; ++i) out[i] = one[i] + other[i] + third[i];
    }
}

void keep(const float* __restrict e_bio, const float* __restrict e_ppt, std::ptrdiff_t cells,
          float* __restrict monthly, double* __restrict year, double* __restrict sum_bio,
          double* __restrict sum_ppt) {
    for (std::ptrdiff_t i = 0; i < cells; ++i) {
        const float eemt = e_bio[i] + e_ppt[i];
        monthly[i] = eemt;
        year[i] += static_cast<double>(eemt);
        sum_bio[i] += static_cast<double>(e_bio[i]);
        sum_ppt[i] += static_cast<double>(e_ppt[i]);
    }
}

}  // namespace

YearRowFunctions energy_year_rows() {
    return {&line,    &expand,    &split, &nodes, &temperature, &amount,
            &between, &saturated, &humid, &add,   &keep};
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
