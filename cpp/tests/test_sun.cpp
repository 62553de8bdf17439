// The sun over the centuries and at the poles: finite, and where a globe says it is.
#include "check.hpp"
#include "eemt/constants.hpp"
#include "eemt/sun.hpp"

using namespace eemt;

namespace {

void day_lengths() {
    for (int latitude_deg = -90; latitude_deg <= 90; latitude_deg += 5) {
        const double latitude = latitude_deg * deg_to_rad;
        for (int day = 1; day <= 365; day += 7) {
            const SunDay sun = sun_day_rsun(day);
            const double half = sunset_hour_angle(latitude, sun.declination_rad);
            CHECK(half >= 0 && half <= pi);
            // what one hemisphere has of day, the other has of night
            const double other = sunset_hour_angle(-latitude, sun.declination_rad);
            CHECK(std::abs(half + other - pi) < 1e-9);
            const auto [sunrise, sunset] = sunrise_sunset(latitude, sun);
            CHECK(sunrise <= 0 && sunset >= 0);
        }
    }
}

void positions() {
    for (int year = 1900; year <= 2100; year += 10) {
        for (int month = 1; month <= 12; ++month) {
            const double noon = julian_day(year, month, 15, 12.0);
            for (const double latitude_deg : {-90.0, -30.0, 0.0, 66.6, 90.0}) {
                const auto p = sun_position(noon, latitude_deg * deg_to_rad, 0.3);
                CHECK(p.zenith_rad > 0 && p.zenith_rad < pi);
                CHECK(p.azimuth_rad >= 0 && p.azimuth_rad <= 2 * pi);
            }
            const SunDay sun = sun_day(year, month, 15, -1.0);
            CHECK(std::abs(sun.declination_rad) < 23.5 * deg_to_rad);
            CHECK(std::abs(sun.extraterrestrial_normal_w_m2 / solar_constant_w_m2 - 1) < 0.04);
        }
    }
}

}  // namespace

int main() {
    day_lengths();
    positions();
}
