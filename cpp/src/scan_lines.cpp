#include "eemt/scan_lines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "eemt/constants.hpp"

namespace eemt {
namespace {

constexpr double snap = 1e-6;

// Sine and cosine of index/count turns, by whole-number reduction to an eighth.
void sin_cos_turns(std::int64_t index, std::int64_t count, double& s, double& c) {
    const std::int64_t quadrant = 4 * index / count;
    const std::int64_t rest = 4 * index - quadrant * count;  // of 4 * count
    const auto angle = [&](std::int64_t part) {
        return 2.0 * pi * static_cast<double>(part) / static_cast<double>(4 * count);
    };
    double s0 = 0.0, c0 = 1.0;
    if (2 * rest == count) {
        s0 = c0 = std::sqrt(0.5);
    } else if (2 * rest < count) {
        s0 = std::sin(angle(rest)), c0 = std::cos(angle(rest));
    } else {
        s0 = std::cos(angle(count - rest)), c0 = std::sin(angle(count - rest));
    }
    switch (quadrant % 4) {
        case 0:
            s = s0, c = c0;
            break;
        case 1:
            s = c0, c = -s0;
            break;
        case 2:
            s = -s0, c = -c0;
            break;
        default:
            s = -c0, c = s0;
            break;
    }
}

}  // namespace

ScanDirection scan_direction(int index, int count, CellSize cell) {
    ScanDirection d;
    sin_cos_turns(index, count, d.east, d.north);
    const double cols = d.east / cell.x_m, rows = -d.north / cell.y_m;
    d.major_is_row = std::abs(rows) >= std::abs(cols);
    const double major = d.major_is_row ? rows : cols, minor = d.major_is_row ? cols : rows;
    d.sign = major > 0.0 ? 1 : -1;
    d.slope = minor == 0.0 ? 0.0 : minor / major;
    d.step_m = 1.0 / std::abs(major);
    return d;
}

template <typename T>
void ShiftTable<T>::fill(double slope, std::int64_t first, std::ptrdiff_t size, std::int64_t base) {
    shift.resize(static_cast<std::size_t>(size));
    fraction.resize(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < shift.size(); ++i) {
        const double x = slope * static_cast<double>(first + static_cast<std::int64_t>(i));
        double whole = std::floor(x), part = x - whole;
        if (part > 1.0 - snap) whole += 1.0, part = 0.0;
        if (part < snap) part = 0.0;
        shift[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(whole) - base);
        fraction[i] = static_cast<T>(part);
    }
}

template <typename T>
PaddedGrid<T>::PaddedGrid(GridView<const T> elevation, bool major_is_row)
    : major_(major_is_row ? elevation.rows : elevation.cols),
      minor_(major_is_row ? elevation.cols : elevation.rows),
      stride_(minor_ + 2 * pad) {
    data_.assign(static_cast<std::size_t>(major_ * stride_), std::numeric_limits<T>::quiet_NaN());
    constexpr std::ptrdiff_t block = 32;  // cells on a side, so that rows and columns stay in cache
    for (std::ptrdiff_t u0 = 0; u0 < major_; u0 += block) {
        for (std::ptrdiff_t v0 = 0; v0 < minor_; v0 += block) {
            for (std::ptrdiff_t u = u0; u < std::min(major_, u0 + block); ++u) {
                T* row = data_.data() + u * stride_ + pad;
                for (std::ptrdiff_t v = v0; v < std::min(minor_, v0 + block); ++v) {
                    const T z = major_is_row ? elevation(u, v) : elevation(v, u);
                    if (std::isfinite(z)) row[v] = z;
                }
            }
        }
    }
}

template struct ShiftTable<float>;
template struct ShiftTable<double>;
template class PaddedGrid<float>;
template class PaddedGrid<double>;

}  // namespace eemt
