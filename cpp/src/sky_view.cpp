#include "eemt/sky_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "eemt/constants.hpp"
#include "eemt/horizon.hpp"
#include "eemt/parallel.hpp"
#include "eemt/sky_view_rows.hpp"

namespace eemt {
namespace {

// The geometry of `count` cells from `first` on; the lanes behind them repeat the last one.
template <typename T>
void set_geometry(GridView<const T> slope_rad, GridView<const T> aspect_rad, std::ptrdiff_t first,
                  std::ptrdiff_t count, SkyViewCells<T>& cells) {
    for (std::ptrdiff_t i = 0; i < sky_view_lanes; ++i) {
        const std::ptrdiff_t at = first + std::min(i, count - 1);
        const T g = slope_rad.data[at], a = aspect_rad.data[at];
        cells.cos_slope[i] = std::cos(g);
        cells.sin_east[i] = std::sin(g) * std::sin(a);
        cells.sin_north[i] = std::sin(g) * std::cos(a);
        cells.hidden[i] = T(0);
    }
}

}  // namespace

template <typename T>
void sky_view_factor(const std::int16_t* horizon, int directions, GridView<const T> slope_rad,
                     GridView<const T> aspect_rad, GridView<T> sky_view, int threads) {
    const HideSky<T> hide = functions_of<T>(sky_view_functions());
    const std::ptrdiff_t plane = slope_rad.size();
    const std::ptrdiff_t chunks = (plane + sky_view_lanes - 1) / sky_view_lanes;
    parallel_for_static(chunks, threads, [&](std::ptrdiff_t chunk) {
        SkyViewCells<T> cells;
        const std::ptrdiff_t first = chunk * sky_view_lanes;
        const std::ptrdiff_t count = std::min<std::ptrdiff_t>(sky_view_lanes, plane - first);
        set_geometry(slope_rad, aspect_rad, first, count, cells);
        std::array<std::int16_t, sky_view_lanes> last{};
        for (int d = 0; d < directions; ++d) {
            const double psi = 2.0 * pi * d / directions;
            const std::int16_t* codes = horizon + d * plane + first;
            if (count < sky_view_lanes) {
                std::copy_n(codes, count, last.begin());
                codes = last.data();
            }
            hide(cells, codes, static_cast<T>(std::sin(psi)), static_cast<T>(std::cos(psi)));
        }
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            const T open = (T(1) + cells.cos_slope[i]) / T(2);
            sky_view.data[first + i] =
                horizon[first + i] == horizon_nodata
                    ? std::numeric_limits<T>::quiet_NaN()
                    : std::max(T(0), open - cells.hidden[i] / static_cast<T>(directions));
        }
    });
}

template void sky_view_factor(const std::int16_t*, int, GridView<const float>,
                              GridView<const float>, GridView<float>, int);
template void sky_view_factor(const std::int16_t*, int, GridView<const double>,
                              GridView<const double>, GridView<double>, int);

}  // namespace eemt
