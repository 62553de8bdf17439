// What the sun's altitude alone decides, tabulated by its sine: set-up of blocks and days
// takes it from here instead of calling transcendental functions.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

namespace eemt {

class AltitudeTable {
  public:
    AltitudeTable();

    // The sea-level air mass m(x0 + d) = value + first d + second d^2.
    struct Expansion {
        double value, first, second;
    };
    // The same with its first term over the value.
    struct Relative {
        double value, first;
    };
    Relative relative_air_mass(double sin_altitude) const {
        const auto [w0, w1, w2] = about(inverse_mass_, sin_altitude);
        const double value = 1.0 / w0;
        return {value, -w1 * value};
    }
    Expansion air_mass(double sin_altitude) const {
        const auto [w0, w1, w2] = about(inverse_mass_, sin_altitude);
        const double r = w1 / w0;
        return {1.0 / w0, -r / w0, (r * r - w2 / w0) / w0};
    }

    // By how much refraction raises the sine of altitude.
    double lift(double sin_altitude) const { return about(lift_, sin_altitude).value; }

  private:
    // Quadratic interpolation on 4096 intervals: good to 1e-7 of the air mass for altitudes of
    // a tenth of a degree and more.
    static constexpr int size = 4096;
    using Values = std::array<double, size + 1>;

    static Expansion about(const Values& values, double sin_altitude) {
        const double x = std::clamp(sin_altitude, 0.0, 1.0) * size;
        // NOLINTNEXTLINE(bugprone-incorrect-roundings): of no negative number, and a call less
        const int i = std::clamp(static_cast<int>(x + 0.5), 1, size - 1);
        const auto at = static_cast<std::size_t>(i);
        const double before = values[at - 1], here = values[at], after = values[at + 1];
        const double u = x - i;
        const double slope = 0.5 * (after - before), bend = 0.5 * (after - 2.0 * here + before);
        return {here + u * (slope + u * bend), (slope + 2.0 * u * bend) * size, bend * size * size};
    }

    Values inverse_mass_{}, lift_{};
};

}  // namespace eemt
