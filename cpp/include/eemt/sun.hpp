// Where the sun is.
//
// Two ephemerides. `accurate` follows Meeus, "Astronomical Formulae for
// Calculators", ch. 18 (geometric longitude with the perturbations by Venus,
// Jupiter and the Moon) and "Astronomical Algorithms", ch. 22 and 25 (nutation,
// aberration, obliquity): within 0.01 degrees of NREL SPA from 1950 to 2100.
// `rsun` is the pair of day formulas of r.sun (Hofierka & Suri 2002).
//
// Hour angle: 0 at the sun's transit, growing westwards [rad]. Declination
// positive north. Azimuth clockwise from true north.
#pragma once

namespace eemt {

struct SunCoordinates {
    double declination_rad;
    double right_ascension_rad;
    double distance_au;
    double equation_of_equinoxes_rad;
};

// Apparent geocentric coordinates; `julian_day_ut` in universal time.
SunCoordinates sun_coordinates(double julian_day_ut);

// Julian day of a Gregorian date; `hours_ut` may lie outside 0-24.
double julian_day(int year, int month, int day, double hours_ut);

struct SunPosition {
    double zenith_rad;  // geometric (no refraction), topocentric (with parallax)
    double azimuth_rad;
};

SunPosition sun_position(double julian_day_ut, double latitude_rad, double longitude_rad);

// What a day of irradiation needs. Declination moves during the day; it is
// declination_rad + declination_rate * hour_angle.
struct SunDay {
    double declination_rad;               // at true solar noon
    double declination_rate;              // per radian of hour angle
    double extraterrestrial_normal_w_m2;  // at the day's distance
};

// The sun of a date as seen from a longitude (true solar noon there).
SunDay sun_day(int year, int month, int day, double longitude_rad);

// r.sun's sun of day number 1-365; the same in every year and at every longitude.
SunDay sun_day_rsun(int day_of_year);

// Half the length of a day of fixed declination, as an hour angle [rad, 0 to pi]: from
// sunrise to noon on the horizontal, without refraction.
double sunset_hour_angle(double latitude_rad, double declination_rad);

struct SunriseSunset {
    double sunrise_hour_angle_rad;  // negative
    double sunset_hour_angle_rad;
};

// The same with the declination moving: both ends solved for their own declination.
SunriseSunset sunrise_sunset(double latitude_rad, const SunDay& sun);

// Refraction of the atmosphere [rad] at a geometric altitude [rad]: ESRA (Rigollier et al.
// 2000, Eq. 11).
double atmospheric_refraction(double altitude_rad);

}  // namespace eemt
