// The sun's path over a block during a day, cut where it crosses the directions of the
// horizon map: there a cell's horizon is a stored number, and needs no interpolation.
#pragma once

#include <vector>

#include "altitude_table.hpp"
#include "eemt/sun.hpp"
#include "eemt/sunlit_cells.hpp"

namespace eemt {

// The sun in the equatorial frame of sunlit_cells.hpp.
struct SunVector {
    double pole, meridian, east;
};
SunVector sun_vector(const SunDay& sun, double hour_angle);

// The sun at equal intervals of hour angle, by rotation: no sine or cosine per moment.
class SunCourse {
  public:
    SunCourse(const SunDay& sun, double hour_angle, double width);

    double hour_angle() const { return hour_angle_; }
    SunVector sun() const;
    void advance();

  private:
    double rate_, sin_noon_, cos_noon_;  // of declination
    double width_, sin_width_, cos_width_;
    double hour_angle_, sine_, cosine_;
};

// A block's place on Earth.
struct Place {
    double sin_latitude, cos_latitude;
    double convergence_rad;  // true azimuth minus grid azimuth

    double sin_altitude(const SunVector& sun) const {
        return sin_latitude * sun.pole + cos_latitude * sun.meridian;
    }
    // Horizontal component towards north; also the change of sin_altitude with latitude.
    double northward(const SunVector& sun) const {
        return cos_latitude * sun.pole - sin_latitude * sun.meridian;
    }
};

// The day's steps: equal, from sunrise to sunset.
struct DaySteps {
    int count;
    double sunrise, width;  // hour angles

    double sunset() const { return sunrise + count * width; }
};

template <typename T>
class SunPath {
  public:
    // Over a place whose horizon map has so many directions (0: none, and no path to lay).
    SunPath(const Place& place, int directions);

    // Lays the path of a day. `beyond_day`: the steps begin before the place's own sunrise, for
    // cells that see the sun earlier, and the path runs below its horizon there.
    void lay(const SunDay& sun, const DaySteps& steps, const AltitudeTable& table, bool refraction,
             bool beyond_day);

    const std::vector<SunPathNode<T>>& nodes() const { return nodes_; }
    const std::vector<SunPathStretch<T>>& stretches() const { return stretches_; }

  private:
    struct Moment {
        double hour_angle;
        double position;  // azimuth, counted in directions, going on beyond the full circle
        double sine, northward;
    };
    // How a stretch departs from the straight line between its ends: at the share u of its
    // change in position by -bend u (1 - u).
    struct Bend {
        double hour_angle, sine;
    };

    void sample(const SunDay& sun, const DaySteps& steps, double floor);
    void cross(const SunDay& sun, std::size_t sample);
    void find_bends();
    void divide();
    bool holds(const Moment& from, const Moment& to, const Bend& bend, std::size_t sample) const;
    void finish(const DaySteps& steps, const AltitudeTable* refraction);

    Place place_;
    int directions_;
    struct Direction {
        double sine, cosine;
    };
    std::vector<Direction> azimuths_;  // of each direction, from true north
    std::vector<Moment> samples_, moments_, divided_;
    std::vector<SunVector> sampled_sun_;
    std::vector<Bend> divided_bends_;
    std::vector<Bend> bends_;  // of the stretch behind each moment
    std::vector<SunPathNode<T>> nodes_;
    std::vector<SunPathStretch<T>> stretches_;
};

}  // namespace eemt
