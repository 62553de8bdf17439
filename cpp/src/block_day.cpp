#include "block_day.hpp"

#include <algorithm>
#include <cmath>

#include "eemt/constants.hpp"

namespace eemt {

constexpr double same_moment = 2.0 * pi / 720.0;  // two minutes of hour angle

BlockDay block_day(double latitude_rad, double half_span_rad, const SunDay& sun) {
    const auto [rise_south, set_south] = sunrise_sunset(latitude_rad - half_span_rad, sun);
    const auto [rise_north, set_north] = sunrise_sunset(latitude_rad + half_span_rad, sun);
    const double apart =
        std::max(std::abs(rise_south - rise_north), std::abs(set_south - set_north));
    if (apart <= same_moment) return {sunrise_sunset(latitude_rad, sun), false};
    return {{std::min(rise_south, rise_north), std::max(set_south, set_north)}, true};
}

}  // namespace eemt
