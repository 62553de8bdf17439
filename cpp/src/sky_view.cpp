#include "eemt/sky_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "eemt/constants.hpp"
#include "eemt/horizon.hpp"
#include "eemt/parallel.hpp"

namespace eemt {
namespace {

// Cells of a row summed at a time, so that their sums stay in the first cache.
constexpr std::ptrdiff_t block = 256;

// acos(x) for x in [0, 1], absolute error below 3e-8 (Abramowitz & Stegun 4.4.46).
template <typename T>
T acos_positive(T x) {
    T p = T(-0.0012624911);
    p = p * x + T(0.0066700901);
    p = p * x + T(-0.0170881256);
    p = p * x + T(0.0308918810);
    p = p * x + T(-0.0501743046);
    p = p * x + T(0.0889789874);
    p = p * x + T(-0.2145988016);
    p = p * x + T(1.5707963050);
    return std::sqrt(std::max(T(0), T(1) - x)) * p;
}

// The integrand above a horizon at elevation h: sine of h, cos g, and
// facing = sin g cos(psi - a).
template <typename T>
T open_sky(T sine, T cos_slope, T facing) {
    const T cos2 = T(1) - sine * sine;
    return cos_slope * cos2 + facing * (acos_positive(sine) - sine * std::sqrt(cos2));
}

// Adds what the terrain hides in one direction, for `count` cells.
template <typename T>
void add_hidden(const std::int16_t* horizon, std::ptrdiff_t count, T east, T north,
                const T* cos_slope, const T* sin_east, const T* sin_north, T* hidden) {
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const T facing = sin_east[i] * east + sin_north[i] * north;
        const T rise = std::max(T(0), -facing);
        const T plane = rise / std::sqrt(cos_slope[i] * cos_slope[i] + rise * rise +
                                         std::numeric_limits<T>::min());
        const T terrain = static_cast<T>(horizon[i]) * static_cast<T>(1.0 / horizon_scale);
        const T skyline = std::max(plane, terrain);
        hidden[i] +=
            open_sky(plane, cos_slope[i], facing) - open_sky(skyline, cos_slope[i], facing);
    }
}

}  // namespace

template <typename T>
void sky_view_factor(const std::int16_t* horizon, int directions, GridView<const T> slope_rad,
                     GridView<const T> aspect_rad, GridView<T> sky_view, int threads) {
    const std::ptrdiff_t plane = slope_rad.size();
    parallel_for_static(slope_rad.rows, threads, [&](std::ptrdiff_t row) {
        std::array<T, block> cos_slope, sin_east, sin_north, hidden;
        for (std::ptrdiff_t col = 0; col < slope_rad.cols; col += block) {
            const std::ptrdiff_t count = std::min(block, slope_rad.cols - col);
            const std::ptrdiff_t offset = row * slope_rad.cols + col;
            for (std::ptrdiff_t i = 0; i < count; ++i) {
                const auto n = static_cast<std::size_t>(i);
                const T g = slope_rad.data[offset + i], a = aspect_rad.data[offset + i];
                cos_slope[n] = std::cos(g);
                sin_east[n] = std::sin(g) * std::sin(a);
                sin_north[n] = std::sin(g) * std::cos(a);
                hidden[n] = T(0);
            }
            for (int d = 0; d < directions; ++d) {
                const double psi = 2.0 * pi * d / directions;
                add_hidden(horizon + d * plane + offset, count, static_cast<T>(std::sin(psi)),
                           static_cast<T>(std::cos(psi)), cos_slope.data(), sin_east.data(),
                           sin_north.data(), hidden.data());
            }
            for (std::ptrdiff_t i = 0; i < count; ++i) {
                const auto n = static_cast<std::size_t>(i);
                const T open = (T(1) + cos_slope[n]) / T(2);
                sky_view.data[offset + i] =
                    horizon[offset + i] == horizon_nodata
                        ? std::numeric_limits<T>::quiet_NaN()
                        : std::max(T(0), open - hidden[n] / static_cast<T>(directions));
            }
        }
    });
}

template void sky_view_factor(const std::int16_t*, int, GridView<const float>,
                              GridView<const float>, GridView<float>, int);
template void sky_view_factor(const std::int16_t*, int, GridView<const double>,
                              GridView<const double>, GridView<double>, int);

}  // namespace eemt
