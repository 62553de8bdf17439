#include "eemt/sun.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "eemt/constants.hpp"

namespace eemt {
namespace {

double sin_deg(double angle) { return std::sin(angle * deg_to_rad); }
double cos_deg(double angle) { return std::cos(angle * deg_to_rad); }

// Terrestrial time minus universal time [s], between tabulated years: observed to 2025,
// Espenak & Meeus's prediction after. Ten seconds change the sun by 0.0001 degrees.
double delta_t_s(double year) {
    struct Knot {
        double year, seconds;
    };
    constexpr std::array<Knot, 7> knots{{{1950, 29.1},
                                         {1975, 45.5},
                                         {2000, 63.8},
                                         {2010, 66.1},
                                         {2025, 69.2},
                                         {2050, 93.0},
                                         {2100, 203.0}}};
    for (std::size_t i = 1; i < knots.size(); ++i) {
        if (year <= knots[i].year || i + 1 == knots.size()) {
            const double t = (year - knots[i - 1].year) / (knots[i].year - knots[i - 1].year);
            return knots[i - 1].seconds + t * (knots[i].seconds - knots[i - 1].seconds);
        }
    }
    return knots.back().seconds;
}

}  // namespace

double julian_day(int year, int month, int day, double hours_ut) {
    // Meeus, Astronomical Algorithms, Eq. 7.1 (Gregorian calendar).
    if (month <= 2) {
        year -= 1;
        month += 12;
    }
    const double century = std::floor(year / 100.0);
    const double leap = 2.0 - century + std::floor(century / 4.0);
    return std::floor(365.25 * (year + 4716)) + std::floor(30.6001 * (month + 1)) + day + leap -
           1524.5 + hours_ut / 24.0;
}

SunCoordinates sun_coordinates(double julian_day_ut) {
    const double year = 2000.0 + (julian_day_ut - 2451545.0) / 365.25;
    const double jde = julian_day_ut + delta_t_s(year) / seconds_per_day;
    const double t = (jde - 2415020.0) / 36525.0;      // centuries from 1900 January 0.5
    const double t2000 = (jde - 2451545.0) / 36525.0;  // centuries from J2000
    const double mean_longitude = 279.69668 + 36000.76892 * t + 0.0003025 * t * t;
    const double anomaly = 358.47583 + 35999.04975 * t - 0.000150 * t * t - 0.0000033 * t * t * t;
    const double eccentricity = 0.01675104 - 0.0000418 * t - 0.000000126 * t * t;
    const double centre = (1.919460 - 0.004789 * t - 0.000014 * t * t) * sin_deg(anomaly) +
                          (0.020094 - 0.000100 * t) * sin_deg(2.0 * anomaly) +
                          0.000293 * sin_deg(3.0 * anomaly);
    // Perturbations [deg]: Venus (two terms), Jupiter, Moon, and one of long period.
    const double perturbation = 0.00134 * cos_deg(153.23 + 22518.7541 * t) +
                                0.00154 * cos_deg(216.57 + 45037.5082 * t) +
                                0.00200 * cos_deg(312.69 + 32964.3577 * t) +
                                0.00179 * sin_deg(350.74 + 445267.1142 * t - 0.00144 * t * t) +
                                0.00178 * sin_deg(231.19 + 20.20 * t);
    const double true_longitude = mean_longitude + centre + perturbation;
    const double distance = 1.0000002 * (1.0 - eccentricity * eccentricity) /
                            (1.0 + eccentricity * cos_deg(anomaly + centre));
    const double node = 125.04452 - 1934.136261 * t2000;  // of the Moon's orbit
    const double moon_longitude = 218.3165 + 481267.8813 * t2000;
    const double nutation = (-17.20 * sin_deg(node) - 1.32 * sin_deg(2.0 * mean_longitude) -
                             0.23 * sin_deg(2.0 * moon_longitude) + 0.21 * sin_deg(2.0 * node)) /
                            3600.0;
    const double aberration = -20.4898 / 3600.0 / distance;
    const double longitude = true_longitude + nutation + aberration;
    const double obliquity = 23.43929111 - 0.013004167 * t2000 +
                             (9.20 * cos_deg(node) + 0.57 * cos_deg(2.0 * mean_longitude)) / 3600.0;
    SunCoordinates sun{};
    sun.declination_rad = std::asin(sin_deg(obliquity) * sin_deg(longitude));
    sun.right_ascension_rad =
        std::atan2(cos_deg(obliquity) * sin_deg(longitude), cos_deg(longitude));
    sun.distance_au = distance;
    sun.equation_of_equinoxes_rad = nutation * cos_deg(obliquity) * deg_to_rad;
    return sun;
}

namespace {

// Apparent sidereal time at Greenwich minus right ascension [rad] (Meeus, Eq. 12.4).
double greenwich_hour_angle(double julian_day_ut, const SunCoordinates& sun) {
    const double days = julian_day_ut - 2451545.0;
    const double t = days / 36525.0;
    const double sidereal_deg = 280.46061837 + 360.98564736629 * days + 0.000387933 * t * t;
    return std::fmod(sidereal_deg, 360.0) * deg_to_rad + sun.equation_of_equinoxes_rad -
           sun.right_ascension_rad;
}

double wrap_pi(double angle) { return std::remainder(angle, 2.0 * pi); }

}  // namespace

SunPosition sun_position(double julian_day_ut, double latitude_rad, double longitude_rad) {
    const SunCoordinates sun = sun_coordinates(julian_day_ut);
    const double hour_angle = greenwich_hour_angle(julian_day_ut, sun) + longitude_rad;
    const double sin_phi = std::sin(latitude_rad), cos_phi = std::cos(latitude_rad);
    const double sin_dec = std::sin(sun.declination_rad), cos_dec = std::cos(sun.declination_rad);
    const double up = sin_phi * sin_dec + cos_phi * cos_dec * std::cos(hour_angle);
    const double east = -cos_dec * std::sin(hour_angle);
    const double north = cos_phi * sin_dec - sin_phi * cos_dec * std::cos(hour_angle);
    const double altitude = std::atan2(up, std::hypot(east, north));
    // Seen from the surface the sun stands lower by its parallax, 8.794 arc seconds.
    const double parallax = 8.794 / 3600.0 * deg_to_rad / sun.distance_au * std::cos(altitude);
    double azimuth = std::atan2(east, north);
    if (azimuth < 0.0) azimuth += 2.0 * pi;
    return {pi / 2.0 - altitude + parallax, azimuth};
}

SunDay sun_day(int year, int month, int day, double longitude_rad) {
    // True solar noon: two corrections of the mean noon bring the hour angle to zero.
    double noon = julian_day(year, month, day, 12.0 - longitude_rad * rad_to_deg / 15.0);
    for (int i = 0; i < 2; ++i) {
        const SunCoordinates sun = sun_coordinates(noon);
        noon -= wrap_pi(greenwich_hour_angle(noon, sun) + longitude_rad) / (2.0 * pi);
    }
    const SunCoordinates at_noon = sun_coordinates(noon);
    const double before = sun_coordinates(noon - 0.25).declination_rad;
    const double after = sun_coordinates(noon + 0.25).declination_rad;
    SunDay sun{};
    sun.declination_rad = at_noon.declination_rad;
    sun.declination_rate = (after - before) / pi;  // half a day is pi of hour angle
    sun.extraterrestrial_normal_w_m2 =
        solar_constant_w_m2 / (at_noon.distance_au * at_noon.distance_au);
    return sun;
}

SunDay sun_day_rsun(int day_of_year) {
    const double angle = 2.0 * pi * day_of_year / 365.25;
    SunDay sun{};
    sun.declination_rad =
        std::asin(0.3978 * std::sin(angle - 1.4 + 0.0355 * std::sin(angle - 0.0489)));
    sun.declination_rate = 0.0;
    sun.extraterrestrial_normal_w_m2 =
        solar_constant_w_m2 * (1.0 + 0.03344 * std::cos(angle - 0.048869));
    return sun;
}

double sunset_hour_angle(double latitude_rad, double declination_rad) {
    const double product = std::cos(latitude_rad) * std::cos(declination_rad);
    const double sines = std::sin(latitude_rad) * std::sin(declination_rad);
    if (std::abs(product) < 1e-12) return sines >= 0.0 ? pi : 0.0;
    return std::acos(std::clamp(-sines / product, -1.0, 1.0));
}

SunriseSunset sunrise_sunset(double latitude_rad, const SunDay& sun) {
    const double middle = sunset_hour_angle(latitude_rad, sun.declination_rad);
    SunriseSunset times{-middle, middle};
    for (int i = 0; i < 3; ++i) {
        times.sunrise_hour_angle_rad = -sunset_hour_angle(
            latitude_rad,
            sun.declination_rad + sun.declination_rate * times.sunrise_hour_angle_rad);
        times.sunset_hour_angle_rad = sunset_hour_angle(
            latitude_rad, sun.declination_rad + sun.declination_rate * times.sunset_hour_angle_rad);
    }
    return times;
}

double atmospheric_refraction(double altitude_rad) {
    const double h = altitude_rad;
    return 0.061359 * (0.1594 + 1.1230 * h + 0.065656 * h * h) /
           (1.0 + 28.9344 * h + 277.3971 * h * h);
}

}  // namespace eemt
